/**
 * The primary context of one GPU, in which all calls are made. It is shared with whoever else in this process uses the GPU
 * through CUDA's runtime, as PyTorch does, so that pointers of theirs are valid here. Which context is current is a thread's
 * business: each operation makes ours current, and leaves behind what it found.
 */
import { CudaMissingError } from '../errors.ts'
import { Belongings } from './belongings.ts'
import { CaptureError, CudaFaultError, DisposedError } from './errors.ts'
import { type DeviceFacts, readFacts } from './facts.ts'
import { failureOf } from './failure.ts'
import type { DriverFunctions, EntryPoint } from './functions.ts'
import type { DriverLibrary } from './library.ts'

const unavailable = 46

/** What a graph's launches rest on. */
export interface Needed {
  /** @throws DisposedError where it is not there any more */
  use(): void
}

export class Context {
  readonly library: DriverLibrary
  readonly functions: DriverFunctions
  readonly facts: DeviceFacts
  readonly belongings = new Belongings()
  /** The fault that lost the device, once there was one. */
  lost: CudaFaultError | undefined
  /** While launches are captured into a graph, and not carried out: what the graph needs. */
  captured: Set<Needed> | undefined
  readonly #device: number
  readonly #handle: bigint
  readonly #slot = new BigUint64Array(1)
  /** Whether it was made current where nothing was, and so still is. */
  #lingers = false
  #closed = false

  /** @throws CudaMissingError for an ordinal that no GPU has, and for a GPU that another process has to itself */
  constructor(library: DriverLibrary, ordinal: number) {
    this.library = library
    this.functions = library.functions
    const { device, facts } = readFacts(library, ordinal)
    this.#device = device
    this.facts = facts
    const code = this.functions.cuDevicePrimaryCtxRetain(this.#slot, device)
    if (code === unavailable) {
      const { message } = failureOf(library, { code, call: 'cuDevicePrimaryCtxRetain', doing: `opening ${this.name}` })
      throw new CudaMissingError(`${message} Or say --device emulator.`)
    }
    this.must(code, 'cuDevicePrimaryCtxRetain', `opening ${this.name}`)
    this.#handle = this.#slot[0]!
  }

  /** For messages. */
  get name(): string {
    return `GPU ${this.facts.ordinal} (${this.facts.name})`
  }

  /** Throws what a status means, unless it is success. */
  must(code: number, call: EntryPoint, doing: string, bytes?: number): void {
    if (code === 0) return
    const failure = failureOf(this.library, { code, call, doing, bytes })
    if (failure instanceof CudaFaultError) this.lost ??= failure
    throw failure
  }

  /**
   * Carries out work with the context current.
   * @throws DisposedError on a device that was disposed of; CudaFaultError, always the same, on one that is lost
   */
  within<T>(work: () => T): T {
    if (this.#closed) throw new DisposedError(`${this.name} was disposed of: open it again with openDriver`)
    if (this.lost) throw this.lost
    return this.#inside(this.#enter(), work)
  }

  /**
   * Carries out work that gives something back; it is left out where there is nothing to give back to: after the device was
   * disposed of, or lost, when each call would only give the fault again.
   */
  giveBack(work: () => void): void {
    if (!this.#closed && !this.lost)
      this.#inside(
        this.insist(() => this.#enter()),
        work,
      )
  }

  /** A call may be given the error of an earlier one, once: where giving something back depends on it, it is made again. */
  insist<T>(call: () => T): T {
    try {
      return call()
    } catch {
      return call()
    }
  }

  /** @throws CaptureError while launches are being captured */
  refuseInCapture(what: string): void {
    if (this.captured)
      throw new CaptureError(
        `${what} is not possible while launches are captured: do it before, and launch only in capture's work`,
      )
  }

  /**
   * Ends all that belongs to the device, and releases the context; it is destroyed where nobody else holds it. A second call
   * does nothing.
   * @throws the first of what failed, after all the rest was done
   */
  close(): void {
    if (this.#closed) return
    const failures: unknown[] = []
    const attempt = <T>(work: () => T): T | undefined => {
      try {
        return work()
      } catch (error) {
        failures.push(error)
        return undefined
      }
    }
    const told = this.lost !== undefined
    const before = attempt(() => this.insist(() => this.#enter()))
    failures.push(...this.belongings.endAll())
    this.#closed = true
    if (before !== undefined) {
      const theirs = before === this.#handle && this.#lingers ? 0n : before
      attempt(() => this.insist(() => this.#makeCurrent(theirs)))
    }
    attempt(() => {
      this.must(this.functions.cuDevicePrimaryCtxRelease_v2(this.#device), 'cuDevicePrimaryCtxRelease_v2', `closing ${this.name}`)
    })
    // Of a device that was lost before, what fails now is no news.
    if (failures.length > 0 && !told) throw failures[0]
  }

  #inside<T>(before: bigint, work: () => T): T {
    try {
      return work()
    } finally {
      this.#leave(before)
    }
  }

  /** Makes the context current. @returns the one that was */
  #enter(): bigint {
    this.must(this.functions.cuCtxGetCurrent(this.#slot), 'cuCtxGetCurrent', `using ${this.name}`)
    const before = this.#slot[0]!
    if (before !== this.#handle) this.#makeCurrent(this.#handle)
    return before
  }

  /** A thread that had no context keeps ours until the end, which saves the change the next time. */
  #leave(before: bigint): void {
    if (before === 0n) this.#lingers = true
    else if (before !== this.#handle) this.insist(() => this.#makeCurrent(before))
  }

  #makeCurrent(context: bigint): void {
    this.must(this.functions.cuCtxSetCurrent(context), 'cuCtxSetCurrent', `using ${this.name}`)
  }
}
