/**
 * The operators as shaders of WebGPU, on whatever adapter is here: one of a GPU, or one of the CPU, which tells whether they are
 * right, and not how fast a GPU is. Times are from the call until its numbers are read.
 */
import { PoolwrightError, type Tensor } from '../index.ts'
import { avgPool } from '../specs/index.ts'
import { entries, errorOverBound, geometry } from './operators.ts'
import { printTable } from './table.ts'

/** Prints a table of them, where there is an adapter, and gives their largest error as a share of its bound. */
export const onWebGpu = async (x: Tensor): Promise<number> => {
  const { openWebGpu } = await import('../runtime/webgpu/index.ts')
  const gpu = await openWebGpu().catch((error: unknown) => {
    if (!(error instanceof PoolwrightError)) throw error
    console.log(`\nShaders are left out: ${error.message}`)
  })
  if (gpu === undefined) return 0
  const { y: cotangent } = (await avgPool.compile(geometry)).forward({ x })
  const read = async (made: Tensor): Promise<Tensor> => {
    const there = { shape: made.shape, data: await gpu.read(made) }
    gpu.release(made)
    return there
  }
  const timed = async (call: () => Tensor): Promise<readonly [made: Tensor, ms: number]> => {
    await read(call())
    const start = performance.now()
    return [await read(call()), performance.now() - start]
  }
  const rows: string[][] = []
  let largest = 0
  for (const { title, compile } of entries) {
    const kernel = await compile(x, gpu.target)
    const oracle = await compile(x, 'oracle')
    const [pooled, forward] = await timed(() => kernel.forward())
    const [gradient, backward] = await timed(() => kernel.backward(cotangent))
    const errors = [errorOverBound(pooled, oracle.forward(), 1e-5), errorOverBound(gradient, oracle.backward(cotangent), 1e-4)]
    largest = Math.max(largest, ...errors)
    rows.push([title, ...[forward, backward].map((ms) => ms.toFixed(2)), ...errors.map((error) => error.toFixed(4))])
  }
  console.log(`\nThe same as shaders of WebGPU, on ${gpu.description}\n`)
  printTable(['operator', 'forward ms', 'backward ms', 'forward error', 'backward error'], rows)
  gpu[Symbol.dispose]()
  return largest
}
