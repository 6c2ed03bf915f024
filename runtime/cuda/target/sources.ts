/**
 * What CUDA text an operator becomes, without a compiler, a driver or a device: for people who want to read it, and for tools
 * that compile it themselves.
 */
import type { CudaSource } from '../../../codegen/cuda/emit.ts'
import type { CudaSchedule } from '../../../codegen/cuda/schedule.ts'
import type { CheckedOperator } from '../../../dsl/expression.ts'
import type { Geometry } from '../../../dsl/geometry.ts'
import type { TargetOptions } from '../../target.ts'
import { usualVariant } from './source.ts'
import { cudaPrograms } from './target.ts'

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
  options: Pick<TargetOptions, 'dtype' | 'results' | 'schedule'>,
): { readonly forward: ScheduledSource; readonly backward: ScheduledSource } => {
  const made = cudaPrograms(operator, geometry, options)
  const usual = ({ schedule, sourceFor }: (typeof made)['forward']): ScheduledSource => ({ ...sourceFor(usualVariant), schedule })
  return { forward: usual(made.forward), backward: usual(made.backward) }
}
