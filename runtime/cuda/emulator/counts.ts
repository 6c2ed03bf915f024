/** What a launch did, counted: instructions, and the memory traffic that a GPU would make of it. Inputs of a cost model. */
import type { KernelCode } from './ptx.ts'
import { accessBytes, spaceOf } from './rules/memory.ts'
import { type Kind, kinds } from './rules/rule.ts'
import { rules } from './rules/rules.ts'

export interface Traffic {
  /** Accesses of a warp: one instruction, executed by its lanes together. */
  readonly accesses: number
  /** Bytes that threads asked for. */
  readonly bytes: number
  /** Sectors of 32 bytes that the accesses touch. bytes / (32 * sectors) is how well they coalesce. */
  readonly sectors: number
}

export interface Counts {
  readonly threads: number
  /** By kind, over all threads. An instruction whose guard is false counts. */
  readonly instructions: Readonly<Record<Kind, number>>
  readonly globalLoads: Traffic
  readonly globalStores: Traffic
  readonly shared: {
    readonly accesses: number
    /** Passes beyond the first that accesses need, since lanes want different words of one bank. */
    readonly conflicts: number
  }
  /** Accesses of threads that were too many to be compared between lanes, and are not in the traffic above. */
  readonly untraced: number
}

/** Accesses of one thread between two waits that are compared with those of its neighbours. */
const traceLength = 8192

interface Tally {
  accesses: number
  bytes: number
  sectors: number
}

const tally = (): Tally => ({ accesses: 0, bytes: 0, sectors: 0 })

/**
 * Lanes run one after the other, so that an access of the warp is put together afterwards: the k-th time that one lane
 * executes an instruction belongs to the k-th time of the others.
 */
export class TrafficCounter {
  readonly #sites: readonly { readonly bytes: number; readonly tally: Tally | null }[]
  readonly #sharedFrom: number
  readonly #sharedTo: number
  readonly #instructions = Array.from({ length: 32 }, () => new Int32Array(traceLength))
  readonly #addresses = Array.from({ length: 32 }, () => new Int32Array(traceLength))
  readonly #lengths = new Int32Array(32)
  #lane = 0
  readonly loads = tally()
  readonly stores = tally()
  shared = 0
  conflicts = 0
  untraced = 0

  constructor({ instructions }: KernelCode, sharedFrom: number, sharedBytes: number) {
    this.#sites = instructions.map((instruction) => {
      const { opcode } = instruction
      const kind = rules.get(opcode)?.kind(instruction)
      if ((kind !== 'load' && kind !== 'store' && kind !== 'atomic') || spaceOf(instruction) === 'param')
        return { bytes: 0, tally: null }
      return { bytes: accessBytes(instruction), tally: kind === 'load' ? this.loads : this.stores }
    })
    this.#sharedFrom = sharedFrom
    this.#sharedTo = sharedFrom + sharedBytes
  }

  startLane(lane: number): void {
    this.#lane = lane
  }
  readonly note = (instruction: number, address: number): void => {
    const lane = this.#lane
    const at = this.#lengths[lane]!
    if (at >= traceLength) {
      this.untraced++
      return
    }
    this.#instructions[lane]![at] = instruction
    this.#addresses[lane]![at] = address
    this.#lengths[lane] = at + 1
  }
  /** Puts together what the lanes of a warp did since the last time. */
  endWarp(): void {
    const lengths = this.#lengths
    const longest = Math.max(...lengths)
    if (longest === 0) return
    const first = this.#instructions[lengths.indexOf(longest)]!
    const alike = this.#instructions.every((other, lane) => {
      if (lengths[lane] === 0) return true
      if (lengths[lane] !== longest) return false
      for (let k = 0; k < longest; k++) if (other[k] !== first[k]) return false
      return true
    })
    if (alike) {
      const addresses: number[] = []
      for (let k = 0; k < longest; k++) {
        addresses.length = 0
        for (let lane = 0; lane < 32; lane++) if (lengths[lane] !== 0) addresses.push(this.#addresses[lane]![k]!)
        this.#access(first[k]!, addresses)
      }
    } else this.#endDiverged()
    lengths.fill(0)
  }
  #endDiverged(): void {
    const groups = new Map<number, number[]>()
    for (let lane = 0; lane < 32; lane++) {
      const times = new Map<number, number>()
      for (let k = 0; k < this.#lengths[lane]!; k++) {
        const instruction = this.#instructions[lane]![k]!
        const time = times.get(instruction) ?? 0
        times.set(instruction, time + 1)
        const key = instruction * traceLength + time
        const group = groups.get(key)
        if (group) group.push(this.#addresses[lane]![k]!)
        else groups.set(key, [this.#addresses[lane]![k]!])
      }
    }
    for (const [key, addresses] of groups) this.#access(Math.floor(key / traceLength), addresses)
  }
  #access(instruction: number, addresses: readonly number[]): void {
    const { bytes, tally: into } = this.#sites[instruction]!
    if (!into) return
    const first = addresses[0]!
    if (first >= this.#sharedFrom && first < this.#sharedTo) {
      this.shared++
      this.conflicts += conflictsOf(addresses, bytes)
      return
    }
    into.accesses++
    into.bytes += bytes * addresses.length
    into.sectors += sectorsOf(addresses)
  }
}

/** Aligned accesses of up to 32 bytes touch one sector each. */
const sectorsOf = (addresses: readonly number[]): number => {
  let rising = true
  let sectors = 1
  for (let k = 1; k < addresses.length; k++) {
    const step = (addresses[k]! >>> 5) - (addresses[k - 1]! >>> 5)
    if (step < 0) rising = false
    if (step !== 0) sectors++
  }
  return rising ? sectors : new Set(addresses.map((address) => address >>> 5)).size
}

/** The words that each of thirty-two banks of four bytes is asked for; one array, since it is filled at each access. */
const banks: number[][] = Array.from({ length: 32 }, () => [])

/** Passes beyond the first. Wide accesses go half or a quarter of a warp at a time. */
const conflictsOf = (addresses: readonly number[], bytes: number): number => {
  const words = Math.max(1, bytes >> 2)
  const together = Math.max(1, 32 / words)
  let conflicts = 0
  for (let from = 0; from < addresses.length; from += together) {
    let passes = 1
    for (let k = from; k < Math.min(addresses.length, from + together); k++)
      for (let word = addresses[k]! >>> 2, end = word + words; word < end; word++) {
        const bank = banks[word & 31]!
        if (bank.includes(word)) continue
        bank.push(word)
        if (bank.length > passes) passes = bank.length
      }
    conflicts += passes - 1
    for (const bank of banks) bank.length = 0
  }
  return conflicts
}

/** Instructions by kind, from how often each block ran. */
export const countInstructions = (
  { instructions }: KernelCode,
  blocks: readonly { readonly start: number; readonly end: number }[],
  times: (block: number) => number,
): Record<Kind, number> => {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>
  blocks.forEach(({ start, end }, k) => {
    const ran = times(k)
    if (ran > 0)
      for (const instruction of instructions.slice(start, end)) counts[rules.get(instruction.opcode)!.kind(instruction)] += ran
  })
  return counts
}
