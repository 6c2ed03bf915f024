/** Which schedules cannot carry out a program, and why: what a tuner prunes by, and what people are told. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { refuseChoices, refuseLoops, refuseSaved, refuseText, refuseThreads, refuseWindows } from '../gpu/refuse.ts'
import { refuseLanes, refuseLanesOfText, refuseStaging, refuseSums, refuseVector } from '../gpu/refuse-sharing.ts'
import { vectorsOf } from '../gpu/schedule.ts'
import type { Program } from '../program.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

/** The most shared memory that a kernel may have for its tiles, in bytes: what every device gives without asking. */
const mostTileBytes = 40 * 1024

const refusePairs = ({ packed, vector }: CudaSchedule, dtype: StorageType): string | undefined => {
  if (packed === 'pairs' && !isHalf(dtype)) return `packed is 'pairs'; ${dtype} has no two numbers in a word: use 'none'`
  if (packed === 'pairs' && vector === 1)
    return "packed is 'pairs'; numbers that are read one by one are in no pairs: use 'none', or a vector"
  return undefined
}

const refuseBlocks = ({ minBlocks, threads }: CudaSchedule): string | undefined =>
  !Number.isInteger(minBlocks) || minBlocks < 0 || minBlocks > 32 || minBlocks * threads > 2048
    ? `minBlocks is ${minBlocks}; it must be a whole number from 0 to 32, and no more than 2048 threads in all`
    : undefined

/**
 * Why a schedule cannot carry out a program; `undefined` where it can. A schedule's types are not to be trusted: it comes from
 * a file or a command line.
 */
export const refuse = (schedule: CudaSchedule, program: Program, dtype: StorageType = 'float32'): string | undefined => {
  const { vectors, real } = storages[dtype]
  const { phases, vector } = schedule
  return (
    refuseChoices(schedule, { sums: ['terms', 'warps'], packed: ['none', 'pairs'] }) ??
    refuseSaved(schedule, program) ??
    refuseWindows(schedule, program) ??
    refuseVector(schedule, program, { dtype, widths: Object.keys(vectors) }) ??
    refusePairs(schedule, dtype) ??
    refuseStaging(schedule, program, { most: mostTileBytes, element: real === 'float' ? 4 : 8 }) ??
    refuseSums(schedule, program) ??
    refuseThreads(schedule.threads, 1024) ??
    refuseBlocks(schedule) ??
    refuseLanes(schedule, program) ??
    refuseText(schedule, program, {
      channels: vectorsOf(schedule, program).channels,
      with: `, phases '${phases}' and vector ${vector}`,
    }) ??
    refuseLanesOfText(schedule) ??
    refuseLoops(schedule, program)
  )
}
