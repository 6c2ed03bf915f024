/** The schedules of WGSL kernels: the axes of every GPU's that one invocation can follow by itself. */
import type { GpuSchedule } from '../gpu/schedule.ts'

export type WgslSchedule = Pick<GpuSchedule, 'phases' | 'unroll' | 'outputsPerThread' | 'border' | 'threads' | 'extents'>

export const wgslAxes: readonly (keyof WgslSchedule)[] = ['phases', 'unroll', 'outputsPerThread', 'border', 'threads', 'extents']

/** The same with every axis of a GPU's. */
export const asGpu = (schedule: WgslSchedule): GpuSchedule => ({
  ...schedule,
  saved: [],
  vector: 1,
  packed: 'none',
  staging: 'none',
  sums: 'terms',
  lanes: 1,
})
