/**
 * The way between JavaScript's memory and the device's. A GPU copies by itself only from and to pages that the system has
 * pinned; JavaScript's are not. So one pinned buffer stands between: it grows with what is copied, and beyond its limit a
 * tensor passes through it in pieces, since pinned pages are lost to all other programs.
 */
import type { Context } from './context.ts'
import type { DeviceStream } from './stream.ts'

const leastBytes = 64 << 10
const mostBytes = 32 << 20

interface Pinned {
  readonly address: bigint
  readonly view: Uint8Array
  end(): void
}

const sizeFor = (bytes: number): number => Math.min(mostBytes, Math.max(leastBytes, 2 ** Math.ceil(Math.log2(bytes))))

export class Staging {
  readonly #context: Context
  readonly #stream: DeviceStream
  /** Records the last copy out of the buffer. */
  readonly #copied: bigint
  /** Whether such a copy may be under way. */
  #busy = false
  #pinned: Pinned | undefined

  constructor(context: Context, stream: DeviceStream) {
    this.#context = context
    this.#stream = stream
    this.#copied = stream.makeEvent('order').event
  }

  /** Copies to the device, in the stream's order. The bytes are the caller's own again afterwards. */
  write(pointer: bigint, bytes: Uint8Array): void {
    const { functions } = this.#context
    this.#inPieces(bytes.length, ({ address, view }, at, size) => {
      view.set(bytes.subarray(at, at + size))
      this.#context.must(
        functions.cuMemcpyHtoDAsync_v2(pointer + BigInt(at), address, size, this.#stream.use()),
        'cuMemcpyHtoDAsync_v2',
        `copying ${bytes.length} bytes to the device`,
      )
      this.#busy = true
      this.#stream.record(this.#copied)
    })
  }

  /** Copies from the device, after all work that the stream was given. */
  read(pointer: bigint, bytes: Uint8Array): void {
    const { functions } = this.#context
    this.#inPieces(bytes.length, ({ address, view }, at, size) => {
      this.#context.must(
        functions.cuMemcpyDtoHAsync_v2(address, pointer + BigInt(at), size, this.#stream.use()),
        'cuMemcpyDtoHAsync_v2',
        `copying ${bytes.length} bytes from the device`,
      )
      this.#stream.synchronize()
      bytes.set(view.subarray(0, size), at)
    })
  }

  #inPieces(bytes: number, copy: (pinned: Pinned, at: number, size: number) => void): void {
    for (let at = 0; at < bytes; at += mostBytes) {
      const size = Math.min(mostBytes, bytes - at)
      this.#wait()
      copy(this.#bufferFor(size), at, size)
    }
  }

  /** Waits until the buffer may be written to. */
  #wait(): void {
    if (!this.#busy) return
    this.#context.must(
      this.#context.functions.cuEventSynchronize(this.#copied),
      'cuEventSynchronize',
      'waiting for a copy to the device',
    )
    this.#busy = false
  }

  #bufferFor(bytes: number): Pinned {
    const old = this.#pinned
    if (old && old.view.length >= bytes) return old
    const pinned = this.#pin(sizeFor(bytes))
    this.#pinned = pinned
    old?.end()
    return pinned
  }

  #pin(bytes: number): Pinned {
    const context = this.#context
    const { functions, library } = context
    const out = new BigUint64Array(1)
    context.must(functions.cuMemHostAlloc(out, bytes, 0), 'cuMemHostAlloc', `pinning ${bytes} bytes of the machine's memory`)
    const address = out[0]!
    const belonging = context.belongings.add(() => {
      this.#stream.giveBackAfter(() =>
        context.must(functions.cuMemFreeHost(address), 'cuMemFreeHost', 'giving back pinned memory'),
      )
    })
    return { address, view: library.ffi.view(address, bytes), end: () => belonging.end() }
  }
}
