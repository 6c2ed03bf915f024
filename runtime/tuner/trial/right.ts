/** Whether a kernel computes what it should: the bounds of the golden files, of the oracle's numbers or of another kernel's. */
import { type StoredType, storageByName, widen } from '../../../dsl/storage.ts'
import { elements, type TensorData } from '../../../dsl/tensor.ts'
import { type Bound, compare } from '../../golden-compare.ts'
import type { Problem } from '../subject.ts'

/** What a direction makes, by name. */
export type Made = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: TensorData }>>

/** The error of float32's arithmetic that golden files allow, and float64's share of it; backward has sums of sums. */
const allowed = { forward: 1e-5, backward: 1e-4 } as const
const float64Share = 1e-4

/** How long a window's sums are: errors grow with the root of it. */
const tapsOf = ({ geometry, extents }: Problem): number =>
  geometry.kind === 'sliding' ? geometry.axes.reduce((taps, axis) => taps * axis.kernel, 1) : elements(extents)

/** @param sums - how many numbers a result sums beyond a window: of a parameter's gradient, all that it is shared by */
const boundOf = (problem: Problem, sums: number): Bound => {
  const share = allowed[problem.direction] * (problem.dtype === 'float64' ? float64Share : 1)
  const bound = share * Math.sqrt(tapsOf(problem) * sums)
  return (want) => bound * Math.max(1, Math.abs(want))
}

/** What every tensor that a direction writes is stored as, by its name. */
export const storedBy = ({ operator, dtype }: Pick<Problem, 'operator' | 'dtype'>): ((name: string) => StoredType) => {
  const storage = storageByName(operator, dtype)
  return (name) => (operator.results.get(name)?.type === 'int' ? 'int32' : storage(name))
}

/** Where what is made lies farther from what is wanted than rounding explains, in words; `undefined` where nowhere. */
export const differenceOf = (problem: Problem, got: Made, want: Made): string | undefined => {
  const stored = storedBy(problem)
  const largest = Math.max(...Object.values(want).map(({ shape }) => elements(shape)))
  for (const [name, { shape, data }] of Object.entries(want)) {
    const of = stored(name)
    const numbers = of === 'int32' ? data : widen(data, of)
    // A gradient that is smaller than the input is summed over what it does not vary with.
    const sums = problem.direction === 'backward' ? largest / elements(shape) : 1
    const worst = compare(name, got[name], { shape, data: Float64Array.from(numbers) }, boundOf(problem, sums), of)
    if (worst.error > 1) return `${worst.at}: ${worst.error.toPrecision(2)} times what rounding explains`
  }
  return undefined
}
