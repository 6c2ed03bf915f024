/** The types of WebGPU's face, as they arrive: a kernel's results are tensors that are read later. */
import { gaussianPool } from 'poolwright/specs'
import { openWebGpu, type WebGpu, type WebGpuTensor } from 'poolwright/webgpu'

const gpu: WebGpu = await openWebGpu({ adapter: { powerPreference: 'high-performance' } })
const kernel = await gaussianPool.compile({ target: gpu.target, kernelSize: 2, schedule: { threads: 128 } })
const x: WebGpuTensor = gpu.tensor([1, 1, 2, 2], new Float32Array(4))
const { y } = kernel.forward({ x, weight: gpu.tensor([1, 1, 1, 1], new Float32Array(1)) })
export const numbers: Float32Array | Float64Array | Int32Array | Uint16Array = await gpu.read(y)
gpu.release(y)
// @ts-expect-error: what is there without a GPU is 'js', and no name opens a device.
await gaussianPool.compile({ target: 'webgpu', kernelSize: 2 })
