/**
 * How long CUDA kernels should take: the larger of what memory, arithmetic and loads need, by what a schedule makes of a
 * window, and how full it leaves a multiprocessor. It ranks; its milliseconds are those of no device. Its constants are of
 * NVIDIA's tables for an H100 (SXM), since the ratio of arithmetic to memory is near that of all its kind.
 */
import { reachOf } from '../../../codegen/covers.ts'
import type { CudaSchedule } from '../../../codegen/cuda/schedule.ts'
import { isDense, operationsIn, tapsOf } from '../../../codegen/gpu/cost.ts'
import { vectorsOf } from '../../../codegen/gpu/schedule.ts'
import type { Program } from '../../../codegen/program.ts'
import { outputSize, type StorageType } from '../../../dsl/geometry.ts'
import { storages } from '../../../dsl/storage.ts'
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

/** What a thread does beside its windows: its place from its number, with divisions. */
const operationsOfAThread = 60
const operationsOfALoop = 6

/** Of so full a multiprocessor memory is busy all the time; below, by the root: fewer threads wait, each for more. */
const fullEnough = 0.5

/** Registers that a thread has beside its elements. */
const registersOfAThread = 22

export interface ModelSizes {
  readonly samples: number
  readonly channels: number
  readonly extents: readonly number[]
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)

/** Milliseconds that a schedule should take. */
export const cudaCost = (
  program: Program,
  schedule: CudaSchedule,
  dtype: StorageType,
  { samples, channels, extents }: ModelSizes,
): number => {
  const { geometry, operator } = program
  const { phases, border, outputsPerThread, staging, unroll, threads, minBlocks, lanes, sums } = schedule
  const bytesEach = storages[dtype].array.BYTES_PER_ELEMENT
  const planes = samples * channels
  const elements = planes * product(extents)
  const windows = planes * product(outputSize(geometry, extents))
  const tensors = operator.tensors.filter(({ role }) => role === 'input' || role === 'tensor').length
  const isBackward = program.direction === 'backward'
  const dense = isDense(program)
  const isCarried = dense && phases === 'carried'
  const carriers = isCarried ? Math.max(1, program.carriers.length) : 0

  // What must be moved once, and what goes through memory between two kernels.
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
  const operations = threadCount * (operationsOfAThread + body / (unroll === 'none' ? lanesOf : 1)) * (isCarried ? 1.3 : 1)
  // Elements that a thread reads: shared by windows that overlap, and by the block where it stages them.
  const spanned =
    geometry.kind === 'sliding' ? geometry.axes.reduce((n, axis, d) => n * reachOf(axis, outputsPerThread[d]!), 1) : taps
  const own = perThread * (geometry.kind === 'sliding' ? product(geometry.axes.map((axis) => axis.stride)) : taps)
  const loads = staging === 'none' ? spanned / width : own + spanned / 4
  const accesses =
    (windows / perThread) * (loads * tensors + perThread / vectors.out + (dense ? own / width : 0) + (sums === 'terms' ? 1 : 0.1))

  const registers = Math.min(minBlocks > 0 ? Math.floor(65_536 / (minBlocks * threads)) : 255, 255)
  const needed = registersOfAThread + (unroll === 'all' ? spanned : 4)
  const spills = needed > registers ? 1 + (needed - registers) / 16 : 1
  const { share } = occupancy(device.arch, {
    threads,
    registers: Math.min(registers, Math.max(16, Math.ceil(needed))),
    shared: 0,
  })
  const filled = Math.min(1, Math.sqrt(Math.max(share, 0.05) / fullEnough))
  // Threads too few leave multiprocessors idle.
  const busy = Math.min(1, threadCount / (132 * 1024))
  const kernels = 1 + (isCarried ? 1 : 0) + (typeof lanes === 'object' ? 1 : 0)
  const seconds =
    Math.max((moved + between) / device.bytes, operations / device.operations, accesses / device.accesses) /
    (filled * Math.max(busy, 0.02))
  return 1000 * (seconds * spills + kernels * device.launch)
}
