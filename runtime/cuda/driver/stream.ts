/**
 * The device's own stream, and the order between it and streams of a caller's. Copies, memory of pools and launches without a
 * stream go to the device's own. A launch on a caller's stream comes after what the own stream was given before, and before
 * what it is given later, so that whoever writes, launches and reads sees one order on whichever stream he launches. Between
 * streams of the caller's, the order is the caller's business.
 */
import type { Context } from './context.ts'
import { CaptureError } from './errors.ts'

/** Does not wait for the legacy default stream, nor it for this one: PyTorch works there. */
const nonBlocking = 1
/** What an event is for, as the driver's flags: one that tells no time costs less. */
const eventFlags = { time: 0, order: 2 } as const

export class DeviceStream {
  readonly #context: Context
  readonly #handle: bigint
  /** Carries the order from one stream to another: a wait holds on to the record before it, so that one event serves all. */
  readonly #baton: bigint
  /** Whether the own stream was given work since it was last waited for. */
  #pending = false

  constructor(context: Context) {
    this.#context = context
    const { functions } = context
    const out = new BigUint64Array(1)
    context.must(functions.cuStreamCreate(out, nonBlocking), 'cuStreamCreate', 'making a stream')
    const handle = out[0]!
    this.#handle = handle
    context.belongings.add(() => {
      this.giveBackAfter(() => context.must(functions.cuStreamDestroy_v2(handle), 'cuStreamDestroy_v2', 'ending a stream'))
    })
    this.#baton = this.makeEvent('order').event
  }

  /** The stream, for work that the caller is about to give it. */
  use(): bigint {
    this.#pending = true
    return this.#handle
  }

  /** The stream, for beginning and ending a capture, which give it no work. */
  get handle(): bigint {
    return this.#handle
  }

  /** Waits for all work so far, that on callers' streams included. */
  synchronize(): void {
    this.#context.must(
      this.#context.functions.cuStreamSynchronize(this.#handle),
      'cuStreamSynchronize',
      `waiting for ${this.#context.name}`,
    )
    this.#pending = false
  }

  /** Gives back what work may still be using: once all so far is done. */
  giveBackAfter(giveBack: () => void): void {
    this.#context.giveBack(() => {
      try {
        this.#context.insist(() => this.synchronize())
      } finally {
        if (!this.#context.lost) giveBack()
      }
    })
  }

  /**
   * Gives work to a caller's stream, in order with the own one.
   * @throws CaptureError where that stream is being captured and would have to wait for work outside of the capture
   */
  lend(stream: bigint, work: (stream: bigint) => void): void {
    if (this.#isCaptured(stream)) {
      if (this.#pending)
        throw new CaptureError(
          "the caller's stream is being captured, and work of the device's own stream must come first: call synchronize() before the capture",
        )
      work(stream)
      return
    }
    if (this.#pending) this.#order(this.#handle, stream)
    work(stream)
    try {
      this.#order(stream, this.#handle)
    } catch (error) {
      // The work is under way, and nothing else would wait for it.
      if (!this.#context.lost) this.#context.functions.cuStreamSynchronize(stream)
      throw error
    }
  }

  /** An event, which is the device's own until it is ended. */
  makeEvent(purpose: keyof typeof eventFlags): { readonly event: bigint; end(): void } {
    const context = this.#context
    const { functions } = context
    const out = new BigUint64Array(1)
    context.must(functions.cuEventCreate(out, eventFlags[purpose]), 'cuEventCreate', 'making an event')
    const event = out[0]!
    const belonging = context.belongings.add(() => {
      context.giveBack(() => context.must(functions.cuEventDestroy_v2(event), 'cuEventDestroy_v2', 'ending an event'))
    })
    return { event, end: () => belonging.end() }
  }

  /** Notes in an event all that the own stream was given so far. */
  record(event: bigint): void {
    this.#record(event, this.use())
  }

  #record(event: bigint, stream: bigint): void {
    this.#context.must(this.#context.functions.cuEventRecord(event, stream), 'cuEventRecord', 'noting how far a stream is')
  }

  /** Whatever `later` is given from now on waits for all that `earlier` was given so far. */
  #order(earlier: bigint, later: bigint): void {
    this.#record(this.#baton, earlier)
    this.#context.must(
      this.#context.functions.cuStreamWaitEvent(later, this.#baton, 0),
      'cuStreamWaitEvent',
      'ordering two streams',
    )
  }

  #isCaptured(stream: bigint): boolean {
    const out = new Int32Array(1)
    const code = this.#context.functions.cuStreamIsCapturing(stream, out)
    this.#context.must(code, 'cuStreamIsCapturing', "looking at the caller's stream")
    return out[0] !== 0
  }
}
