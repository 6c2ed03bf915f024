/** ONNX Runtime Web with its WebGPU execution provider, on our device; it has no training, so no backward. */
import * as ort from 'onnxruntime-web/webgpu'
import type { PeerCalls } from '../../runtime/peer.ts'
import type { GpuBuffer } from '../../runtime/webgpu/api.ts'
import type { WebGpu } from '../../runtime/webgpu/index.ts'
import type { Job } from '../cases.ts'
import type { Contender } from './contender.ts'
import { modelOf } from './onnx.ts'

export const version = ort.env.versions.web ?? ort.env.versions.common

/** `STORAGE`, `COPY_SRC` and `COPY_DST`, which it asks of buffers. */
const usage = 128 | 4 | 8

const prepare = async (gpu: WebGpu, job: Job): Promise<PeerCalls> => {
  const provider = { name: 'webgpu', device: gpu.device }
  const session = await ort.InferenceSession.create(modelOf(job.operator, job.shape), { executionProviders: [provider] })
  const buffers: GpuBuffer[] = []
  const onDevice = (shape: readonly number[], bytes: number) => {
    const buffer = gpu.device.createBuffer({ size: Math.ceil(bytes / 16) * 16, usage })
    buffers.push(buffer)
    const tensor = ort.Tensor.fromGpuBuffer(buffer as unknown as ort.Tensor.GpuBufferType, { dataType: 'float32', dims: shape })
    return { buffer, tensor }
  }
  const feeds = Object.entries(job.inputs).map(([name, { shape, data }]) => {
    const { buffer, tensor } = onDevice(shape, data.byteLength)
    gpu.device.queue.writeBuffer(buffer, 0, data)
    return [name, tensor] as const
  })
  const { shape, data } = job.cotangents.y!
  const y = onDevice(shape, data.byteLength)
  const given = Object.fromEntries(feeds)
  return {
    run: async () => void (await session.run(given, { y: y.tensor })),
    results: async () => ({ y: await gpu.read(gpu.wrap(y.buffer, shape)) }),
    dispose: () => {
      void session.release()
      for (const buffer of buffers) buffer.destroy()
    },
  }
}

/** @param wasm - where its WebAssembly is served */
export const onnxRuntime = (gpu: WebGpu, wasm: string): Contender => {
  ort.env.wasm.wasmPaths = wasm
  ort.env.wasm.numThreads = 1
  ort.env.logLevel = 'error'
  return {
    name: 'ort',
    notes: [
      'WebGPU execution provider, channels first; inputs and results stay on the device, in buffers made once; each call is awaited, as its interface asks; it pools with channels last, and turns what it is given and gives',
      'gaussian by its operators, the variance as E[x^2] - E[x]^2; no backward',
    ],
    prepare: async (job) => (job.direction === 'forward' ? prepare(gpu, job) : undefined),
  }
}
