/** What JavaScript kernels store tensors as: refused alike where one is compiled and where one is tuned. */
import { StorageError } from '../dsl/errors.ts'
import type { StorageType } from '../dsl/geometry.ts'

/** Typed arrays convert these by themselves; those of 16 bits would cost a kernel more than its arithmetic. */
const stored = ['float32', 'float64'] as const satisfies readonly StorageType[]
export type JsStorage = (typeof stored)[number]

/** @throws StorageError for a type that the target has not */
export const jsStorage = (dtype: StorageType): JsStorage => {
  const found = stored.find((one) => one === dtype)
  if (found) return found
  throw new StorageError(
    `the js target stores ${stored.join(' or ')}, not ${dtype}: take one of these (--dtype ${stored[0]}), or the target cuda, which has it (--target cuda)`,
  )
}
