/** The errors of PTX and of kernels on the emulator: each names the value, the rule and the remedy. */
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

/** A kernel that did not end in its time. */
export class WatchdogError extends CudaError {
  override name = 'WatchdogError'
}
