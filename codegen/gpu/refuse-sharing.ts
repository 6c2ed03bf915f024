/** Which schedules no GPU's kernels can carry out, and why: vectors, and what the threads of a block do together. */
import type { Program } from '../program.ts'
import { isDense } from './cost.ts'
import { isPowerOfTwo } from './refuse.ts'
import type { GpuSchedule } from './schedule.ts'
import { tileShape } from './staging.ts'

const isCount = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= 1024

/** @param of - a storage type, and the widths of its vectors */
export const refuseVector = (
  { vector, unroll, outputsPerThread }: Pick<GpuSchedule, 'vector' | 'unroll' | 'outputsPerThread'>,
  { geometry }: Program,
  of: { readonly dtype: string; readonly widths: readonly string[] },
): string | undefined => {
  if (vector !== 1 && !of.widths.includes(String(vector)))
    return `vector is ${JSON.stringify(vector)}; for ${of.dtype} it must be 1${of.widths.map((n) => ` or ${n}`).join('')}`
  if (vector !== 1 && unroll !== 'all') return `vector is ${vector}; windows that are looped over read one by one: use 1`
  if (vector !== 1 && geometry.kind === 'sliding' && geometry.layout === 'channels-first') {
    const step = outputsPerThread.at(-1)! * geometry.axes.at(-1)!.stride
    if (step % vector !== 0)
      return `vector is ${vector}; a thread goes on by ${step} elements along a row, which is no multiple: take more outputs, or use 1`
  }
  return undefined
}

/**
 * @param most - bytes that a kernel may have for its tiles
 * @param element - bytes of a number in them
 */
export const refuseStaging = (
  schedule: Pick<GpuSchedule, 'staging' | 'unroll' | 'outputsPerThread' | 'threads' | 'phases'>,
  program: Program,
  { most, element }: { readonly most: number; readonly element: number },
): string | undefined => {
  const { staging, unroll, outputsPerThread, threads, phases } = schedule
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
  const bytes = sizes.reduce((a, b) => a * b, tensorsOf(program) * element)
  if (bytes > most) return `${said}; its ${sizes.join('x')} elements are ${bytes} bytes, more than ${most}: take fewer cells`
  return undefined
}

/** The tensors of the input's shape, each of which is staged. */
export const tensorsOf = ({ operator }: Program): number =>
  operator.tensors.filter((x) => x.role === 'input' || x.role === 'tensor').length

export const refuseSums = ({ sums, unroll }: Pick<GpuSchedule, 'sums' | 'unroll'>, { geometry }: Program): string | undefined => {
  if (sums === 'warps' && unroll !== 'all') return "sums is 'warps'; windows that are looped over leave a term each: use 'terms'"
  if (sums === 'warps' && geometry.layout === 'channels-last')
    return "sums is 'warps'; channels-last, the threads of a warp stand in planes of their own: use 'terms'"
  return undefined
}

export const refuseLanes = ({ lanes, phases }: Pick<GpuSchedule, 'lanes' | 'phases'>, program: Program): string | undefined => {
  const ofBlocks = typeof lanes === 'object' && lanes !== null ? lanes.blocks : undefined
  if (
    ofBlocks === undefined
      ? lanes !== 'block' && !(typeof lanes === 'number' && isPowerOfTwo(lanes) && lanes <= 32)
      : !isCount(ofBlocks)
  )
    return `lanes is ${JSON.stringify(lanes)}; it must be 1, 2, 4, 8, 16, 32, 'block' or {"blocks": from 1 to 1024}`
  if (ofBlocks !== undefined && program.geometry.kind !== 'global')
    return `lanes is ${JSON.stringify(lanes)}; only a global window is long enough for several blocks: use 'block'`
  if (ofBlocks !== undefined && isDense(program) && phases === 'fused')
    return `lanes is ${JSON.stringify(lanes)}, and phases 'fused'; a window of several blocks leaves its carriers in memory: use 'carried'`
  return undefined
}

/** A window that is written out is one thread's. */
export const refuseLanesOfText = ({ unroll, lanes }: Pick<GpuSchedule, 'unroll' | 'lanes'>): string | undefined =>
  unroll === 'all' && lanes !== 1
    ? `lanes is ${JSON.stringify(lanes)}; a window that is written out has one thread: use 1`
    : undefined
