/** The values of each axis that are worth a trial on a GPU: what `refuse` leaves of their product is what a tuner searches. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { isDense, tapsOf, unrollBudget } from '../gpu/cost.ts'
import type { Program } from '../program.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

/** Threads of a block: less leave schedulers without warps, and more have too few registers each. */
const threads = [128, 256, 512]

/** Windows with fewer taps are never faster looped over: the loop costs more than the tap. */
const leastLooped = 25

type Values = { readonly [Axis in keyof CudaSchedule]?: readonly CudaSchedule[Axis][] }

/** Windows of a thread: along the row, and in two rows, which share what overlaps. */
const outputsOf = (dims: number): number[][] => {
  const along = (row: number, rows: number): number[] =>
    Array.from({ length: dims }, (_, d) => (d === dims - 1 ? row : d === dims - 2 ? rows : 1))
  const rows = dims > 1 ? [1, 2] : [1]
  return rows.flatMap((n) => [1, 2, 4].map((row) => along(row, n)))
}

/** Tiles with a cell for each thread, a warp along the row. */
const tilesOf = (dims: number): { tile: number[] }[] =>
  threads.map((count) => ({
    tile: dims === 1 ? [count] : Array.from({ length: dims }, (_, d) => (d === dims - 1 ? 32 : d === dims - 2 ? count / 32 : 1)),
  }))

/**
 * @param extents - the spatial sizes that constants may stand for
 */
export const cudaSpace = (program: Program, dtype: StorageType, extents: readonly number[]): Values => {
  const { geometry } = program
  const taps = tapsOf(program)
  const common: Values = {
    ...(isDense(program) && { phases: ['carried', 'fused'] }),
    threads,
    minBlocks: [1, 2, 4],
    extents: ['dynamic', extents],
  }
  const looped: Values = {
    lanes: [1, 8, 32, 'block', ...(geometry.kind === 'global' ? [{ blocks: 4 }, { blocks: 16 }] : [])],
  }
  if (geometry.kind !== 'sliding' || taps > unrollBudget) return { ...common, ...looped }
  return {
    ...common,
    ...(taps >= leastLooped && { unroll: ['all', 'none'], ...looped }),
    outputsPerThread: outputsOf(geometry.dims),
    border: ['predicated', 'split'],
    vector: [1, ...Object.keys(storages[dtype].vectors).map(Number)],
    ...(isHalf(dtype) && { packed: ['none', 'pairs'] }),
    ...(geometry.layout === 'channels-first' && { staging: ['none', ...tilesOf(geometry.dims), { planes: 1 }, { planes: 4 }] }),
    ...(program.stages.some(({ stores }) => stores.some(({ how }) => how === 'add')) && { sums: ['terms', 'warps'] }),
  }
}
