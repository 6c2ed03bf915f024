/** In a page: what callers of `poolwright/webgpu` rely on, told as plain values, since errors and devices stay here. */
import { operatorFromFormula } from '../../../dsl/free-formula.ts'
import { normaliseGeometry } from '../../../dsl/geometry.ts'
import { settle } from '../../../dsl/settle.ts'
import { compile } from '../../../index.ts'
import { oracleTarget } from '../../../runtime/oracle-target.ts'
import { readFrom } from '../../../runtime/target.ts'
import type { Gpu } from '../../../runtime/webgpu/api.ts'
import { WebGpuDevice } from '../../../runtime/webgpu/device.ts'
import { openWebGpu } from '../../../runtime/webgpu/index.ts'
import { wgslSources } from '../../../runtime/webgpu/target.ts'
import { gaussianPool, maxPool } from '../../../specs/index.ts'

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, k) => Math.sin(k))
const x = { shape: [2, 3, 6, 6], data: ramp(216) }

/** What work throws, or what its promise is broken with. */
const thrownBy = async (work: () => unknown): Promise<{ readonly name: string; readonly message: string } | undefined> => {
  try {
    await work()
    return undefined
  } catch (error) {
    const { name, message } = error as Error
    return { name, message }
  }
}

/** A formula's results for a seed, of shaders and of the oracle. */
export const drawn = async (formula: string, seed: string) => {
  const { target } = await openWebGpu()
  const operator = settle(operatorFromFormula(formula))
  const geometry = normaliseGeometry({ dims: 2, kernelSize: 2 })
  const [here, there] = await Promise.all(
    [target, oracleTarget].map(async (one) => {
      const kernel = await one.compile(operator, geometry, { dtype: 'float32' })
      const { y } = await readFrom(one, kernel.forward({ x }, { seed: BigInt(seed) }))
      return [...y!.data]
    }),
  )
  return { here: here!, there: there! }
}

/** Pools on a device that the page asked for by itself, in buffers of its own, and uses it after ours is closed. */
export const onOwnDevice = async () => {
  const { gpu } = (globalThis as unknown as { readonly navigator: { readonly gpu: Gpu } }).navigator
  const device = await (await gpu.requestAdapter())!.requestDevice()
  const { GPUBufferUsage: usage } = globalThis as unknown as { readonly GPUBufferUsage: Readonly<Record<string, number>> }
  const from = device.createBuffer({ size: 4 * 216, usage: usage.STORAGE! | usage.COPY_DST! })
  const to = device.createBuffer({ size: 4 * 54, usage: usage.STORAGE! | usage.COPY_SRC! })
  device.queue.writeBuffer(from, 0, x.data)
  const ours = await openWebGpu({ device })
  const kernel = await maxPool.compile({ kernelSize: 2, target: ours.target, results: ['y'] })
  const y = ours.wrap(to, [2, 3, 3, 3])
  kernel.forward({ x: ours.wrap(from, x.shape) }, { out: { y } })
  const got = [...(await y.read())]
  ours[Symbol.dispose]()
  const next = device.createBuffer({ size: 4, usage: usage.STORAGE! })
  const want = (await maxPool.compile({ kernelSize: 2 })).forward({ x }).y.data
  return { got, want: [...want], sizeAfter: next.size }
}

/** A device is destroyed while something is read; then it is used once more, and another is opened. */
export const lost = async () => {
  const gpu = await openWebGpu()
  const kernel = await maxPool.compile({ kernelSize: 2, target: gpu.target, results: ['y'] })
  const { y } = kernel.forward({ x })
  const reading = gpu.read(y)
  gpu.device.destroy()
  const pending = await thrownBy(() => reading)
  await gpu.device.lost
  const launching = await thrownBy(() => kernel.forward({ x }))
  const later = await thrownBy(() => gpu.read(y))
  const another = await openWebGpu()
  const again = await maxPool.compile({ kernelSize: 2, target: another.target, results: ['y'] })
  return { pending, launching, later, elements: (await another.read(again.forward({ x }).y)).length }
}

/** A shader with a word that it does not declare, in the line that stores the result. */
export const corrupted = async () => {
  const { device } = await openWebGpu()
  const sources = wgslSources(settle(gaussianPool, {}), normaliseGeometry({ dims: 2, kernelSize: 2 }), { dtype: 'float32' })
  const [kernel] = sources.forward.kernels
  const lines = kernel!.source.split('\n')
  const at = lines.findIndex((line) => line.includes('y[out'))
  lines[at] = lines[at]!.replace(' = ', ' = nobody + ')
  const under = new WebGpuDevice(device, 'under test', false)
  const thrown = await thrownBy(() => under.pipeline({ ...kernel!, source: lines.join('\n') }))
  return { number: at + 1, line: lines[at]!, thrown }
}

/** A schedule that nobody has to name: the default one, on a kernel of the public face, both ways, with infinities and NaN. */
export const pooled = async () => {
  const gpu = await openWebGpu()
  const kernel = await compile(operatorFromFormula('max(x)'), { kernelSize: 2, target: gpu.target })
  const special = Float32Array.of(Number.NaN, 1, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 2, 3, 0, 1e-40)
  const input = { shape: [1, 1, 4, 2], data: special }
  const { y } = kernel.forward({ x: input })
  const cotangent = { shape: [1, 1, 2, 1], data: Float32Array.of(5, Number.POSITIVE_INFINITY) }
  const gradient = kernel.backward({ x: input, cotangent })
  return { y: [...(await gpu.read(y!))], gradient: [...(await gpu.read(gradient.x!))] }
}
