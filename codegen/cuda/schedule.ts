/** The schedules of CUDA kernels: what GPUs share, and how many registers a thread may take. */
import type { GpuSchedule } from '../gpu/schedule.ts'

/** `minBlocks`: the blocks that a multiprocessor must be able to hold, which bounds the registers of a thread; 0 leaves them to the compiler. */
export interface CudaSchedule extends GpuSchedule {
  readonly minBlocks: number
}

export const cudaAxes: readonly (keyof CudaSchedule)[] = [
  'phases',
  'saved',
  'unroll',
  'outputsPerThread',
  'border',
  'vector',
  'packed',
  'staging',
  'sums',
  'threads',
  'minBlocks',
  'lanes',
  'extents',
]

/** The axes that change in which order numbers are summed, and so the last bits of a result. */
export const reorderingAxes: readonly (keyof CudaSchedule)[] = ['sums', 'lanes']
