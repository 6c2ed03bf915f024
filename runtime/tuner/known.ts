/**
 * What a search knows of candidates: what is remembered, what it meets, and what it adds, by the identity of their texts. What
 * came from another machine is among it, and is relied on nowhere.
 */
import type { Memory, Remembered } from './memory.ts'
import type { Outcome } from './outcome.ts'
import type { Candidate, Space } from './space.ts'
import type { Schedule } from './subject.ts'

/** A candidate of which something is known. */
export interface Tried {
  readonly candidate: Candidate
  readonly identity: string
  readonly outcome: Outcome
}

export class Known {
  readonly #memory: Memory
  readonly #generator: string
  readonly #all: Map<string, Remembered>
  /** What this search has met. */
  readonly #met = new Map<Candidate, string>()

  private constructor(memory: Memory, generator: string, all: Map<string, Remembered>) {
    this.#memory = memory
    this.#generator = generator
    this.#all = all
  }

  static async of(memory: Memory, generator: string): Promise<Known> {
    return new Known(memory, generator, await memory.load())
  }

  /** What was found here, by what writes the texts of today. */
  get own(): readonly Remembered[] {
    return [...this.#all.values()].filter(({ imported, generator }) => !imported && generator === this.#generator)
  }
  get imported(): readonly Remembered[] {
    return [...this.#all.values()].filter(({ imported }) => imported)
  }

  /** Milliseconds that a run has taken so far, here: what the same search took on another machine is no part of a budget. */
  spentBy(run: string): number {
    return [...this.#all.values()].reduce((sum, one) => sum + (one.run === run && !one.imported ? one.tookMs : 0), 0)
  }

  /** Meets a candidate. What is known of it by another version that wrote the same text is this version's too. */
  async meet(space: Space, candidate: Candidate): Promise<Outcome | undefined> {
    const identity = await space.identify(candidate)
    this.#met.set(candidate, identity)
    const known = this.#all.get(identity)
    if (known && !known.imported && known.generator !== this.#generator)
      await this.#put(identity, { ...known, schedule: candidate.schedule, generator: this.#generator })
    return this.#relied(identity)
  }

  /** The candidates that were met of which something is known, each text once. */
  get tried(): readonly Tried[] {
    const seen = new Set<string>()
    return [...this.#met].flatMap(([candidate, identity]) => {
      const outcome = this.#relied(identity)
      if (!outcome || seen.has(identity)) return []
      seen.add(identity)
      return [{ candidate, identity, outcome }]
    })
  }

  /** Keeps what was found of a candidate that was met; `tookMs` is added to what it took before. */
  async keep(candidate: Candidate, outcome: Outcome, run: string, tookMs: number): Promise<void> {
    const identity = this.#met.get(candidate)!
    const known = this.#all.get(identity)
    const before = known && !known.imported ? known : undefined
    const { schedule }: { readonly schedule: Schedule } = candidate
    await this.#put(identity, {
      schedule,
      generator: this.#generator,
      outcome,
      run,
      tookMs: Math.round(tookMs + (before?.tookMs ?? 0)),
      // What is timed once more was found when it was tried first.
      at: before?.at ?? Date.now(),
      imported: false,
    })
  }

  #relied(identity: string): Outcome | undefined {
    const known = this.#all.get(identity)
    return known && !known.imported ? known.outcome : undefined
  }

  async #put(identity: string, remembered: Remembered): Promise<void> {
    this.#all.set(identity, remembered)
    const { imported: _, ...kept } = remembered
    await this.#memory.remember(identity, kept)
  }
}
