/** Which schedules cannot carry out a program, and why: what a tuner prunes by, and what people are told. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { isDense } from '../gpu/cost.ts'
import { isPowerOfTwo, refuseChoices, refuseLoops, refuseSaved, refuseText, refuseThreads, refuseWindows } from '../gpu/refuse.ts'
import { vectorsOf } from '../gpu/schedule.ts'
import { tileShape } from '../gpu/staging.ts'
import type { Program } from '../program.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

const isCount = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= 1024

/** The most shared memory that a kernel may have for its tiles, in bytes: what every device gives without asking. */
const mostTileBytes = 40 * 1024

const refuseStaging = (
  { staging, unroll, outputsPerThread, threads, phases }: CudaSchedule,
  program: Program,
  dtype: StorageType,
): string | undefined => {
  const said = `staging is ${JSON.stringify(staging)}`
  if (staging === 'none') return undefined
  const { geometry } = program
  const isOne = typeof staging === 'object' && staging !== null && 'tile' in staging !== 'planes' in staging
  if (!isOne) return `${said}; it must be 'none', {"tile": [cells along each axis]} or {"planes": count}`
  if (unroll !== 'all' || geometry.kind !== 'sliding')
    return `${said}; windows that are looped over read memory itself: use 'none'`
  if (geometry.layout === 'channels-last') return `${said}; channels-last, neighbouring threads share no rows: use 'none'`
  if ('planes' in staging) {
    if (isCount(staging.planes)) return undefined
    return `${said}; planes is a whole number from 1 to 1024`
  }
  const { tile } = staging
  if (!Array.isArray(tile) || tile.length !== geometry.dims || !tile.every(isCount))
    return `${said}; a tile has ${geometry.dims} whole numbers from 1 to 1024, the cells along each axis`
  if (tile.reduce((a, b) => a * b, 1) !== threads)
    return `${said}; a block of ${threads} threads has a cell for each: the product must be ${threads}`
  const { sizes } = tileShape(geometry.axes, outputsPerThread, tile, phases === 'fused' && isDense(program))
  const tensors = program.operator.tensors.filter((x) => x.role === 'input' || x.role === 'tensor').length
  const bytes = sizes.reduce((a, b) => a * b, tensors * (storages[dtype].real === 'float' ? 4 : 8))
  if (bytes > mostTileBytes)
    return `${said}; its ${sizes.join('x')} elements are ${bytes} bytes, more than ${mostTileBytes}: take fewer cells`
  return undefined
}

/**
 * Why a schedule cannot carry out a program; `undefined` where it can. A schedule's types are not to be trusted: it comes from
 * a file or a command line.
 */
export const refuse = (schedule: CudaSchedule, program: Program, dtype: StorageType = 'float32'): string | undefined => {
  const { geometry } = program
  const { phases, unroll, outputsPerThread, vector, packed, sums, threads, minBlocks, lanes } = schedule
  const unknown =
    refuseChoices(schedule, { sums: ['terms', 'warps'], packed: ['none', 'pairs'] }) ??
    refuseSaved(schedule, program) ??
    refuseWindows(schedule, program)
  if (unknown !== undefined) return unknown
  if (vector !== 1 && storages[dtype].vectors[vector] === undefined)
    return `vector is ${JSON.stringify(vector)}; for ${dtype} it must be 1${Object.keys(storages[dtype].vectors)
      .map((n) => ` or ${n}`)
      .join('')}`
  if (vector !== 1 && unroll !== 'all') return `vector is ${vector}; windows that are looped over read one by one: use 1`
  if (vector !== 1 && geometry.kind === 'sliding' && geometry.layout === 'channels-first') {
    const step = outputsPerThread.at(-1)! * geometry.axes.at(-1)!.stride
    if (step % vector !== 0)
      return `vector is ${vector}; a thread goes on by ${step} elements along a row, which is no multiple: take more outputs, or use 1`
  }
  if (packed === 'pairs' && !isHalf(dtype)) return `packed is 'pairs'; ${dtype} has no two numbers in a word: use 'none'`
  if (packed === 'pairs' && vector === 1)
    return "packed is 'pairs'; numbers that are read one by one are in no pairs: use 'none', or a vector"
  const unstaged = refuseStaging(schedule, program, dtype)
  if (unstaged !== undefined) return unstaged
  if (sums === 'warps' && unroll !== 'all') return "sums is 'warps'; windows that are looped over leave a term each: use 'terms'"
  if (sums === 'warps' && geometry.layout === 'channels-last')
    return "sums is 'warps'; channels-last, the threads of a warp stand in planes of their own: use 'terms'"
  const badThreads = refuseThreads(threads, 1024)
  if (badThreads !== undefined) return badThreads
  if (!Number.isInteger(minBlocks) || minBlocks < 0 || minBlocks > 32 || minBlocks * threads > 2048)
    return `minBlocks is ${minBlocks}; it must be a whole number from 0 to 32, and no more than 2048 threads in all`
  const ofBlocks = typeof lanes === 'object' && lanes !== null ? lanes.blocks : undefined
  if (
    ofBlocks === undefined
      ? lanes !== 'block' && !(typeof lanes === 'number' && isPowerOfTwo(lanes) && lanes <= 32)
      : !isCount(ofBlocks)
  )
    return `lanes is ${JSON.stringify(lanes)}; it must be 1, 2, 4, 8, 16, 32, 'block' or {"blocks": from 1 to 1024}`
  if (ofBlocks !== undefined && geometry.kind !== 'global')
    return `lanes is ${JSON.stringify(lanes)}; only a global window is long enough for several blocks: use 'block'`
  if (ofBlocks !== undefined && isDense(program) && phases === 'fused')
    return `lanes is ${JSON.stringify(lanes)}, and phases 'fused'; a window of several blocks leaves its carriers in memory: use 'carried'`
  const channels = vectorsOf(schedule, program).channels
  const tooLong = refuseText(schedule, program, { channels, with: `, phases '${phases}' and vector ${vector}` })
  if (tooLong !== undefined) return tooLong
  if (unroll === 'all' && lanes !== 1)
    return `lanes is ${JSON.stringify(lanes)}; a window that is written out has one thread: use 1`
  return refuseLoops(schedule, program)
}
