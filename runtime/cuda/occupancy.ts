/**
 * How many blocks of a kernel share a multiprocessor: a schedule's first measure, known without a device. The formula gives
 * the same as NVIDIA's cuda_occupancy.h; what differs between architectures is the table.
 */
import { CudaError } from './errors.ts'

/** What one multiprocessor has. */
export interface MultiprocessorLimits {
  readonly threads: number
  readonly blocks: number
  /** Shared memory of all blocks together, in bytes. */
  readonly shared: number
  /** The most that one block may have, after opting in to more than 48 KiB. */
  readonly sharedPerBlock: number
  /** Shared memory is given out in multiples of this. */
  readonly sharedUnit: number
  /** What the system takes of it for each block. */
  readonly sharedReserved: number
}

const kib = 1024
const limits = (
  threads: number,
  blocks: number,
  sharedKib: number,
  sharedPerBlockKib: number,
  sharedUnit: number,
  sharedReserved: number,
): MultiprocessorLimits => ({
  threads,
  blocks,
  shared: sharedKib * kib,
  sharedPerBlock: sharedPerBlockKib * kib,
  sharedUnit,
  sharedReserved,
})

/** By architecture: threads, blocks and shared KiB of a multiprocessor, shared KiB of a block, unit and reserve in bytes. */
const table: ReadonlyMap<number, MultiprocessorLimits> = new Map([
  [70, limits(2048, 32, 96, 96, 256, 0)],
  [75, limits(1024, 16, 64, 64, 256, 0)],
  [80, limits(2048, 32, 164, 163, 128, 1024)],
  [86, limits(1536, 16, 100, 99, 128, 1024)],
  [89, limits(1536, 24, 100, 99, 128, 1024)],
  [90, limits(2048, 32, 228, 227, 128, 1024)],
  [100, limits(2048, 32, 228, 227, 128, 1024)],
  [120, limits(1536, 24, 100, 99, 128, 1024)],
])

/** The same on every architecture. */
export const everywhere = {
  threadsPerWarp: 32,
  threadsPerBlock: 1024,
  registersPerThread: 255,
  /** Of one of the four parts of a multiprocessor; a warp lives in one part. */
  registersPerPart: 16384,
  parts: 4,
  /** Registers are given to warps in multiples of this. */
  registerUnit: 256,
  /** Shared memory that a block has without opting in, in bytes. */
  sharedPerBlock: 48 * kib,
} as const

/**
 * The limits of an architecture, by its number (80 for 8.0): its own, or those of the nearest before it of the same major
 * number. `undefined` for one that is not known.
 */
export const multiprocessorLimits = (arch: number): MultiprocessorLimits | undefined => {
  const known = [...table.keys()].filter((one) => one <= arch && Math.floor(one / 10) === Math.floor(arch / 10))
  return table.get(Math.max(...known))
}

export interface BlockDemand {
  readonly threads: number
  /** Of one thread. */
  readonly registers: number
  /** Static and dynamic shared memory of a block in bytes, without what the system reserves. */
  readonly shared: number
}

export interface Occupancy {
  /** Blocks at once on one multiprocessor; 0 where not even one fits. */
  readonly blocks: number
  /** Their warps, as a part of the most that the multiprocessor holds. */
  readonly share: number
  /** What allows no more blocks. */
  readonly bound: 'threads' | 'registers' | 'shared memory'
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit

const blocksByThreads = ({ threads, blocks }: MultiprocessorLimits, warps: number): number =>
  Math.min(blocks, Math.floor(threads / everywhere.threadsPerWarp / warps))

const blocksByRegisters = (registers: number, warps: number): number => {
  const { registersPerPart, parts, registerUnit, threadsPerWarp } = everywhere
  if (registers === 0) return Number.POSITIVE_INFINITY
  const warpsPerPart = Math.floor(registersPerPart / roundUp(registers * threadsPerWarp, registerUnit))
  return Math.floor((warpsPerPart * parts) / warps)
}

const blocksByShared = ({ shared, sharedUnit, sharedReserved }: MultiprocessorLimits, demand: number): number => {
  const each = roundUp(demand + sharedReserved, sharedUnit)
  return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(shared / each)
}

/**
 * How full a multiprocessor gets with blocks of this kind.
 * @throws CudaError for an architecture that is not in the table, or a demand that is no count
 */
export const occupancy = (arch: number, { threads, registers, shared }: BlockDemand): Occupancy => {
  const sm = multiprocessorLimits(arch)
  if (sm === undefined)
    throw new CudaError(
      `the limits of sm_${arch} are not known; known are ${[...table.keys()].join(', ')} and later ones of the same major number`,
    )
  for (const [name, value, least] of [
    ['threads', threads, 1],
    ['registers', registers, 0],
    ['shared memory', shared, 0],
  ] as const)
    if (!Number.isSafeInteger(value) || value < least)
      throw new CudaError(`a block's ${name} must be a whole number from ${least} up, but is ${value}`)
  const warps = Math.ceil(threads / everywhere.threadsPerWarp)
  const bounds = [
    ['threads', threads > everywhere.threadsPerBlock ? 0 : blocksByThreads(sm, warps)],
    ['registers', registers > everywhere.registersPerThread ? 0 : blocksByRegisters(registers, warps)],
    ['shared memory', shared > sm.sharedPerBlock ? 0 : blocksByShared(sm, shared)],
  ] as const
  const [bound, blocks] = bounds.reduce((a, b) => (b[1] < a[1] ? b : a))
  return { blocks, share: (blocks * warps) / (sm.threads / everywhere.threadsPerWarp), bound }
}
