/** What the WebGPU target stores tensors as. */
import { StorageError } from '../../dsl/errors.ts'
import type { StorageType } from '../../dsl/geometry.ts'

/** @throws StorageError for what WGSL has no type of */
export const checkStorage = (dtype: StorageType): void => {
  if (dtype !== 'float64') return
  throw new StorageError(
    `the webgpu target stores float32, float16 and bfloat16, not ${dtype}: take one of those (--dtype float32), or the target cuda, which has ${dtype} (--target cuda)`,
  )
}
