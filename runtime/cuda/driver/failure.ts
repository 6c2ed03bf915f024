/** A status that the driver gave, as the error that callers act on. */
import type { CudaError } from '../errors.ts'
import { CudaFaultError, CudaOutOfMemoryError, DriverError, type MemoryInfo } from './errors.ts'
import type { EntryPoint } from './functions.ts'
import type { DriverLibrary } from './library.ts'
import { causeOfLoss, status, statusOf } from './status.ts'

export interface Failure {
  readonly code: number
  readonly call: EntryPoint
  /** What was being done, as a sentence begins: 'copying 12 bytes to the device'. */
  readonly doing: string
  /** Device memory that was asked for. */
  readonly bytes?: number | undefined
}

const remedies: ReadonlyMap<number, string> = new Map([
  [status.outOfMemory, 'The system has no more pages to pin: ulimit -l says how many it gives.'],
  [46, 'Another process has the GPU to itself: end it, or set the compute mode to Default (nvidia-smi -c 0).'],
  [701, 'The block needs more registers than a multiprocessor has: launch fewer threads, or bound them by __launch_bounds__.'],
])

const memoryInfo = ({ functions }: Pick<DriverLibrary, 'functions'>): MemoryInfo | undefined => {
  const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)]
  if (functions.cuMemGetInfo_v2(free, total) !== 0) return undefined
  return { free: Number(free[0]), total: Number(total[0]) }
}

/** Asks the driver for what else a person needs to know, and gives the error; it throws nothing itself. */
export const failureOf = (library: Pick<DriverLibrary, 'ffi' | 'functions'>, failure: Failure): CudaError => {
  const { code, call, doing, bytes } = failure
  // Pinned memory is the machine's own.
  if (code === status.outOfMemory && call !== 'cuMemHostAlloc') return new CudaOutOfMemoryError(doing, bytes, memoryInfo(library))
  const told = statusOf(library.ffi, library.functions, code)
  const cause = causeOfLoss(code)
  if (cause !== undefined) return new CudaFaultError(doing, told, cause)
  return new DriverError(call, doing, told, remedies.get(code))
}
