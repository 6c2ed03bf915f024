/** How WGSL holds what tensors store. */
import type { GpuStorage } from '../gpu/storage.ts'

export const float32: GpuStorage = { element: 'f32', bytes: 4, real: 'float', vectors: {}, narrow: false, infinity: 0 }
