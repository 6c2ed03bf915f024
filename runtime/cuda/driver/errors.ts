/** What the driver refuses, by what a caller can do about it. Arguments that no device would take are `LaunchError`s. */
import { CudaError } from '../errors.ts'
import type { EntryPoint } from './functions.ts'
import type { Status } from './status.ts'

/** The driver refused a call, and the device is as it was. */
export class DriverError extends CudaError {
  override name = 'DriverError'
  readonly call: EntryPoint
  readonly status: Status

  constructor(call: EntryPoint, doing: string, status: Status, remedy = '') {
    super(`${doing} failed: ${call} gives ${status.name} (${status.code}): ${status.text}.${remedy && ` ${remedy}`}`)
    this.call = call
    this.status = status
  }
}

export interface MemoryInfo {
  readonly free: number
  readonly total: number
}

/** The device has not the memory that was asked for. What it has is as it was: free something, or ask for less. */
export class CudaOutOfMemoryError extends CudaError {
  override name = 'CudaOutOfMemoryError'
  /** What was asked for; absent where the driver itself needed memory, for a module or a graph. */
  readonly bytes?: number
  /** Absent where the driver would not say. */
  readonly memory?: MemoryInfo

  constructor(doing: string, bytes: number | undefined, memory: MemoryInfo | undefined) {
    const asked = bytes === undefined ? '' : `: ${bytes} bytes were asked for`
    const left = memory && `${memory.free} of the device's ${memory.total} bytes are free, other processes counted`
    super(`${doing}: out of device memory${asked}${left ? `; ${left}` : ''}. Free memory, or work on smaller batches.`)
    if (bytes !== undefined) this.bytes = bytes
    if (memory !== undefined) this.memory = memory
  }
}

/**
 * A fault after which the device is lost to this process: what is in its memory cannot be had, and every later call throws
 * this same error.
 */
export class CudaFaultError extends CudaError {
  override name = 'CudaFaultError'
  readonly status: Status

  constructor(doing: string, status: Status, cause: string) {
    super(
      `${cause}: ${status.name} (${status.code}), reported while ${doing}; the launch at fault may be an earlier one. ` +
        'The device is lost to this process: start it anew. poolwright sanitize, or --device emulator, finds the fault.',
    )
    this.status = status
  }
}

/** A binary, or PTX, that the driver does not load. */
export class ModuleError extends DriverError {
  override name = 'ModuleError'
  /** What the driver's own assembler says; empty where it says nothing. */
  readonly log: string

  constructor(doing: string, status: Status, log: string, remedy: string) {
    super('cuModuleLoadDataEx', doing, status, [remedy, log].filter(Boolean).join('\n'))
    this.log = log
  }
}

/** A device, or something of a device, that was disposed of. */
export class DisposedError extends CudaError {
  override name = 'DisposedError'
}

/** What cannot be while launches are being captured, or cannot be captured. */
export class CaptureError extends CudaError {
  override name = 'CaptureError'
}
