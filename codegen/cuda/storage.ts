/**
 * How CUDA holds what tensors store: the types of memory, of arithmetic, and of vectors. Sixteen bits are stored as
 * `unsigned short` and computed in float32; conversions are our own, since NVRTC's package has no cuda_fp16.h.
 */
import type { StorageType } from '../../dsl/geometry.ts'
import type { GpuStorage } from '../gpu/storage.ts'

export const storages: Readonly<Record<StorageType, GpuStorage>> = {
  float32: { element: 'float', bytes: 4, real: 'float', vectors: { 2: 'float2', 4: 'float4' }, narrow: false, infinity: 0 },
  float64: { element: 'double', bytes: 8, real: 'double', vectors: { 2: 'double2' }, narrow: false, infinity: 0 },
  float16: {
    element: 'unsigned short',
    bytes: 2,
    real: 'float',
    vectors: { 2: 'ushort2', 4: 'ushort4' },
    narrow: true,
    infinity: 0x7c00,
  },
  bfloat16: {
    element: 'unsigned short',
    bytes: 2,
    real: 'float',
    vectors: { 2: 'ushort2', 4: 'ushort4' },
    narrow: true,
    infinity: 0x7f80,
  },
}
