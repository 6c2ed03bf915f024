/** What comes of a candidate. A wrong or a hanging one is an outcome like any other, never the end of a search. */

/** A candidate that is right, and how long it takes; `null` on a device that cannot be timed. */
export interface Ok {
  readonly kind: 'ok'
  /** Milliseconds of a call: median and quartiles. */
  readonly ms: number | null
  readonly lower?: number
  readonly upper?: number
  /** Left early, since it was clearly behind: its time is of few rounds. */
  readonly hasty?: true
  /** The median when it was timed once more, side by side with the others that were fastest: such times can be compared. */
  readonly finalMs?: number
}

/** Why a candidate is out. */
export interface Fault {
  /**
   * - `invalid`: the device has not what it needs, or its registers spill;
   * - `compile-failed`, `launch-failed`: refused by the compiler or the driver;
   * - `timeout`: it did not end in its time;
   * - `wrong`: its result is not the definition's, it wrote where it must not, or a device that watches found a fault.
   */
  readonly kind: 'invalid' | 'compile-failed' | 'launch-failed' | 'timeout' | 'wrong'
  readonly message: string
  /** The text of its kernels, so that it can be looked into; not where it is only invalid. Whoever keeps it adds it. */
  readonly source?: string
}

/** What a kernel takes of the device, where the binary tells. */
export interface Takes {
  readonly registers: number
  /** Bytes of spilled registers a thread. */
  readonly spills: number
  /** Bytes of shared memory a block. */
  readonly shared: number
  /** The share of a multiprocessor's threads that can be there at once. */
  readonly occupancy: number
}

export type Outcome = (Ok | Fault) & {
  /** Of its kernels, what the largest takes. */
  readonly takes?: Takes
}

export const isTimed = (outcome: Outcome | undefined): outcome is Ok & { readonly ms: number } =>
  outcome?.kind === 'ok' && outcome.ms !== null

/** Milliseconds; infinite for what cannot win. */
export const timeOf = (outcome: Outcome | undefined): number => (isTimed(outcome) ? outcome.ms : Number.POSITIVE_INFINITY)

const finalOf = (outcome: Outcome): number | undefined => (outcome.kind === 'ok' ? outcome.finalMs : undefined)

/** Milliseconds as people are told them: side by side with others, where it came to that. */
export const toldTimeOf = (outcome: Outcome): number => finalOf(outcome) ?? timeOf(outcome)

/** The fastest first; but what was timed side by side before all else. */
export const byMerit = (a: Outcome, b: Outcome): number =>
  Number(finalOf(b) !== undefined) - Number(finalOf(a) !== undefined) || toldTimeOf(a) - toldTimeOf(b)
