/** What a tuner is asked for, and what it answers. */
import type { Fields, Store } from '../store/store.ts'
import type { Remembered } from './memory.ts'
import type { Ok, Outcome } from './outcome.ts'
import type { StrategyName } from './strategies/index.ts'
import type { Schedule, Subject } from './subject.ts'

export interface Budget {
  /** Milliseconds of trying candidates, with what earlier runs of the same key spent on the same search. */
  readonly ms: number
  /** Candidates, with those that are known already. */
  readonly candidates: number
}

/** Budgets by the effort that somebody is ready to make. */
export const efforts = {
  quick: { ms: 10_000, candidates: 40 },
  full: { ms: 300_000, candidates: Number.POSITIVE_INFINITY },
} as const satisfies Record<string, Budget>

/** What a place is, once it is open. */
export interface Opened {
  /** Whether its device can be timed. */
  readonly isTimed: boolean
  /** Milliseconds of moving once what a call reads and writes; absent where nothing tells. */
  readonly limitMs?: number
}

/** Where candidates are tried: a process, or this one. */
export interface Trials {
  /**
   * Opens the place where it is not open, and says what can be known of it.
   * @throws WrongReferenceError where the default kernel is wrong; TrialError where nothing can be tried
   */
  open(): Promise<Opened>
  /** @param best - the best time so far in milliseconds; infinite where there is none */
  trial(schedule: Schedule, best: number): Promise<Outcome>
  /** Times candidates that were right side by side; `undefined` for one that fails now. */
  again(schedules: readonly Schedule[]): Promise<readonly (Ok | undefined)[]>
  close(): void
}

export interface TuneOptions {
  readonly subject: Subject
  readonly key: Fields
  readonly store: Store
  /** A hash of what writes the texts of kernels. */
  readonly generator: string
  /** Opens the place where candidates are tried, when there is something to try. */
  readonly trials: () => Trials
  readonly budget: Budget
  readonly strategy: StrategyName
  /** The same seed tries the same candidates in the same order. */
  readonly seed: number
  /** Ends the search after the candidate that is being tried; what was measured is kept. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** Where a search stands. */
export interface Progress {
  readonly spaceSize: number
  /** Candidates of which something is known, and those that are out. */
  readonly tried: number
  readonly rejected: number
  readonly best?: Schedule
  readonly bestMs?: number
  readonly spentMs: number
  readonly budgetMs: number
  /** The candidate that was tried last. */
  readonly last: { readonly schedule: Schedule; readonly outcome: Outcome }
}

/** A candidate, what is known of it, and what the cost model expects, in units of its own. */
export type Result = Pick<Remembered, 'schedule' | 'outcome' | 'at'> & { readonly expected: number }

export interface Tuned {
  /** The schedule to take; `undefined` where none was found right. */
  readonly best: Schedule | undefined
  /** Milliseconds; `undefined` on a device that cannot be timed, where `best` is the cost model's. */
  readonly bestMs: number | undefined
  /** What is taken where nothing is tuned, and its time. */
  readonly usual: Schedule
  readonly usualMs: number | undefined
  readonly isTimed: boolean
  /** Candidates that this run tried, and those of them that were compiled. */
  readonly measured: number
  readonly compiled: number
  /** Whether the budget is spent or the space is done, so that a further run finds nothing to do. */
  readonly isComplete: boolean
  /** Milliseconds of moving once what a call reads and writes; absent where nothing told. */
  readonly limitMs?: number
  /** All candidates of the space that were ever measured. */
  readonly results: readonly Result[]
  readonly spaceSize: number
}
