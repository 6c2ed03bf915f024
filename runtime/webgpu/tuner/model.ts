/**
 * How long shaders should take: the larger of what memory, arithmetic and loads need, on a GPU as laptops have it. It ranks; its
 * milliseconds are those of no device. An adapter tells nothing of its registers, of how many invocations it has at once, or
 * that it is a processor in truth: what the model gets wrong, a search corrects.
 */
import type { Program } from '../../../codegen/program.ts'
import { asGpu, type WgslSchedule } from '../../../codegen/wgsl/schedule.ts'
import { type ModelSizes, workOf } from '../../tuner/gpu-work.ts'

/** Of the whole device, a second. A dispatch waits for the one before, and there is little to do beside it. */
const device = { bytes: 2e11, operations: 4e12, accesses: 1e12, dispatch: 5e-6 }

/** Invocations that keep it busy. */
const enough = 32 * 1024

/** Elements that an invocation holds before it leaves room for fewer beside it. */
const roomy = 32

/** Milliseconds that a schedule should take. */
export const wgslCost = (program: Program, schedule: WgslSchedule, sizes: ModelSizes): number => {
  const work = workOf(program, asGpu(schedule), sizes)
  const busy = Math.min(1, work.threads / enough)
  const crowded = Math.max(1, work.held / roomy)
  const seconds =
    (crowded * Math.max(work.bytes / device.bytes, work.operations / device.operations, work.accesses / device.accesses)) /
    Math.max(busy, 0.02)
  return 1000 * (seconds + work.kernels * device.dispatch)
}
