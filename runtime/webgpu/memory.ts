/**
 * Buffers of a device, handed out and taken back: a launch's scratch memory is the next one's, since a queue keeps the order.
 * What is alive is counted, so that a leak shows.
 */
import { type GpuBuffer, type GpuDevice, usage } from './api.ts'
import { LimitError } from './errors.ts'

export const uses = {
  storage: usage.storage | usage.copySource | usage.copyTarget,
  numbers: usage.uniform | usage.copyTarget,
  readBack: usage.mapRead | usage.copyTarget,
  times: usage.queryResolve | usage.copySource,
} as const
export type Use = keyof typeof uses

/** Sizes are rounded up to these, so that launches of about one size share. */
const roundUp = (bytes: number): number => {
  const least = 256
  if (bytes <= least) return least
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2)
  return Math.ceil(bytes / step) * step
}

export class BufferPool {
  readonly #device: GpuDevice
  readonly #free = new Map<string, GpuBuffer[]>()
  readonly #alive = new Map<GpuBuffer, Use>()
  #kept: GpuBuffer[] | undefined

  constructor(device: GpuDevice) {
    this.#device = device
  }

  /** Bytes of all buffers that are not destroyed. */
  get liveBytes(): number {
    return [...this.#alive.keys()].reduce((sum, { size }) => sum + size, 0)
  }

  /** @throws LimitError for more than the device gives to one buffer, or binds */
  take(bytes: number, use: Use, what: string): GpuBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits
    const most = use === 'storage' ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize
    const limit = most === maxBufferSize ? 'maxBufferSize' : 'maxStorageBufferBindingSize'
    if (bytes > most) throw new LimitError(limit, most, `${what} takes ${bytes} bytes`)
    const size = Math.min(roundUp(bytes), most)
    const found = this.#free.get(`${use} ${size}`)?.pop()
    if (found) return found
    const made = this.#device.createBuffer({ size, usage: uses[use], label: what })
    this.#alive.set(made, use)
    return made
  }

  /** Does work whose buffers nobody else is handed before what this returns is called. */
  keeping(work: () => void): () => void {
    const kept: GpuBuffer[] = []
    this.#kept = kept
    try {
      work()
    } finally {
      this.#kept = undefined
    }
    return () => {
      for (const buffer of kept.splice(0)) this.give(buffer)
    }
  }

  /** Takes a buffer back: what is enqueued already still has it. */
  give(buffer: GpuBuffer): void {
    if (this.#kept) return void this.#kept.push(buffer)
    const use = this.#alive.get(buffer)
    if (use === undefined) return
    const key = `${use} ${buffer.size}`
    const free = this.#free.get(key) ?? []
    // As many as a launch or two need: the rest is the device's again.
    if (free.length < 8) this.#free.set(key, [...free, buffer])
    else this.#destroy(buffer)
  }

  #destroy(buffer: GpuBuffer): void {
    this.#alive.delete(buffer)
    buffer.destroy()
  }

  clear(): void {
    for (const buffer of [...this.#alive.keys()]) this.#destroy(buffer)
    this.#free.clear()
  }
}
