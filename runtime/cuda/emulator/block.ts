/**
 * One block of threads that wait for each other. Each thread runs until it waits or is done. Then every warp whose lanes have
 * all come to where their mask wants them goes on; where none can, the block's barrier opens. Where not even that is possible,
 * threads wait for others that will never come, and that is a finding.
 */
import type { Site } from './report.ts'
import { exchange, type Wait } from './rules/control.ts'
import { done } from './translate.ts'
import { exchangeLanes } from './warp.ts'

export interface Waiting {
  readonly instruction: number
  readonly wait: Wait
}

/** What a block needs of its launch. */
export interface BlockHost {
  readonly threads: number
  readonly waits: ReadonlyMap<number, Waiting>
  /** Runs a thread from an entry, and returns where it waits. */
  readonly run: (thread: number, entry: number) => number
  readonly endWarp: () => void
  readonly read: (thread: number, slot: number) => number
  readonly write: (thread: number, slot: number, value: number) => void
  readonly site: (instruction: number, thread: number | null) => Site
  readonly find: (kind: 'barrier-divergence' | 'shuffle-mask', message: string, site: Site) => void
  /** All threads passed a barrier; or the lanes of a warp did. */
  readonly passBarrier: () => void
  readonly passWarpBarrier: (warp: number) => void
}

const lanesOf = (mask: number): number[] => Array.from({ length: 32 }, (_, lane) => lane).filter((lane) => (mask >>> lane) & 1)

const list = (lanes: readonly number[]): string =>
  lanes.length > 8 ? `${lanes.slice(0, 8).join(', ')} and ${lanes.length - 8} more` : lanes.join(', ')

const isBlockWide = ({ wait }: Waiting): boolean => wait.kind === 'barrier'

export class Block {
  readonly #host: BlockHost
  /** Where each thread is entered next; `done` for those that have ended. */
  readonly #entries: Int32Array
  readonly #ready: Uint8Array

  constructor(host: BlockHost) {
    this.#host = host
    this.#entries = new Int32Array(host.threads)
    this.#ready = new Uint8Array(host.threads).fill(1)
  }

  run(): void {
    for (;;) {
      this.#runReady()
      const live = this.#live()
      if (live.length === 0) return
      const warps = Math.ceil(this.#host.threads / 32)
      let moved = false
      for (let warp = 0; warp < warps; warp++) moved = this.#exchange(warp, false) || moved
      if (moved) continue
      if (live.every((thread) => isBlockWide(this.#waiting(thread)))) this.#openBarrier(live)
      else {
        // Somebody will not come: what is there goes on without them, each warp once.
        for (let warp = 0; warp < warps; warp++) moved = this.#exchange(warp, true) || moved
        if (!moved) throw new Error('a block waits for nothing')
      }
    }
  }

  #runReady(): void {
    const { threads, run, endWarp } = this.#host
    for (let warp = 0; warp < threads; warp += 32) {
      let ran = false
      for (let thread = warp; thread < Math.min(threads, warp + 32); thread++) {
        if (!this.#ready[thread]) continue
        this.#entries[thread] = run(thread, this.#entries[thread]!)
        this.#ready[thread] = 0
        ran = true
      }
      if (ran) endWarp()
    }
  }
  #live(): number[] {
    const live: number[] = []
    for (let thread = 0; thread < this.#entries.length; thread++) if (this.#entries[thread] !== done) live.push(thread)
    return live
  }
  #waiting(thread: number): Waiting {
    const waiting = this.#host.waits.get(this.#entries[thread]!)
    if (!waiting) throw new Error('a thread waits at no wait')
    return waiting
  }

  /** Lets the lanes of a warp exchange that are all there, or, `forced`, those that are. Says whether any did. */
  #exchange(warp: number, forced: boolean): boolean {
    const { threads } = this.#host
    const first = warp * 32
    const live: number[] = []
    for (let lane = 0; lane < 32 && first + lane < threads; lane++) {
      const entry = this.#entries[first + lane]!
      if (entry !== done && !isBlockWide(this.#waiting(first + lane))) live.push(lane)
    }
    let moved = false
    const left = new Set(live)
    for (const lane of live) {
      if (!left.has(lane)) continue
      const entry = this.#entries[first + lane]!
      const { wait } = this.#waiting(first + lane)
      const mask = wait.kind === 'active' ? -1 : this.#host.read(first + lane, exchange.mask)
      const together = live.filter(
        (other) =>
          this.#entries[first + other] === entry &&
          (wait.kind === 'active' || this.#host.read(first + other, exchange.mask) === mask),
      )
      for (const other of together) left.delete(other)
      // Lanes that have ended, or never were, cannot be waited for; live ones elsewhere may still come.
      const missing = wait.kind === 'active' ? [] : lanesOf(mask).filter((one) => !together.includes(one))
      const mayCome = missing.some((one) => first + one < threads && this.#entries[first + one] !== done)
      if (mayCome && !forced) continue
      this.#complete(warp, together, mask, missing)
      moved = true
    }
    return moved
  }

  #complete(warp: number, lanes: readonly number[], mask: number, missing: readonly number[]): void {
    const { host, first } = { host: this.#host, first: warp * 32 }
    const { instruction, wait } = this.#waiting(first + lanes[0]!)
    const problem = (message: string, lane: number): void =>
      host.find('shuffle-mask', message, host.site(instruction, first + lane))
    const hexMask = `0x${(mask >>> 0).toString(16)}`
    if (missing.length > 0)
      problem(`the mask ${hexMask} names lanes that are not there (${list(missing)}): name those that take part`, lanes[0]!)
    const outside = lanes.find((lane) => wait.kind !== 'active' && !((mask >>> lane) & 1))
    if (outside !== undefined) problem(`lane ${outside} takes part, but its mask ${hexMask} does not name it`, outside)
    exchangeLanes(wait, {
      lanes,
      read: (lane, slot) => host.read(first + lane, slot),
      write: (lane, slot, value) => host.write(first + lane, slot, value),
      absent: (lane, source) => problem(`lane ${lane} reads from lane ${source}, which takes no part`, lane),
    })
    if (wait.kind === 'warp barrier') host.passWarpBarrier(warp)
    for (const lane of lanes) this.#ready[first + lane] = 1
  }

  #openBarrier(live: readonly number[]): void {
    const host = this.#host
    const { instruction, wait } = this.#waiting(live[0]!)
    const elsewhere = live.find((thread) => this.#waiting(thread).instruction !== instruction)
    const ended = this.#entries.indexOf(done)
    if (elsewhere !== undefined) {
      const message = `threads ${live[0]} and ${elsewhere} of one block wait at different barriers`
      host.find('barrier-divergence', message, host.site(this.#waiting(elsewhere).instruction, elsewhere))
    } else if (ended >= 0) {
      const message = `${host.threads - live.length} of ${host.threads} threads, the first being ${ended}, ended without coming to this barrier`
      host.find('barrier-divergence', message, host.site(instruction, live[0]!))
    }
    if (wait.mode !== '') this.#reduceBarrier(live, wait)
    host.passBarrier()
    for (const thread of live) this.#ready[thread] = 1
  }
  /** `__syncthreads_count`, `_and`, `_or`. */
  #reduceBarrier(live: readonly number[], { mode }: Wait): void {
    const { read, write } = this.#host
    const yes = live.filter((thread) => read(thread, exchange.value) !== 0).length
    const value = mode === 'popc' ? yes : mode === 'and' ? (yes === live.length ? 1 : 0) : yes > 0 ? 1 : 0
    for (const thread of live) write(thread, exchange.result, value)
  }
}
