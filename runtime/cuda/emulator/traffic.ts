/**
 * Memory traffic of warps, from the traces of their lanes. Lanes run one after the other, so that an access of the warp is
 * put together afterwards: the k-th time that one lane executes an instruction belongs to the k-th time of the others.
 * Translated code only writes traces, since a call for each access would cost more than the access.
 */
import type { Traffic } from './counts.ts'
import { Groups, mostClasses } from './groups.ts'
import { trace, traceEnds } from './layout.ts'
import { conflictsOf, sectorsOf } from './memory-costs.ts'
import { type Sites, tallies } from './sites.ts'

interface Tally {
  accesses: number
  bytes: number
  sectors: number
}

const tally = (): Tally => ({ accesses: 0, bytes: 0, sectors: 0 })

const lanesOfWarp = 32

// In words: the first line, from an access to the lane's next one, from an instruction to its address; and the ends.
const start = trace.start / 4
const step = trace.step / 4
const toAddress = trace.address / 4
const ends = traceEnds / 4

/** Where the trace of a lane begins. */
const startOf = (lane: number): number => trace.start + lane * trace.lane

export class TrafficCounter {
  readonly #words: Int32Array
  readonly #sites: Sites
  readonly #sharedFrom: number
  readonly #sharedTo: number
  readonly #loads = tally()
  readonly #stores = tally()
  /** Of each lane, how many lines it has. */
  readonly #lengths = new Int32Array(lanesOfWarp)
  /** The lanes that have any, the first `#count` of them. */
  readonly #lanes = new Int32Array(lanesOfWarp)
  #count = 0
  /** Where lanes went different ways: each lane's class, and the first lane of each class. */
  readonly #classes = new Int32Array(lanesOfWarp)
  readonly #leaders: number[] = []
  /** The addresses of one access, where not all lanes take part. */
  readonly #addresses = new Int32Array(lanesOfWarp)
  readonly #groups: Groups
  readonly shared = { accesses: 0, conflicts: 0 }
  /** Lines that did not fit. */
  untraced = 0

  constructor(words: Int32Array, sites: Sites, sharedFrom: number, sharedBytes: number) {
    this.#words = words
    this.#sites = sites
    this.#groups = new Groups(sites.bytes.length)
    this.#sharedFrom = sharedFrom
    this.#sharedTo = sharedFrom + sharedBytes
    for (let lane = 0; lane < lanesOfWarp; lane++) this.#words[ends + lane] = startOf(lane)
  }

  get loads(): Traffic {
    return this.#loads
  }
  get stores(): Traffic {
    return this.#stores
  }

  /** Sets where the trace of a lane ends that stopped in the middle of its code. */
  stop(lane: number, end: number): void {
    this.#words[ends + lane] = end
  }
  /** Makes room in a trace that ends at an address: what is beyond the counted part is dropped. Returns where to go on. */
  drain(end: number): number {
    const lane = ((end - trace.start) % trace.step) / trace.lane
    const from = startOf(lane) + trace.counted * trace.step
    this.untraced += (end - from) / trace.step
    return from
  }

  /** Counts what the lanes of a warp did since the last time. */
  endWarp(): void {
    const longest = this.#takeLengths()
    if (longest === 0) return
    if (this.#alike(longest)) this.#countAlike(longest)
    else this.#countDiverged()
  }

  /** Reads how far the lanes came, and says how far the longest did. */
  #takeLengths(): number {
    const words = this.#words
    let longest = 0
    this.#count = 0
    for (let lane = 0; lane < lanesOfWarp; lane++) {
      const from = startOf(lane)
      const length = (words[ends + lane]! - from) >> 8
      if (length === 0) continue
      words[ends + lane] = from
      this.untraced += Math.max(0, length - trace.counted)
      this.#lengths[lane] = Math.min(length, trace.counted)
      this.#lanes[this.#count++] = lane
      if (length > longest) longest = Math.min(length, trace.counted)
    }
    return longest
  }

  /** Whether all lanes that did anything executed the same instructions. */
  #alike(length: number): boolean {
    const words = this.#words
    const lanes = this.#lanes
    const count = this.#count
    const first = lanes[0]!
    for (let k = 0; k < count; k++) if (this.#lengths[lanes[k]!] !== length) return false
    for (let at = start, end = start + length * step; at < end; at += step) {
      const instruction = words[at + first]!
      for (let k = 1; k < count; k++) if (words[at + lanes[k]!] !== instruction) return false
    }
    return true
  }
  #countAlike(length: number): void {
    const words = this.#words
    const [lanes, count, addresses] = [this.#lanes, this.#count, this.#addresses]
    const first = lanes[0]!
    for (let at = start, end = start + length * step; at < end; at += step) {
      // Of a whole warp the addresses lie side by side already.
      if (count < lanesOfWarp) for (let k = 0; k < count; k++) addresses[k] = words[at + toAddress + lanes[k]!]!
      this.#access(words[at + first]!, count < lanesOfWarp ? addresses : words, count < lanesOfWarp ? 0 : at + toAddress, count)
    }
  }
  #countDiverged(): void {
    this.#classify()
    const words = this.#words
    const [lanes, classes, addresses] = [this.#lanes, this.#classes, this.#addresses]
    const { length, instructions, places } = this.#groups
    for (let group = 0; group < length; group++) {
      let count = 0
      for (let k = 0; k < this.#count; k++) {
        const lane = lanes[k]!
        const place = places[group * mostClasses + classes[lane]!]!
        if (place > 0) addresses[count++] = words[start + (place - 1) * step + toAddress + lane]!
      }
      this.#access(instructions[group]!, addresses, 0, count)
    }
  }
  /** Sorts lanes by the way they went, and finds out which of their accesses are the warp's. */
  #classify(): void {
    const groups = this.#groups
    groups.clear()
    this.#leaders.length = 0
    for (let k = 0; k < this.#count; k++) {
      const lane = this.#lanes[k]!
      let ofClass = 0
      while (ofClass < this.#leaders.length && !this.#wentAlike(lane, this.#leaders[ofClass]!)) ofClass++
      this.#classes[lane] = ofClass
      if (ofClass < this.#leaders.length) continue
      this.#leaders.push(lane)
      groups.startClass()
      for (let number = 0; number < this.#lengths[lane]!; number++) groups.add(this.#words[start + number * step + lane]!, number)
    }
  }
  /** Whether two lanes executed the same instructions. */
  #wentAlike(lane: number, other: number): boolean {
    const words = this.#words
    const length = this.#lengths[lane]!
    if (length !== this.#lengths[other]) return false
    for (let at = start, end = start + length * step; at < end; at += step)
      if (words[at + lane] !== words[at + other]) return false
    return true
  }

  /** Counts one access of the warp: by `count` lanes, whose addresses lie side by side. */
  #access(instruction: number, addresses: Int32Array, from: number, count: number): void {
    const bytes = this.#sites.bytes[instruction]!
    const first = addresses[from]!
    if (first >= this.#sharedFrom && first < this.#sharedTo) {
      this.shared.accesses++
      this.shared.conflicts += conflictsOf(addresses, from, count, bytes)
      return
    }
    const counted = this.#sites.tally[instruction] === tallies.load ? this.#loads : this.#stores
    counted.accesses++
    counted.bytes += bytes * count
    counted.sectors += sectorsOf(addresses, from, count)
  }
}
