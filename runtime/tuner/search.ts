/**
 * The loop of every search: asks a strategy for candidates, has those measured that nothing is known of, and ends with the
 * strategy, the budget, or the one who waits. Recordings are replayed by the same loop as devices are measured by.
 */
import type { Outcome } from './outcome.ts'
import type { Candidate } from './space.ts'
import type { SearchContext, Strategy } from './strategies/strategy.ts'

/** What was found of a candidate. */
export interface Trial {
  readonly candidate: Candidate
  readonly outcome: Outcome
  /** Whether it was measured now, or known before. */
  readonly isNew: boolean
}

export interface SearchOptions extends SearchContext {
  readonly strategy: Strategy
  /** What is known of a candidate from before. */
  readonly known: (candidate: Candidate) => Promise<Outcome | undefined>
  readonly measure: (candidate: Candidate) => Promise<Outcome>
  /** Whether the budget has more, asked before each candidate that is to be measured. */
  readonly goesOn: (measured: number) => boolean
}

/** Trials in the order of the search. Its value tells whether the strategy came to its end. */
export async function* search(options: SearchOptions): AsyncGenerator<Trial, boolean> {
  const { strategy, known, measure, goesOn } = options
  const candidates = strategy(options)
  let measured = 0
  for (let step = candidates.next(); !step.done; ) {
    const candidate = step.value
    const before = await known(candidate)
    if (before === undefined && !goesOn(measured)) return false
    const outcome = before ?? (await measure(candidate))
    if (before === undefined) measured++
    yield { candidate, outcome, isNew: before === undefined }
    step = candidates.next(outcome)
  }
  return true
}
