/** The schedules of WGSL kernels: the axes of every GPU's but the arithmetic on pairs of 16-bit numbers, which the language has not. */
import type { GpuSchedule } from '../gpu/schedule.ts'

export type WgslSchedule = Omit<GpuSchedule, 'packed'>

export const wgslAxes: readonly (keyof WgslSchedule)[] = [
  'phases',
  'saved',
  'unroll',
  'outputsPerThread',
  'border',
  'vector',
  'staging',
  'sums',
  'threads',
  'lanes',
  'extents',
]

/** The same with every axis of a GPU's. */
export const asGpu = (schedule: WgslSchedule): GpuSchedule => ({ ...schedule, packed: 'none' })
