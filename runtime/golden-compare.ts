/**
 * How far what a kernel hands on lies from what is expected. A number of 16 bits stands for all that are rounded to it: how near
 * the kernel came before it rounded cannot be seen, and it is this that the bounds of golden files are about.
 */
import type { StorageType } from '../dsl/geometry.ts'
import { isHalf, storages, ulp, widen } from '../dsl/storage.ts'
import { arrayWords, type Tensor } from '../dsl/tensor.ts'
import type { GoldenTensor } from './golden-file.ts'

/** The error allowed for a wanted value. */
export type Bound = (want: number) => number

/** The largest error over its bound, and where it stands. */
export interface Worst {
  readonly error: number
  readonly at: string
}

/** How far a wanted number lies from those that a stored one stands for. Bounds of 32 and 64 bits have their rounding in them. */
export const distanceFrom = (stored: number, want: number, storage: StorageType | 'int32'): number => {
  if (storage === 'int32' || !isHalf(storage)) return Math.abs(stored - want)
  const half = ulp(stored, storage) / 2
  if (Math.abs(stored) !== Number.POSITIVE_INFINITY) return Math.max(0, Math.abs(stored - want) - half)
  // Rounded to infinity is what lies half a step beyond the greatest number, or farther.
  const first = 2 ** (storages[storage].greatestExponent + 1) - half
  return Math.max(0, first - Math.sign(stored) * want)
}

/** The error over its bound: 0 where both are the same NaN or infinity, infinite where only one is. */
const errorOf = (got: number, want: number, bound: Bound, storage: StorageType | 'int32'): number => {
  if (Object.is(got, want) || got === want) return 0
  const distance = distanceFrom(got, want, storage)
  if (Number.isNaN(distance) || !Number.isFinite(want)) return Number.POSITIVE_INFINITY
  return distance === 0 ? 0 : distance / bound(want)
}

/** Compares a kernel's tensor with the one that is expected of it, and so with its shape and its kind of array. */
export const compare = (
  field: string,
  got: Tensor | undefined,
  want: GoldenTensor,
  bound: Bound,
  storage: StorageType | 'int32',
): Worst => {
  const wrong = (what: string): Worst => ({ error: Number.POSITIVE_INFINITY, at: `${field}: ${what}` })
  if (!got) return wrong('the kernel gives none')
  if (got.shape.join() !== want.shape.join())
    return wrong(`the shape is [${got.shape.join(', ')}], not [${want.shape.join(', ')}]`)
  const array = storage === 'int32' ? Int32Array : storages[storage].array
  if (!(got.data instanceof array))
    return wrong(`is ${arrayWords(got.data.constructor)}, but ${storage} is held by ${arrayWords(array)}`)
  const numbers = storage === 'int32' ? got.data : widen(got.data, storage)
  let worst: Worst = { error: 0, at: field }
  want.data.forEach((wanted, k) => {
    const error = errorOf(numbers[k]!, wanted, bound, storage)
    if (error > worst.error) worst = { error, at: `${field}[${k}] is ${numbers[k]}, not ${wanted}` }
  })
  return worst
}
