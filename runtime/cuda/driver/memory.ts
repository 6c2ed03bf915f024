/** Device memory of ours: given out by the pool, and given back once. */
import type { DeviceMemory } from '../device.ts'
import { LaunchError } from '../errors.ts'
import type { Belonging } from './belongings.ts'
import { DisposedError } from './errors.ts'
import type { Lease, Session } from './session.ts'

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

/** Made here, where no scope holds the memory's object: what ends a thing must not keep it. */
const giving =
  ({ context, pool }: Session, pointer: bigint, bytes: number) =>
  (): void =>
    context.giveBack(() => pool.give(pointer, bytes))

export class DriverMemory implements DeviceMemory {
  readonly bytes: number
  readonly #lease: Lease
  readonly #pointer: bigint
  readonly #name: string
  readonly #belonging: Belonging

  /** Takes memory; `openDriver`'s device does it on request. */
  constructor(lease: Lease, bytes: number, name: string) {
    const { context, pool } = lease.session
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new LaunchError(`'${name}' is of ${bytes} bytes: a size is a non-negative integer`)
    context.refuseInCapture('allocating memory')
    this.#lease = lease
    this.bytes = bytes
    this.#name = name
    // Even an empty tensor has an address of its own.
    const taken = Math.max(bytes, 1)
    const [pointer, belonging] = context.within((): [bigint, Belonging] => {
      const at = pool.take(taken)
      // Noted as the device's own before anything else can fail.
      return [at, context.belongings.add(giving(lease.session, at, taken), this)]
    })
    this.#pointer = pointer
    this.#belonging = belonging
  }

  /** @throws DisposedError once it is freed: a kernel would write into what is somebody else's by then */
  get pointer(): bigint {
    if (this.#belonging.ended)
      throw new DisposedError(
        `'${this.#name}' (${this.bytes} bytes) was freed, by itself or with its device: free it after its last use`,
      )
    return this.#pointer
  }

  /**
   * Copies to the device, in the order of launches.
   * @throws LaunchError for a range beyond its end; DisposedError, CaptureError, CudaFaultError, DriverError
   */
  write(data: ArrayBufferView, offset = 0): void {
    const at = this.#range('writing', data, offset)
    this.#lease.session.context.within(() => this.#lease.session.staging.write(at, bytesOf(data)))
  }

  /**
   * Copies from the device, after all that was launched before; a fault of a kernel is reported here.
   * @throws as `write`
   */
  read(into: ArrayBufferView, offset = 0): void {
    const at = this.#range('reading', into, offset)
    this.#lease.session.context.within(() => this.#lease.session.staging.read(at, bytesOf(into)))
  }

  /** Gives the memory back, after all work so far; on a device that is lost or disposed of, nothing is left to do. */
  free(): void {
    if (!this.#belonging.ended) this.#lease.session.context.refuseInCapture('freeing memory')
    this.#belonging.end()
  }

  [Symbol.dispose](): void {
    this.free()
  }

  #range(doing: 'writing' | 'reading', { byteLength }: ArrayBufferView, offset: number): bigint {
    this.#lease.session.context.refuseInCapture(`${doing} memory`)
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + byteLength > this.bytes)
      throw new LaunchError(`${doing} ${byteLength} bytes at ${offset} leaves '${this.#name}', which has ${this.bytes} bytes`)
    return this.pointer + BigInt(offset)
  }
}
