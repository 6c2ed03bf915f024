/**
 * The barriers of a block. Each opens when as many threads have come as it waits for: as many as it says, in whole warps, or
 * all threads of the block that have not ended. That is what devices do since Volta: a thread that has returned is waited for
 * by nobody. It is a finding all the same: CUDA lets a barrier stand in conditional code only where all threads of the block
 * come to it, and a barrier that some skip, to end without it, is what a missing one looks like. Threads that live and wait
 * elsewhere for ever are a finding too.
 */
import { LaunchError } from '../errors.ts'
import { done, record } from './layout.ts'
import type { Records } from './records.ts'
import { list, type Site } from './report.ts'
import type { Wait } from './rules/control.ts'
import { broughtBy } from './warp.ts'

export interface Waiting {
  readonly instruction: number
  readonly wait: Wait
}

export interface BarrierHost {
  readonly records: Records
  readonly threads: number
  readonly waitingAt: (entry: number) => Waiting
  readonly find: (kind: 'barrier-divergence', message: string, site: Site) => void
  readonly site: (instruction: number, thread: number) => Site
  /** Lets a thread go on. */
  readonly resume: (thread: number) => void
  readonly passBarrier: () => void
}

/** Whether it is barrier 0, for all threads of the block: `__syncthreads` in one of its forms. */
export const isWhole = ({ kind, fixed }: Wait): boolean => kind === 'barrier' && fixed.second === 0 && fixed.third === 0

const warpSize = 32
/** Of a block, each with a number from zero on. */
const mostBarriers = 16

/** Threads that wait at one barrier. */
interface Group {
  readonly number: number
  /** How many it waits for; 0 for all. */
  readonly count: number
  readonly threads: number[]
}

export class Barriers {
  readonly #host: BarrierHost
  /** Threads that have come to a barrier by its number, and gone on: `bar.arrive`. */
  readonly #arrived = new Map<number, number>()

  constructor(host: BarrierHost) {
    this.#host = host
  }

  /** A block begins. */
  reset(): void {
    this.#arrived.clear()
  }

  /** A thread comes to a barrier without waiting there. Lanes of its warp that have ended, or never were, come with the first. */
  arrive(thread: number): void {
    const { number } = this.#numbersOf(thread)
    const live = this.#liveOf(thread - (thread % warpSize))
    const come = live[0] === thread ? 1 + warpSize - live.length : 1
    this.#arrived.set(number, (this.#arrived.get(number) ?? 0) + come)
    this.#host.resume(thread)
  }

  /** Opens what can be opened, where no thread of the block can go on otherwise. Says whether anything could. */
  open(): boolean {
    const live = this.#liveOf(0, this.#host.threads)
    let opened = false
    for (const group of this.#groups(live)) {
      const { number, count, threads } = group
      const come = count === 0 ? threads.length : this.#comeTo(threads) + (this.#arrived.get(number) ?? 0)
      if (come < (count === 0 ? live.length : count)) continue
      this.#arrived.delete(number)
      this.#release(threads)
      opened = true
    }
    return opened
  }

  /** Opens everything, since nobody can go on: those who wait, wait for threads that will not come. */
  force(): void {
    const live = this.#liveOf(0, this.#host.threads)
    const groups = this.#groups(live)
    for (const { number, count, threads } of groups) {
      const wanted = count === 0 ? `all ${live.length} that have not ended` : String(count)
      const elsewhere = live.filter((thread) => !threads.includes(thread))
      const others = elsewhere.length > 0 ? `; others wait elsewhere (threads ${list(elsewhere)})` : ''
      const message = `${threads.length} threads wait at barrier ${number} for ${wanted}, which will not come${others}`
      this.#find(threads[0]!, message)
    }
    for (const { threads } of groups) this.#release(threads)
  }

  #liveOf(first: number, count = warpSize): number[] {
    const live: number[] = []
    for (let thread = first; thread < Math.min(first + count, this.#host.threads); thread++)
      if (this.#host.records.get(thread, record.at) !== done) live.push(thread)
    return live
  }
  #waiting(thread: number): Waiting {
    return this.#host.waitingAt(this.#host.records.get(thread, record.at))
  }
  #find(thread: number, message: string): void {
    this.#host.find('barrier-divergence', message, this.#host.site(this.#waiting(thread).instruction, thread))
  }

  #numbersOf(thread: number): { readonly number: number; readonly count: number } {
    const { records } = this.#host
    const { wait } = this.#waiting(thread)
    const number = broughtBy(wait, 'second', records, thread)
    const count = broughtBy(wait, 'third', records, thread)
    if (number < 0 || number >= mostBarriers)
      throw new LaunchError(`thread ${thread} comes to barrier ${number}: their numbers are 0 to ${mostBarriers - 1}`)
    if (count < 0 || count % warpSize !== 0)
      throw new LaunchError(`thread ${thread} comes to a barrier for ${count} threads: whole warps of ${warpSize} are expected`)
    return { number, count }
  }

  #groups(live: readonly number[]): readonly Group[] {
    const groups = new Map<number, Group>()
    for (const thread of live) {
      if (this.#waiting(thread).wait.kind !== 'barrier') continue
      const { number, count } = this.#numbersOf(thread)
      const group = groups.get(number) ?? { number, count, threads: [] }
      groups.set(number, group)
      group.threads.push(thread)
      const first = group.threads[0]!
      if (count !== group.count)
        this.#find(
          thread,
          `thread ${thread} waits at barrier ${number} for ${count} threads, and thread ${first} for ${group.count}`,
        )
    }
    return [...groups.values()]
  }

  /** How many threads these are to a barrier that counts: a warp whose live lanes are all there counts in full. */
  #comeTo(threads: readonly number[]): number {
    const ofWarp = new Map<number, number>()
    for (const thread of threads) {
      const warp = Math.floor(thread / warpSize)
      ofWarp.set(warp, (ofWarp.get(warp) ?? 0) + 1)
    }
    let come = 0
    for (const [warp, there] of ofWarp) come += there === this.#liveOf(warp * warpSize).length ? warpSize : there
    return come
  }

  #release(threads: readonly number[]): void {
    const [first] = threads
    if (first === undefined) return
    const { instruction, wait } = this.#waiting(first)
    // To the hardware one `__syncthreads` is as good as another; to CUDA it is not, and data would be mixed up.
    const elsewhere = threads.find((thread) => this.#waiting(thread).instruction !== instruction)
    if (elsewhere !== undefined && isWhole(wait))
      this.#find(elsewhere, `threads ${first} and ${elsewhere} of one block wait at different barriers`)
    const ended = this.#host.threads - this.#liveOf(0, this.#host.threads).length
    if (ended > 0 && isWhole(wait))
      this.#find(
        first,
        `${ended} of ${this.#host.threads} threads have ended without coming to this barrier, which all threads of a block must reach`,
      )
    this.reduce(threads, wait)
    this.#host.passBarrier()
    for (const thread of threads) this.#host.resume(thread)
  }
  /** Gives threads what `__syncthreads_count`, `_and` or `_or` gives; a plain barrier gives nothing. */
  reduce(threads: readonly number[], { mode }: Wait): void {
    if (mode === '') return
    const { records } = this.#host
    let yes = 0
    for (const thread of threads) if (records.get(thread, record.value) !== 0) yes++
    const value = mode === 'popc' ? yes : mode === 'and' ? (yes === threads.length ? 1 : 0) : yes > 0 ? 1 : 0
    for (const thread of threads) records.set(thread, record.result, value)
  }
}
