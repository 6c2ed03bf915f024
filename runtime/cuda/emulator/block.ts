/**
 * One block of threads that wait for each other. Each warp runs until none of its lanes can go on by itself: lanes that have
 * all come to where their mask wants them exchange what they have, and go on. When all warps have come to their end that way,
 * barriers open. Where not even that is possible, threads wait for others that will never come, and that is a finding.
 *
 * A mask that names lanes which have ended is one too: to PTX, what such a shuffle gives is undefined.
 */
import { Barriers, isWhole, type Waiting } from './barriers.ts'
import { done, mixed, record } from './layout.ts'
import type { Records } from './records.ts'
import { list, type Site } from './report.ts'
import type { Wait } from './rules/control.ts'
import { broughtBy, exchangeLanes } from './warp.ts'

/** What a block needs of its launch. */
export interface BlockHost {
  readonly records: Records
  readonly threads: number
  readonly waits: ReadonlyMap<number, Waiting>
  /** Lets a warp run: all of it at an entry, or, where that is negative, those that can. Returns where it stopped, or `mixed`. */
  readonly runWarp: (warp: number, entry: number) => number
  readonly site: (instruction: number, thread: number) => Site
  readonly find: (kind: 'barrier-divergence' | 'shuffle-mask', message: string, site: Site) => void
  /** All threads passed a barrier; or the lanes of a warp did. */
  readonly passBarrier: () => void
  readonly passWarpBarrier: (warp: number) => void
}

const warpSize = 32

/** How a warp goes on: each of its threads at its own entry, or not at all. */
const eachForItself = -1
const notYet = -2

const lanesIn = (mask: number): number[] =>
  Array.from({ length: warpSize }, (_, lane) => lane).filter((lane) => (mask >>> lane) & 1)

/** The first so many lanes of a warp, in a list that is made once. */
const firstLanes: readonly (readonly number[])[] = Array.from({ length: warpSize + 1 }, (_, count) =>
  Array.from({ length: count }, (_, lane) => lane),
)

export class Block {
  readonly #host: BlockHost
  readonly #barriers: Barriers
  /** By the entry that a thread stopped at. */
  readonly #waits: readonly (Waiting | undefined)[]
  readonly #warps: number
  /** Of each warp, the entry to go on at, `eachForItself` or `notYet`; and the one that it stopped at, or `mixed`. */
  readonly #next: Int32Array
  readonly #stopped: Int32Array

  constructor(host: BlockHost) {
    this.#host = host
    const { records, threads, waits, find, site, passBarrier } = host
    const byEntry: Waiting[] = []
    for (const [entry, waiting] of waits) byEntry[entry] = waiting
    this.#waits = byEntry
    this.#warps = Math.ceil(threads / warpSize)
    this.#next = new Int32Array(this.#warps)
    this.#stopped = new Int32Array(this.#warps)
    this.#barriers = new Barriers({
      records,
      threads,
      find,
      site,
      passBarrier,
      waitingAt: (entry) => this.#waitingAt(entry),
      resume: (thread) => this.#resume(thread),
    })
  }

  run(): void {
    this.#next.fill(0)
    this.#barriers.reset()
    for (;;) {
      for (let warp = 0; warp < this.#warps; warp++) this.#advance(warp)
      if (this.#stopped.every((entry) => entry === done)) return
      if (this.#openWhole() || this.#barriers.open()) continue
      // Somebody will not come: what is there goes on without them, each warp once.
      let moved = false
      for (let warp = 0; warp < this.#warps; warp++) moved = this.#exchange(warp, true) || moved
      if (!moved) this.#barriers.force()
    }
  }

  /** Runs a warp until it is done, or waits for others. */
  #advance(warp: number): void {
    while (this.#next[warp] !== notYet) {
      const entry = this.#next[warp]!
      this.#next[warp] = notYet
      this.#stopped[warp] = this.#host.runWarp(warp, entry)
      this.#exchange(warp, false)
    }
  }
  /** Lets a thread go on. */
  #resume(thread: number): void {
    this.#host.records.resume(thread)
    this.#next[Math.floor(thread / warpSize)] = eachForItself
  }
  #waitingAt(entry: number): Waiting {
    const waiting = this.#waits[entry]
    if (!waiting) throw new Error('a thread waits at no wait')
    return waiting
  }

  /** Opens `__syncthreads` where all warps have come to the same one: the usual case, without a look at each thread. */
  #openWhole(): boolean {
    let entry = done
    for (const stopped of this.#stopped) {
      if (stopped === entry) continue
      // Threads that have ended did not come: that is looked at thread by thread.
      if (stopped === done || stopped === mixed || entry !== done) return false
      entry = stopped
    }
    const { wait } = this.#waitingAt(entry)
    if (!isWhole(wait)) return false
    if (wait.mode !== '') this.#barriers.reduce(this.#threadsAt(entry), wait)
    this.#host.passBarrier()
    for (let warp = 0; warp < this.#warps; warp++) if (this.#stopped[warp] === entry) this.#next[warp] = entry
    return true
  }
  /** The threads of the warps that stopped at an entry. */
  #threadsAt(entry: number): number[] {
    const found: number[] = []
    for (let thread = 0; thread < this.#host.threads; thread++)
      if (this.#stopped[Math.floor(thread / warpSize)] === entry) found.push(thread)
    return found
  }

  /** Lets the lanes of a warp exchange that are all there, or, `forced`, those that are. Says whether any did. */
  #exchange(warp: number, forced: boolean): boolean {
    const entry = this.#stopped[warp]!
    if (entry === done) return false
    const lanes = firstLanes[Math.min(warpSize, this.#host.threads - warp * warpSize)]!
    if (entry === mixed) return this.#exchangeParts(warp, lanes, forced)
    const waiting = this.#waitingAt(entry)
    if (waiting.wait.kind === 'barrier') return false
    if (!this.#namesAll(warp, lanes, waiting.wait)) return this.#exchangeParts(warp, lanes, forced)
    this.#give(warp, lanes, waiting)
    this.#next[warp] = entry
    return true
  }
  /** Whether the lanes' masks name them all, and no others; the usual case. */
  #namesAll(warp: number, lanes: readonly number[], wait: Wait): boolean {
    if (wait.kind === 'active') return true
    if (wait.kind === 'arrival' || lanes.length < warpSize) return false
    if (wait.fixed.mask !== undefined) return wait.fixed.mask === -1
    const { records } = this.#host
    for (const lane of lanes) if (records.get(warp * warpSize + lane, record.mask) !== -1) return false
    return true
  }

  /** Lanes that are at different places, or whose masks differ, exchange in parts. */
  #exchangeParts(warp: number, lanes: readonly number[], forced: boolean): boolean {
    const { records, threads } = this.#host
    const first = warp * warpSize
    const at = (lane: number): number => records.get(first + lane, record.at)
    const waiting = lanes.filter((lane) => at(lane) !== done && this.#waitingAt(at(lane)).wait.kind !== 'barrier')
    const left = new Set(waiting)
    let moved = false
    for (const lane of waiting) {
      if (!left.has(lane)) continue
      const entry = at(lane)
      const { wait } = this.#waitingAt(entry)
      if (wait.kind === 'arrival') {
        this.#barriers.arrive(first + lane)
        moved = true
        continue
      }
      const maskOf = (one: number): number => (wait.kind === 'active' ? -1 : broughtBy(wait, 'mask', records, first + one))
      const mask = maskOf(lane)
      const together = waiting.filter((other) => at(other) === entry && maskOf(other) === mask)
      for (const other of together) left.delete(other)
      // Lanes that have ended, or never were, cannot be waited for; live ones elsewhere may still come.
      const missing = wait.kind === 'active' ? [] : lanesIn(mask).filter((one) => !together.includes(one))
      const mayCome = missing.some((one) => first + one < threads && at(one) !== done)
      if (mayCome && !forced) continue
      this.#complain(warp, together, mask, missing)
      this.#give(warp, together, this.#waitingAt(entry))
      for (const other of together) this.#resume(first + other)
      moved = true
    }
    return moved
  }

  #problem(thread: number, message: string): void {
    const { records, find, site } = this.#host
    find('shuffle-mask', message, site(this.#waitingAt(records.get(thread, record.at)).instruction, thread))
  }
  #complain(warp: number, lanes: readonly number[], mask: number, missing: readonly number[]): void {
    const first = warp * warpSize
    const hexMask = `0x${(mask >>> 0).toString(16)}`
    if (missing.length > 0)
      this.#problem(
        first + lanes[0]!,
        `the mask ${hexMask} names lanes that are not there (${list(missing)}): name those that take part`,
      )
    const outside = lanes.find((lane) => !((mask >>> lane) & 1))
    if (outside !== undefined)
      this.#problem(first + outside, `lane ${outside} takes part, but its mask ${hexMask} does not name it`)
  }
  /** Gives lanes what they wait for. */
  #give(warp: number, lanes: readonly number[], { wait }: Waiting): void {
    const first = warp * warpSize
    const absent = (lane: number, source: number): void =>
      this.#problem(first + lane, `lane ${lane} reads from lane ${source}, which takes no part`)
    exchangeLanes(wait, { records: this.#host.records, first, lanes, absent })
    if (wait.kind === 'warp barrier') this.#host.passWarpBarrier(warp)
  }
}
