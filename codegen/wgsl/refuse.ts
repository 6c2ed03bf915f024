/** Which schedules of a shader cannot carry out a program, and why. */
import { refuseChoices, refuseLoops, refuseText, refuseThreads, refuseWindows } from '../gpu/refuse.ts'
import type { Program } from '../program.ts'
import type { WgslSchedule } from './schedule.ts'

/** Invocations of a workgroup that every adapter has: `maxComputeInvocationsPerWorkgroup` is at least that. */
const mostThreads = 256

/**
 * Why a schedule cannot carry out a program; `undefined` where it can. A schedule's types are not to be trusted: it comes from
 * a file or a command line.
 */
export const refuse = (schedule: WgslSchedule, program: Program): string | undefined =>
  refuseChoices(schedule) ??
  refuseWindows(schedule, program) ??
  refuseThreads(schedule.threads, mostThreads) ??
  refuseText(schedule, program, { channels: 1, with: ` and phases '${schedule.phases}'` }) ??
  refuseLoops(schedule, program)
