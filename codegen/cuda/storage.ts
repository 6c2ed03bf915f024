/**
 * How CUDA holds what tensors store: the types of memory, of arithmetic, and of vectors. Sixteen bits are stored as
 * `unsigned short` and computed in float32; conversions are our own, since NVRTC's package has no cuda_fp16.h.
 */
import type { StorageType } from '../../dsl/geometry.ts'

export interface CudaStorage {
  /** The type of an element in memory. */
  readonly element: string
  readonly bytes: number
  /** The type of arithmetic, and of everything that is not a tensor of the network: parameters, carriers, sums. */
  readonly real: 'float' | 'double'
  /** Vector types by the number of their elements: one access of up to 16 bytes. */
  readonly vectors: Readonly<Record<number, string>>
  /** Whether an element must be widened to compute with it. */
  readonly narrow: boolean
  /** Infinity as it is stored, where elements are bits. */
  readonly infinity: number
}

export const storages: Readonly<Record<StorageType, CudaStorage>> = {
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
