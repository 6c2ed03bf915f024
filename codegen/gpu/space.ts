/** The values of each axis that are worth a trial on any GPU, in whatever language its kernels are. */
import type { Program } from '../program.ts'
import { isDense, tapsOf, unrollBudget } from './cost.ts'
import type { GpuSchedule } from './schedule.ts'

/** What a language has. */
export interface SpaceOptions {
  /** Threads of a block. */
  readonly threads: readonly number[]
  /** Elements of a vector. */
  readonly widths: readonly number[]
  /** The spatial sizes that constants may stand for. */
  readonly extents: readonly number[]
}

/** The axes that every language has. One that makes no difference to a program has one value, or none: it is not searched. */
type Values = { readonly [Axis in keyof Omit<GpuSchedule, 'packed'>]: readonly GpuSchedule[Axis][] }

/** Windows with fewer taps are never faster looped over: the loop costs more than the tap. */
const leastLooped = 25

/** Windows of a thread: along the row, and in two rows, which share what overlaps. */
const outputsOf = (dims: number): number[][] => {
  const along = (row: number, rows: number): number[] =>
    Array.from({ length: dims }, (_, d) => (d === dims - 1 ? row : d === dims - 2 ? rows : 1))
  const rows = dims > 1 ? [1, 2] : [1]
  return rows.flatMap((n) => [1, 2, 4].map((row) => along(row, n)))
}

/** Tiles with a cell for each thread, a warp along the row. */
const tilesOf = (dims: number, threads: readonly number[]): { tile: number[] }[] =>
  threads.map((count) => ({
    tile: dims === 1 ? [count] : Array.from({ length: dims }, (_, d) => (d === dims - 1 ? 32 : d === dims - 2 ? count / 32 : 1)),
  }))

export const gpuSpace = (program: Program, { threads, widths, extents }: SpaceOptions): Values => {
  const { geometry, stages } = program
  const taps = tapsOf(program)
  const isWritten = geometry.kind === 'sliding' && taps <= unrollBudget
  const isLooped = !isWritten || taps >= leastLooped
  const isFirst = geometry.layout === 'channels-first'
  const adds = stages.some(({ stores }) => stores.some(({ how }) => how === 'add'))
  return {
    phases: isDense(program) ? ['carried', 'fused'] : [],
    // Whoever calls forward decides, since it is to be handed on to backward.
    saved: [],
    unroll: isWritten && isLooped ? ['all', 'none'] : [],
    outputsPerThread: isWritten ? outputsOf(geometry.dims) : [],
    border: isWritten ? ['predicated', 'split'] : [],
    vector: isWritten ? [1, ...widths] : [],
    staging: isWritten && isFirst ? ['none', ...tilesOf(geometry.dims, threads), { planes: 1 }, { planes: 4 }] : [],
    sums: isWritten && adds ? ['terms', 'warps'] : [],
    threads,
    lanes: isLooped ? [1, 8, 32, 'block', ...(geometry.kind === 'global' ? [{ blocks: 4 }, { blocks: 16 }] : [])] : [],
    extents: ['dynamic', extents],
  }
}
