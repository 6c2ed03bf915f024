/** The values of each axis that are worth a trial with CUDA: what `refuse` leaves of their product is what a tuner searches. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { gpuSpace } from '../gpu/space.ts'
import type { Program } from '../program.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

/** Threads of a block: less leave schedulers without warps, and more have too few registers each. */
const threads = [128, 256, 512]

type Values = { readonly [Axis in keyof CudaSchedule]: readonly CudaSchedule[Axis][] }

/** @param extents - the spatial sizes that constants may stand for */
export const cudaSpace = (program: Program, dtype: StorageType, extents: readonly number[]): Values => {
  const widths = Object.keys(storages[dtype].vectors).map(Number)
  const values = gpuSpace(program, { threads, widths, extents })
  return {
    ...values,
    minBlocks: [1, 2, 4],
    // Pairs come in vectors.
    packed: isHalf(dtype) && values.vector.length > 1 ? ['none', 'pairs'] : [],
  }
}
