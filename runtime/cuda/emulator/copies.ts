/** Copies into shared memory that threads have begun by `cp.async`, and not waited for yet. */
import { known, shadow } from './layout.ts'
import type { Memory } from './memory.ts'

export interface Copy {
  readonly instruction: number
  readonly to: number
  readonly from: number
  readonly bytes: number
  /** The rest becomes zero. */
  readonly read: number
}

/** A thread's copies: groups that are closed, the oldest first, and those that belong to none yet. */
interface Queue {
  readonly groups: (readonly Copy[])[]
  open: Copy[]
}

export class Copies {
  readonly #memory: Memory
  readonly #queues = new Map<number, Queue>()

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** Until it is made, its destination counts as not written. */
  begin(thread: number, copy: Copy): void {
    this.#queue(thread).open.push(copy)
    const { bytes } = this.#memory
    for (let at = copy.to + shadow; at < copy.to + shadow + copy.bytes; at++)
      bytes[at] = (bytes[at]! & ~known.initialised) | known.pending
  }
  close(thread: number): void {
    const queue = this.#queue(thread)
    queue.groups.push(queue.open)
    queue.open = []
  }
  /** Makes the copies of all groups but the youngest `left`, and returns them. */
  finish(thread: number, left: number): readonly Copy[] {
    const { groups } = this.#queue(thread)
    const finished = groups.splice(0, Math.max(0, groups.length - left)).flat()
    for (const copy of finished) this.#make(copy)
    return finished
  }
  /** A block ends: what nobody waited for is nobody's any more. */
  clear(): void {
    this.#queues.clear()
  }

  #queue(thread: number): Queue {
    const queue = this.#queues.get(thread) ?? { groups: [], open: [] }
    this.#queues.set(thread, queue)
    return queue
  }
  #make({ to, from, bytes: size, read }: Copy): void {
    const { bytes } = this.#memory
    bytes.copyWithin(to, from, from + read)
    bytes.fill(0, to + read, to + size)
    for (let at = to + shadow; at < to + shadow + size; at++) bytes[at] = (bytes[at]! & ~known.pending) | known.initialised
  }
}
