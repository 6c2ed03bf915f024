/** What takes part in a comparison: a kernel of ours under a schedule, or somebody else's code. */
import type { Timed, Timing } from '../../runtime/timing.ts'
import type { Fault } from '../../runtime/tuner/outcome.ts'
import type { Schedule } from '../../runtime/tuner/subject.ts'

export interface Contender {
  readonly name: string
  /** Of a kernel of ours. */
  readonly target?: string
  readonly schedule?: Schedule
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[]
}

/** Why one has no figure; `refused` is what cannot be asked of it, and no fault. */
export interface Out {
  readonly kind: Fault['kind'] | 'refused'
  readonly message: string
}

/** One that was held against the definition, and is ready to be timed, or is out. */
export interface Entered extends Contender {
  readonly entry: Timed | Out
}

export interface Compared extends Contender {
  readonly result: Timing | Out
}

export const isOut = (of: Timed | Timing | Out): of is Out => 'message' in of
