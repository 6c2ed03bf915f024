/**
 * How long CUDA kernels should take: the larger of what memory, arithmetic and loads need, by what a schedule makes of a
 * window, and how full it leaves a multiprocessor. It ranks; its milliseconds are those of no device. Its constants are of
 * NVIDIA's tables for an H100 (SXM), since the ratio of arithmetic to memory is near that of all its kind.
 */
import type { CudaSchedule } from '../../../codegen/cuda/schedule.ts'
import type { Program } from '../../../codegen/program.ts'
import { type ModelSizes, workOf } from '../../tuner/gpu-work.ts'
import { occupancy } from '../occupancy.ts'

/** Of the whole device, a second. */
const device = {
  bytes: 3e12,
  /** 132 multiprocessors of 128 lanes at 1.7 GHz; loads and stores go through 32 of the lanes. */
  operations: 132 * 128 * 1.7e9,
  accesses: 132 * 32 * 1.7e9,
  launch: 3e-6,
  arch: 90,
}

/** Of so full a multiprocessor memory is busy all the time; below, by the root: fewer threads wait, each for more. */
const fullEnough = 0.5

/** Registers that a thread has beside its elements. */
const registersOfAThread = 22

/** Milliseconds that a schedule should take. */
export const cudaCost = (program: Program, schedule: CudaSchedule, sizes: ModelSizes): number => {
  const { threads, minBlocks } = schedule
  const work = workOf(program, schedule, sizes)
  const registers = Math.min(minBlocks > 0 ? Math.floor(65_536 / (minBlocks * threads)) : 255, 255)
  const needed = registersOfAThread + work.held
  const spills = needed > registers ? 1 + (needed - registers) / 16 : 1
  const { share } = occupancy(device.arch, {
    threads,
    registers: Math.min(registers, Math.max(16, Math.ceil(needed))),
    shared: 0,
  })
  const filled = Math.min(1, Math.sqrt(Math.max(share, 0.05) / fullEnough))
  // Threads too few leave multiprocessors idle.
  const busy = Math.min(1, work.threads / (132 * 1024))
  const seconds =
    Math.max(work.bytes / device.bytes, work.operations / device.operations, work.accesses / device.accesses) /
    (filled * Math.max(busy, 0.02))
  return 1000 * (seconds * spills + work.kernels * device.launch)
}
