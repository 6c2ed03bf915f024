/**
 * Races on shared memory. Threads run one after the other, so a race shows nothing wrong by itself; instead each unit of
 * memory remembers who wrote and who read it last, and since which barrier. Two threads that touch one unit, one of them
 * writing, without a barrier between them, race: of the block, or of their warp where both are of one.
 */

/** A read by several threads of one warp is `severalInWarp + warp`; by threads of several warps, `several`. */
const severalInWarp = 1024
const several = 2048

type Mode = 'read' | 'write' | 'atomic'
const modes: readonly Mode[] = ['read', 'write', 'atomic']

export interface Race {
  readonly other: string
  readonly how: string
}

/** One last access to each unit: barriers passed by the block, by the warp, and who. */
class Last {
  readonly epoch: Int32Array
  readonly warpEpoch: Int32Array
  readonly who: Int32Array
  readonly atomic: Uint8Array

  constructor(units: number) {
    this.epoch = new Int32Array(units).fill(-1)
    this.warpEpoch = new Int32Array(units)
    this.who = new Int32Array(units)
    this.atomic = new Uint8Array(units)
  }
}

const warpOf = (who: number): number => (who < severalInWarp ? who >> 5 : who < several ? who - severalInWarp : -1)

const nameOf = (who: number): string => {
  if (who < severalInWarp) return `thread ${who}`
  return who < several ? `several threads of warp ${who - severalInWarp}` : 'several threads'
}

export class Races {
  readonly #reads: Last
  readonly #writes: Last
  readonly #unit: number
  epoch = 0
  thread = 0
  warpEpoch = 0

  /** @param unit - the narrowest access to shared memory in the kernel, at most 4 bytes. */
  constructor(bytes: number, unit: number) {
    const units = Math.ceil(bytes / unit)
    this.#reads = new Last(units)
    this.#writes = new Last(units)
    this.#unit = unit
  }

  /** Notes an access at an offset, and says with whom it races. */
  access(offset: number, bytes: number, modeIndex: number): Race | undefined {
    const mode = modes[modeIndex] ?? 'read'
    let race: Race | undefined
    for (let unit = Math.floor(offset / this.#unit); unit * this.#unit < offset + bytes; unit++) {
      if (!(mode === 'atomic' && this.#writes.atomic[unit]) && this.#conflicts(this.#writes, unit))
        race = { other: nameOf(this.#writes.who[unit]!), how: 'written' }
      if (mode !== 'read' && this.#conflicts(this.#reads, unit)) race ??= { other: nameOf(this.#reads.who[unit]!), how: 'read' }
      if (mode === 'read') this.#noteRead(unit)
      else this.#note(this.#writes, unit, this.thread, mode === 'atomic')
    }
    return race
  }

  #conflicts(last: Last, unit: number): boolean {
    const who = last.who[unit]!
    if (last.epoch[unit] !== this.epoch || who === this.thread) return false
    return warpOf(who) !== this.thread >> 5 || last.warpEpoch[unit] === this.warpEpoch
  }
  #noteRead(unit: number): void {
    const { who, epoch, warpEpoch } = this.#reads
    const before = who[unit]!
    const fresh = epoch[unit] !== this.epoch
    const sameWarp = warpOf(before) === this.thread >> 5
    if (fresh || before === this.thread || (sameWarp && warpEpoch[unit] !== this.warpEpoch))
      this.#note(this.#reads, unit, this.thread, false)
    else this.#note(this.#reads, unit, sameWarp ? severalInWarp + (this.thread >> 5) : several, false)
  }
  #note(last: Last, unit: number, who: number, atomic: boolean): void {
    last.epoch[unit] = this.epoch
    last.warpEpoch[unit] = this.warpEpoch
    last.who[unit] = who
    last.atomic[unit] = atomic ? 1 : 0
  }
}
