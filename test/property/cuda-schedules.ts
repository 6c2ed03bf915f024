/** Random schedules of CUDA kernels: what GPUs share, and CUDA's own axis. */
import fc from 'fast-check'
import { defaultSchedule } from '../../codegen/cuda/default.ts'
import { refuse } from '../../codegen/cuda/refuse.ts'
import { cudaAxes } from '../../codegen/cuda/schedule.ts'
import { programsOf } from '../../codegen/program.ts'
import type { StorageType } from '../../dsl/geometry.ts'
import { type Arguments, acceptedBy } from './cases.ts'
import { type Drawn, gpuDraws, type Known, wished } from './gpu-schedules.ts'

type DrawnCuda = Drawn & { readonly minBlocks: number }

/** A storage type and a schedule as drawn. Most cases are of float32, which is what most kernels are. */
export interface CudaWish {
  readonly dtype: StorageType
  readonly axes: DrawnCuda
}

export const cudaWishes: fc.Arbitrary<CudaWish> = fc.record({
  dtype: fc.constantFrom<StorageType>('float32', 'float32', 'float32', 'float32', 'float64', 'float16', 'float16', 'bfloat16'),
  axes: fc.record({ ...gpuDraws, minBlocks: fc.constantFrom(0, 0, 2) }) as fc.Arbitrary<DrawnCuda>,
})

/** The axes of a wish that both directions of a case accept, each on its own. */
export const scheduleFor = (
  given: Pick<Arguments, 'operator' | 'geometry'>,
  extents: readonly number[],
  { dtype, axes }: CudaWish,
): Record<string, unknown> => {
  const { operator, geometry } = given
  const known: Known = { dims: geometry.dims, extents, program: programsOf(operator, geometry).backward }
  const all = cudaAxes.map((axis) => (axis === 'minBlocks' ? { minBlocks: axes.minBlocks } : wished(axis, axes, known)))
  return acceptedBy(given, all, (pinned, program) => refuse(defaultSchedule(program, dtype, pinned), program, dtype))
}
