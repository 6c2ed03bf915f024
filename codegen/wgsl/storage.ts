/**
 * How WGSL holds what tensors store. There are no arrays of 16 bits without the feature `shader-f16`, and none of bfloat16 at
 * all: two elements share a word then. Vectors are the language's own in each.
 */
import type { StorageType } from '../../dsl/geometry.ts'
import type { GpuStorage } from '../gpu/storage.ts'
import type { Abilities } from './abilities.ts'

/** The storage types that shaders have; WGSL has no float64. */
export type WgslStorage = Exclude<StorageType, 'float64'>

const vectors = { 2: 'vec2<f32>', 4: 'vec4<f32>' }

const float32: GpuStorage = { element: 'f32', bytes: 4, real: 'float', vectors, narrow: false, infinity: 0 }

export const storageFor = (dtype: WgslStorage, { halves }: Abilities): GpuStorage => {
  switch (dtype) {
    case 'float32':
      return float32
    case 'float16':
      return { ...float32, element: halves ? 'f16' : 'u32', bytes: 2, narrow: true }
    case 'bfloat16':
      return { ...float32, element: 'u32', bytes: 2, narrow: true }
    default:
      return dtype satisfies never
  }
}
