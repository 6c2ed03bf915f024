/** The operators of the example, and how what they compute is judged. */
import type { Target, Tensor } from '../index.ts'
import { avgPool, gaussianPool, maxPool, softPool } from '../specs/index.ts'

/** Windows side by side: each value of a result stands for four by four pixels. */
export const geometry = { kernelSize: 4, stride: 4 } as const
const taps = 16

/** One operator on a target: what the table and the picture need of it, whatever its arguments are called. */
interface Pooling {
  forward(): Tensor
  backward(cotangent: Tensor): Tensor
}

export interface Entry {
  readonly title: string
  readonly formula: string
  compile(x: Tensor, target: 'js' | 'oracle' | Target): Promise<Pooling>
}

export const entries: readonly Entry[] = [
  {
    title: 'max',
    formula: 'max(x)',
    async compile(x, target) {
      const kernel = await maxPool.compile({ ...geometry, target, results: ['y'] })
      return { forward: () => kernel.forward({ x }).y, backward: (cotangent) => kernel.backward({ x, cotangent }).x }
    },
  },
  {
    title: 'avg',
    formula: avgPool.formula,
    async compile(x, target) {
      const kernel = await avgPool.compile({ ...geometry, target })
      return { forward: () => kernel.forward({ x }).y, backward: (cotangent) => kernel.backward({ x, cotangent }).x }
    },
  },
  {
    title: 'softpool',
    formula: softPool.formula,
    async compile(x, target) {
      const kernel = await softPool.compile({ ...geometry, target })
      return { forward: () => kernel.forward({ x }).y, backward: (cotangent) => kernel.backward({ x, cotangent }).x }
    },
  },
  {
    title: 'gaussian',
    formula: gaussianPool.formula,
    async compile(x, target) {
      const kernel = await gaussianPool.compile({ ...geometry, target, shapes: { weight: 'scalar' } })
      const weight = 1
      return {
        forward: () => kernel.forward({ x, weight }).y,
        backward: (cotangent) => kernel.backward({ x, weight, cotangent }).x,
      }
    },
  },
]

/** The largest error as a share of what float32 storage allows. */
export const errorOverBound = (got: Tensor, want: Tensor, tolerance: number): number => {
  let largest = 0
  want.data.forEach((value, i) => {
    const error = Math.abs((got.data[i] ?? Number.NaN) - value) / (tolerance * Math.max(1, Math.abs(value)) * Math.sqrt(taps))
    if (!(error <= largest)) largest = error
  })
  return largest
}
