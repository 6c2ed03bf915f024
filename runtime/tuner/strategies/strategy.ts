/** What a strategy is: a generator that names the next candidate and is told what came of it. */
import type { Outcome } from '../outcome.ts'
import type { Candidate, Space } from '../space.ts'

export interface SearchContext {
  readonly space: Space
  readonly seed: number
  /** Where a search begins that goes on from what it has. */
  readonly start: Candidate
  /** What the cost model expects of a candidate, in units of its own. */
  readonly cost: (candidate: Candidate) => number
}

/** Names candidates, none twice; it ends when it has no more to try. */
export type Search = Generator<Candidate, void, Outcome>

export type Strategy = (context: SearchContext) => Search
