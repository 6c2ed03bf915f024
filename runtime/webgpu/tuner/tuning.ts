/** WebGPU to the tuner: its schedules, its text, and the adapter and the implementation that run it. */
import { programsOf } from '../../../codegen/program.ts'
import { defaultSchedule } from '../../../codegen/wgsl/default.ts'
import { emitWgsl } from '../../../codegen/wgsl/emit.ts'
import { refuse } from '../../../codegen/wgsl/refuse.ts'
import { type WgslSchedule, wgslAxes } from '../../../codegen/wgsl/schedule.ts'
import { reorderingAxes, wgslSpace } from '../../../codegen/wgsl/space.ts'
import { moduleBeside } from '../../beside.ts'
import type { Fields } from '../../store/store.ts'
import type { Target } from '../../target.ts'
import { checkPinned, type Problem, type Schedule, type Subject, searched } from '../../tuner/subject.ts'
import type { Tuning } from '../../tuner/tuning.ts'
import type { WebGpuDevice } from '../device.ts'
import { type OpenWebGpuOptions, openDevice } from '../open.ts'
import { checkStorage } from '../storage.ts'
import { clockOf } from './clock.ts'
import { wgslCost } from './model.ts'
import { workplaceOn } from './workplace.ts'

const subjectOn =
  ({ abilities }: WebGpuDevice) =>
  (problem: Problem): Subject => {
    const { operator, geometry, direction, dtype, extents, pinned, results } = problem
    checkStorage(dtype)
    checkPinned('webgpu', wgslAxes, problem)
    const program = programsOf(operator, geometry, results)[direction]
    const asWgsl = (schedule: Schedule): WgslSchedule => schedule as unknown as WgslSchedule
    return {
      problem,
      program,
      axes: searched(wgslSpace(program, extents), reorderingAxes, problem),
      usual: { ...defaultSchedule(program, dtype, pinned) },
      refuse: (schedule) => refuse(asWgsl(schedule), program, dtype, abilities),
      text: (schedule) =>
        emitWgsl(program, asWgsl(schedule), dtype, abilities)
          .map(({ source }) => source)
          .join('\n'),
      cost: (schedule) => wgslCost(program, asWgsl(schedule), problem),
    }
  }

/** The adapter by its own words, which driver it has among them, and what is between it and us. */
const fieldsOf = ({ device, description, implementation }: WebGpuDevice): Fields => {
  const { vendor = '', architecture = '', device: name = '', description: more = '' } = device.adapterInfo ?? {}
  return { adapter: description, vendor, architecture, device: name, description: more, implementation, clock: clockOf(device) }
}

/**
 * @param options - what the device was opened with, and others are that it is tried on: but for a caller's own, which is the
 *   only one, and is gone when a candidate has lost it
 * @param targetOn - the target on a device
 */
export const webGpuTuning = (
  device: WebGpuDevice,
  options: OpenWebGpuOptions,
  targetOn: (device: WebGpuDevice) => Target,
): Tuning => ({
  target: 'webgpu',
  device: fieldsOf(device),
  subject: subjectOn(device),
  open: async () => {
    const opened = await openDevice(options)
    return workplaceOn(opened, targetOn(opened))
  },
  get where() {
    return options.device ? undefined : { module: moduleBeside(import.meta.url, './process'), options }
  },
})
