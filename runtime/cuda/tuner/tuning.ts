/** CUDA to the tuner: its schedules, its text, and the device, driver and compiler that run it. */
import { defaultSchedule } from '../../../codegen/cuda/default.ts'
import { emitCuda } from '../../../codegen/cuda/emit.ts'
import { refuse } from '../../../codegen/cuda/refuse.ts'
import { type CudaSchedule, cudaAxes, reorderingAxes } from '../../../codegen/cuda/schedule.ts'
import { cudaSpace } from '../../../codegen/cuda/space.ts'
import { programsOf } from '../../../codegen/program.ts'
import { moduleBeside } from '../../beside.ts'
import { checkPinned, type Problem, type Schedule, type Subject, searched } from '../../tuner/subject.ts'
import { openWorkplace } from '../../tuner/trial/workplace.ts'
import type { Tuning } from '../../tuner/tuning.ts'
import type { CudaDevice } from '../device.ts'
import type { Arch } from '../nvrtc/arch.ts'
import type { Compiler } from '../nvrtc/options.ts'
import { usualVariant } from '../target/source.ts'
import { cudaCost } from './model.ts'
import type { DeviceChoice } from './workplace.ts'

export const cudaSubject = (problem: Problem): Subject => {
  const { operator, geometry, direction, dtype, extents, pinned, results } = problem
  checkPinned('cuda', cudaAxes, problem)
  const program = programsOf(operator, geometry, results)[direction]
  const asCuda = (schedule: Schedule): CudaSchedule => schedule as unknown as CudaSchedule
  return {
    problem,
    program,
    axes: searched(cudaSpace(program, dtype, extents), reorderingAxes, problem),
    usual: { ...defaultSchedule(program, dtype, pinned) },
    refuse: (schedule) => refuse(asCuda(schedule), program, dtype),
    text: (schedule) => emitCuda(program, asCuda(schedule), dtype, usualVariant).source,
    cost: (schedule) => cudaCost(program, asCuda(schedule), problem),
  }
}

/** What is opened already, and what another process opens it by. */
export interface Opened {
  readonly device: CudaDevice
  readonly compiler: Pick<Compiler, 'version'>
  readonly arch: Arch
  readonly options: DeviceChoice
}

export const cudaTuning = ({ device, compiler, arch, options }: Opened): Tuning => {
  const where = { module: moduleBeside(import.meta.url, './workplace'), options }
  return {
    target: 'cuda',
    device: { name: device.description, arch: `sm_${arch.arch}`, nvrtc: compiler.version.join('.') },
    subject: cudaSubject,
    open: () => openWorkplace(where),
    where,
  }
}
