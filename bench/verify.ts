/** Whether contenders computed the same thing: a fast wrong answer is no figure to publish. */
import type { TensorData } from '../dsl/tensor.ts'

/** By name, channels first: `y`, or the gradients `x` and (gaussian) `weight`. */
export type Results = Readonly<Record<string, TensorData>>

/** Relative to the value or 1, whichever is larger. */
export const tolerance = 1e-4

export interface Agreement {
  /** The largest relative error; NaN where a result is missing, has another length, or is NaN where it should not be. */
  readonly maxError: number
  /** How many elements lie beyond the tolerance, of how many. */
  readonly beyond: number
  readonly elements: number
}

export const compare = (got: Results, want: Results): Agreement => {
  let maxError = 0
  let beyond = 0
  let elements = 0
  for (const [name, expected] of Object.entries(want)) {
    const actual = got[name]
    elements += expected.length
    if (actual?.length !== expected.length) return { maxError: Number.NaN, beyond: elements, elements }
    for (let i = 0; i < expected.length; i++) {
      const w = expected[i] ?? Number.NaN
      const error = Math.abs((actual[i] ?? Number.NaN) - w) / Math.max(1, Math.abs(w))
      if (!(error <= tolerance)) beyond++
      if (!(error <= maxError)) maxError = error
    }
  }
  return { maxError, beyond, elements }
}
