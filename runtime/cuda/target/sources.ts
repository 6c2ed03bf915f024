/**
 * What CUDA text an operator becomes, without a compiler, a driver or a device: for people who want to read it, and for tools
 * that compile it themselves.
 */
import { type CudaSource, emitCuda } from '../../../codegen/cuda/emit.ts'
import type { CudaSchedule } from '../../../codegen/cuda/schedule.ts'
import { programsOf } from '../../../codegen/program.ts'
import type { CheckedOperator } from '../../../dsl/expression.ts'
import type { Geometry } from '../../../dsl/geometry.ts'
import { pinnedOf } from '../../pinned.ts'
import type { TargetOptions } from '../../target.ts'
import { usualVariant } from './source.ts'
import { cudaScheduleFor } from './target.ts'

/** The text of one direction, and the schedule that it carries out. */
export interface ScheduledSource extends CudaSource {
  readonly schedule: CudaSchedule
}

/**
 * Emits both directions of an operator, for tensors below 2^31 elements.
 * @throws ArgumentError for a schedule that is refused, with the reason
 */
export const cudaSources = (
  operator: CheckedOperator,
  geometry: Geometry,
  { dtype, results, schedule: pinned }: Pick<TargetOptions, 'dtype' | 'results' | 'schedule'>,
): { readonly forward: ScheduledSource; readonly backward: ScheduledSource } => {
  const programs = programsOf(operator, geometry, results)
  const emit = (direction: 'forward' | 'backward'): ScheduledSource => {
    const program = programs[direction]
    const schedule = cudaScheduleFor(program, dtype, pinnedOf(pinned, direction))
    return { ...emitCuda(program, schedule, dtype, usualVariant), schedule }
  }
  return { forward: emit('forward'), backward: emit('backward') }
}
