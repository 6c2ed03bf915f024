/** The CUDA target: emits kernels, and hands them to what compiles them by NVRTC and runs them on a GPU or on the emulator. */
import { defaultSchedule } from '../../../codegen/cuda/default.ts'
import { emitCuda } from '../../../codegen/cuda/emit.ts'
import { refuse } from '../../../codegen/cuda/refuse.ts'
import { type CudaSchedule, cudaAxes } from '../../../codegen/cuda/schedule.ts'
import { type Program, programsOf } from '../../../codegen/program.ts'
import { type ByDirection, type Signed, signedOf } from '../../../codegen/signed.ts'
import { ArgumentError } from '../../../dsl/errors.ts'
import type { CheckedOperator } from '../../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../../dsl/geometry.ts'
import { checkAxes, pinnedOf } from '../../pinned.ts'
import type { Target, TargetOptions } from '../../target.ts'
import { type CudaSetting, launchCuda } from './launch.ts'
import type { SourceFor } from './source.ts'

/** The default schedule with the pinned axes put in, or the reason why not. */
export const cudaScheduleFor = (
  program: Program,
  dtype: StorageType,
  pinned: Readonly<Record<string, unknown>> = {},
): CudaSchedule => {
  checkAxes('cuda', cudaAxes, pinned)
  const schedule = defaultSchedule(program, dtype, pinned)
  const reason = refuse(schedule, program, dtype)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  return schedule
}

/** What both directions of an operator become, for launches of every kind, without a compiler or a device. */
export const cudaPrograms = (
  operator: CheckedOperator,
  geometry: Geometry,
  { dtype, results, schedule: pinned }: Pick<TargetOptions, 'dtype' | 'results' | 'schedule'>,
) => {
  const programs = programsOf(operator, geometry, results)
  const made = (direction: 'forward' | 'backward') => {
    const program = programs[direction]
    const schedule = cudaScheduleFor(program, dtype, pinnedOf(pinned, direction))
    const sourceFor: SourceFor = (variant) => emitCuda(program, schedule, dtype, variant)
    return { schedule, sourceFor }
  }
  return { signed: signedOf(programs, dtype), forward: made('forward'), backward: made('backward') }
}

/** The target over a device and a compiler; kernels that were built ahead of time are launched there too. */
export interface CudaTarget extends Target {
  launch(signed: Signed, sources: ByDirection<SourceFor>): ReturnType<typeof launchCuda>
}

/** `description` is what reports call device and compiler. */
export const cudaTarget = (description: string, setting: CudaSetting): CudaTarget => ({
  device: description,
  compile: (operator, geometry, options) => {
    const { signed, forward, backward } = cudaPrograms(operator, geometry, options)
    return launchCuda(setting, signed, { forward: forward.sourceFor, backward: backward.sourceFor })
  },
  launch: (signed, sources) => launchCuda(setting, signed, sources),
})
