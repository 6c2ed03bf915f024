/** The errors of PTX and of launches on the emulator: each names the value, the rule and the remedy. */
import { CudaError } from '../errors.ts'

/** PTX that is broken, or holds what the emulator does not know. It names the line: nothing is ever skipped in silence. */
export class PtxError extends CudaError {
  override name = 'PtxError'
  readonly line: number

  constructor(line: number, message: string) {
    super(`PTX line ${line}: ${message}`)
    this.line = line
  }
}

/** A launch or an allocation that no device would take: arguments, extents, memory, pointers. */
export class LaunchError extends CudaError {
  override name = 'LaunchError'
}

/** A kernel that did not end in its time. */
export class WatchdogError extends CudaError {
  override name = 'WatchdogError'
}
