/** What a GPU has to do under a schedule, counted and not timed: what a cost model of any device begins with. */
import { reachOf } from '../../codegen/covers.ts'
import { isDense, operationsIn, tapsOf } from '../../codegen/gpu/cost.ts'
import { type GpuSchedule, vectorsOf } from '../../codegen/gpu/schedule.ts'
import type { Program } from '../../codegen/program.ts'
import { outputSize, type StorageType } from '../../dsl/geometry.ts'
import { storages } from '../../dsl/storage.ts'

/** What a thread does beside its windows: its place from its number, with divisions. */
const operationsOfAThread = 60
const operationsOfALoop = 6

export interface ModelSizes {
  readonly dtype: StorageType
  readonly samples: number
  readonly channels: number
  readonly extents: readonly number[]
}

export interface GpuWork {
  /** Bytes that go through memory: what is read and written once, and what one kernel leaves for the next. */
  readonly bytes: number
  readonly operations: number
  /** Loads and stores. */
  readonly accesses: number
  readonly threads: number
  /** Elements that a thread holds at once. */
  readonly held: number
  readonly kernels: number
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)

export const workOf = (program: Program, schedule: GpuSchedule, { dtype, samples, channels, extents }: ModelSizes): GpuWork => {
  const { geometry, operator } = program
  const { phases, border, outputsPerThread, staging, unroll, threads, lanes, sums } = schedule
  const bytesEach = storages[dtype].array.BYTES_PER_ELEMENT
  const planes = samples * channels
  const elements = planes * product(extents)
  const windows = planes * product(outputSize(geometry, extents))
  const tensors = operator.tensors.filter(({ role }) => role === 'input' || role === 'tensor').length
  const isBackward = program.direction === 'backward'
  const dense = isDense(program)
  const isCarried = dense && phases === 'carried'
  const carriers = isCarried ? Math.max(1, program.carriers.length) : 0

  const reads = program.carriers.length > 0 || !isBackward ? tensors : 0
  const moved =
    bytesEach * (elements * (reads + (dense ? tensors : 0)) + windows * (program.operator.results.size + (isBackward ? 1 : 0)))
  const between = 2 * 4 * windows * carriers

  const taps = Number.isFinite(tapsOf(program)) ? tapsOf(program) : product(extents)
  const perThread = unroll === 'all' ? product(outputsPerThread) : 1
  const vectors = vectorsOf(schedule, program)
  const width = Math.max(vectors.row, vectors.channels)
  const written = { outputsPerThread, phases, border: 'predicated', channels: 1 } as const
  const looped = { ...written, outputsPerThread: outputsPerThread.map(() => 1) }
  // A condition at each access, where there is a border and it is not apart.
  const padded = geometry.kind === 'sliding' && geometry.axes.some((axis) => axis.low > 0 || axis.high > 0)
  const conditions = padded && border === 'predicated' ? 1.25 : 1
  const body =
    geometry.kind === 'sliding' && unroll === 'all'
      ? operationsIn(program, written) * conditions
      : taps * (operationsOfALoop + (geometry.kind === 'sliding' ? operationsIn(program, looped) / taps : 12))
  const lanesOf = lanes === 'block' ? threads : typeof lanes === 'object' ? threads * lanes.blocks : lanes
  const threadCount = (windows / perThread) * (unroll === 'none' ? lanesOf : 1)
  // Elements that a thread reads: shared by windows that overlap, and by the block where it stages them.
  const spanned =
    geometry.kind === 'sliding' ? geometry.axes.reduce((n, axis, d) => n * reachOf(axis, outputsPerThread[d]!), 1) : taps
  const own = perThread * (geometry.kind === 'sliding' ? product(geometry.axes.map((axis) => axis.stride)) : taps)
  const loads = staging === 'none' ? spanned / width : own + spanned / 4
  return {
    bytes: moved + between,
    operations: threadCount * (operationsOfAThread + body / (unroll === 'none' ? lanesOf : 1)) * (isCarried ? 1.3 : 1),
    accesses:
      (windows / perThread) *
      (loads * tensors + perThread / vectors.out + (dense ? own / width : 0) + (sums === 'terms' ? 1 : 0.1)),
    threads: threadCount,
    held: unroll === 'all' ? spanned : 4,
    kernels: 1 + (isCarried ? 1 : 0) + (typeof lanes === 'object' ? 1 : 0),
  }
}
