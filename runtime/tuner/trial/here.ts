/**
 * Trials in this process: where there is no other, as in a page, and where the device is a caller's. What a candidate does to
 * a GPU ends no process. A device that it leaves unusable, or that does not answer in time, is given up, and the next candidate
 * gets another. JavaScript that never ends cannot be stopped from here.
 */
import type { Ok, Outcome } from '../outcome.ts'
import type { Opened, Trials } from '../request.ts'
import type { Schedule } from '../subject.ts'
import type { Tuning } from '../tuning.ts'
import { type Bench, benchOn } from './bench.ts'
import { TrialError } from './errors.ts'
import { openTimeoutMs, type TrialsOptions, usualTimeoutMs } from './options.ts'

/** What work comes to, or `undefined` where that takes longer: then nobody hears of it any more. */
const within = async <T>(work: Promise<T>, ms: number): Promise<T | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  work.catch(() => undefined)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** A page draws, and hears that it is to end, between two candidates. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

export class TrialsHere implements Trials {
  readonly #tuning: Pick<Tuning, 'open'>
  readonly #options: TrialsOptions
  readonly #timeoutMs: number
  #bench: Bench | undefined

  constructor(tuning: Pick<Tuning, 'open'>, options: TrialsOptions) {
    this.#tuning = tuning
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? usualTimeoutMs
  }

  /** @throws what opening the device throws, beside what {@link Trials} says */
  async open(): Promise<Opened> {
    return (await this.#opened()).opened
  }

  async trial(schedule: Schedule, best: number): Promise<Outcome> {
    const bench = await this.#opened()
    await breath()
    const outcome = await within(bench.trial(schedule, best), this.#timeoutMs)
    if (outcome === undefined) {
      this.#giveUp()
      return { kind: 'timeout', message: `it did not end within ${this.#timeoutMs} ms, and its device was given up` }
    }
    if (bench.isBroken) this.#giveUp()
    return outcome
  }

  async again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]> {
    const bench = await this.#opened()
    // What fails now was right before: it keeps the time that it had.
    const timings = await within(bench.again(schedules), this.#timeoutMs * schedules.length).catch(() => undefined)
    if (timings === undefined) this.#giveUp()
    return timings ?? schedules.map(() => undefined)
  }

  close(): void {
    this.#giveUp()
  }

  async #opened(): Promise<Bench> {
    if (this.#bench) return this.#bench
    const { problem, seed } = this.#options
    const opening = this.#tuning.open().then((place) => benchOn(problem, place, seed))
    const bench = await within(opening, openTimeoutMs)
    if (!bench) {
      opening.then((late) => late.close()).catch(() => undefined)
      throw new TrialError(
        `the default kernel did not end within ${openTimeoutMs} ms, before any candidate could be tried: tune for a smaller input`,
      )
    }
    this.#bench = bench
    return bench
  }

  #giveUp(): void {
    this.#bench?.close()
    this.#bench = undefined
  }
}
