/** One run of a tuner: what is known, what is tried now, and what the store is told of it. */

import type { Memory, Remembered } from './memory.ts'
import { byMerit, isTimed, type Outcome, timeOf, toldTimeOf } from './outcome.ts'
import type { Budget, Opened, Progress, Trials, Tuned, TuneOptions } from './request.ts'
import { search } from './search.ts'
import { type Candidate, type Space, spaceOf } from './space.ts'
import { strategies } from './strategies/index.ts'
import type { Schedule, Subject } from './subject.ts'

/** So many of the fastest, within so much of the best, are timed once more, side by side. */
const finalists = { most: 5, within: 1.15 }

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether a schedule that is remembered is one of a space; one of before an axis was added lacks that, and may be. */
const isOf = ({ axes, usual }: Subject, schedule: Schedule): boolean =>
  Object.entries(schedule).every(([axis, value]) => [usual[axis], ...(axes[axis] ?? [])].some((one) => same(one, value)))

/** How a run ended. */
interface Ended extends Pick<Opened, 'limitMs'> {
  readonly spaceSize: number
  readonly isComplete: boolean
}

export class Run {
  readonly #options: TuneOptions
  readonly #memory: Memory
  readonly #id: string
  /** By the identity of their texts. What came from another machine is among them, and relied on nowhere. */
  readonly #known: Map<string, Remembered>
  /** What this search has met. */
  readonly #met = new Map<Candidate, string>()
  #trials: Trials | undefined
  #opened: Opened = { isTimed: true }
  #measured = 0
  #compiled = 0

  /** @param id - tells this search from others of the same key */
  constructor(options: TuneOptions, memory: Memory, id: string, known: Map<string, Remembered>) {
    this.#options = options
    this.#memory = memory
    this.#id = id
    this.#known = known
  }

  /** Searches until the strategy or the budget ends, and says which space, and whether it came to that end. */
  async go(): Promise<Ended> {
    const { subject, strategy, seed, budget, signal } = this.#options
    const space = await spaceOf(subject)
    const spaceSize = space.candidates.length
    try {
      const steps = search({
        space,
        seed,
        start: this.#startIn(space),
        cost: ({ schedule }) => subject.cost(schedule),
        strategy: strategies[strategy],
        known: async (candidate) => this.#relied(await this.#meet(space, candidate)),
        measure: (candidate) => this.#try(candidate),
        goesOn: () => !signal?.aborted && this.#isWithin(budget),
      })
      let step = await steps.next()
      for (; !step.done; step = await steps.next()) if (step.value.isNew) this.#report(space, step.value)
      if (signal?.aborted) return { spaceSize, isComplete: false, ...this.#opened }
      // What is found is told beside the default, wherever a search began.
      if (this.#relied(await this.#meet(space, space.usual)) === undefined) await this.#try(space.usual)
      if (this.#measured > 0) await this.#final()
      const { limitMs } = this.#opened
      const end = { exhausted: step.value, budgetMs: budget.ms, spaceSize, ...(limitMs !== undefined && { limitMs }) }
      await this.#memory.end(this.#id, { search: { strategy, seed } }, end)
      return { isComplete: true, ...end }
    } finally {
      this.#trials?.[Symbol.dispose]()
    }
  }

  /** What is known of the space at the end. */
  summary({ spaceSize, isComplete, limitMs }: Ended): Tuned {
    const { subject } = this.#options
    const all = [...this.#known.values()].filter(
      ({ schedule, imported, generator }) => !imported && generator === this.#options.generator && isOf(subject, schedule),
    )
    const right = all.filter(({ outcome }) => outcome.kind === 'ok')
    const timed = right.some(({ outcome }) => isTimed(outcome))
    const [best] = right.sort((a, b) =>
      timed ? byMerit(a.outcome, b.outcome) : subject.cost(a.schedule) - subject.cost(b.schedule),
    )
    const usual = all.find(({ schedule }) => Object.entries(schedule).every(([axis, value]) => same(value, subject.usual[axis])))
    const msOf = (one: Remembered | undefined): number | undefined =>
      one && isTimed(one.outcome) ? toldTimeOf(one.outcome) : undefined
    return {
      best: best?.schedule,
      bestMs: msOf(best),
      usual: subject.usual,
      usualMs: msOf(usual),
      isTimed: timed,
      measured: this.#measured,
      compiled: this.#compiled,
      isComplete,
      results: all.map(({ schedule, outcome, at }) => ({ schedule, outcome, at, expected: subject.cost(schedule) })),
      spaceSize,
      ...(limitMs !== undefined && { limitMs }),
    }
  }

  /** Where a search begins: at what another machine has found to be fastest, or else at the default. */
  #startIn({ candidates, usual }: Space): Candidate {
    const brought = [...this.#known.values()]
      .filter(({ imported, outcome }) => imported && isTimed(outcome))
      .sort((a, b) => byMerit(a.outcome, b.outcome))
    const isThat = ({ schedule }: Candidate, other: Schedule): boolean =>
      Object.keys({ ...schedule, ...other }).every((axis) => same(schedule[axis], other[axis]))
    const best = brought.map(({ schedule }) => candidates.find((one) => isThat(one, schedule))).find((one) => one !== undefined)
    return best ?? usual
  }

  /** What is known of a candidate that another version wrote the same text for is this version's too. */
  async #meet(space: Space, candidate: Candidate): Promise<string> {
    const identity = await space.identify(candidate)
    const { generator } = this.#options
    const known = this.#known.get(identity)
    if (known && !known.imported && known.generator !== generator) {
      const taken = { ...known, schedule: candidate.schedule, generator }
      this.#known.set(identity, taken)
      const { imported: _, ...result } = taken
      await this.#memory.remember(identity, result)
    }
    this.#met.set(candidate, identity)
    return identity
  }

  #relied(identity: string): Outcome | undefined {
    const known = this.#known.get(identity)
    return known && !known.imported ? known.outcome : undefined
  }

  /** The candidates of this search of which something is known, each text once. */
  #tried(): { readonly candidate: Candidate; readonly identity: string; readonly outcome: Outcome }[] {
    const seen = new Set<string>()
    return [...this.#met].flatMap(([candidate, identity]) => {
      const outcome = this.#relied(identity)
      if (!outcome || seen.has(identity)) return []
      seen.add(identity)
      return [{ candidate, identity, outcome }]
    })
  }

  /** Milliseconds that this search has taken so far, in this run and in earlier ones. */
  get #spentMs(): number {
    return [...this.#known.values()].reduce((sum, { run, tookMs }) => sum + (run === this.#id ? tookMs : 0), 0)
  }

  #isWithin(budget: Budget): boolean {
    return this.#spentMs < budget.ms && this.#tried().length < budget.candidates
  }

  async #keep(identity: string, schedule: Schedule, outcome: Outcome, tookMs: number): Promise<void> {
    // What is timed once more was found when it was tried first.
    const at = this.#relied(identity) ? this.#known.get(identity)!.at : Date.now()
    const { generator } = this.#options
    const result = { schedule, generator, outcome, run: this.#id, tookMs: Math.round(tookMs), at }
    this.#known.set(identity, { ...result, imported: false })
    await this.#memory.remember(identity, result)
  }

  async #try(candidate: Candidate): Promise<Outcome> {
    const { subject, trials } = this.#options
    this.#trials ??= trials()
    this.#opened = await this.#trials.open()
    const best = Math.min(...this.#tried().map(({ outcome }) => timeOf(outcome)))
    const start = performance.now()
    const found = await this.#trials.trial(candidate.schedule, best)
    // What has gone wrong is kept with its text, so that it can be looked into.
    const outcome =
      found.kind === 'ok' || found.kind === 'invalid' ? found : { ...found, source: subject.text(candidate.schedule) }
    this.#measured++
    if (found.kind !== 'compile-failed') this.#compiled++
    await this.#keep(this.#met.get(candidate)!, candidate.schedule, outcome, performance.now() - start)
    return outcome
  }

  /** Times the fastest side by side, with what is taken by default. */
  async #final(): Promise<void> {
    if (!this.#opened.isTimed || !this.#trials) return
    const ran = this.#tried()
      .filter(({ outcome }) => isTimed(outcome))
      .sort((a, b) => timeOf(a.outcome) - timeOf(b.outcome))
    const limit = finalists.within * timeOf(ran[0]?.outcome)
    const fastest = ran.slice(0, finalists.most).filter(({ outcome }) => timeOf(outcome) <= limit)
    const usual = ran.filter(({ candidate }) => candidate.point.every((value) => value === 0))
    const chosen = [...new Set([...fastest, ...usual])]
    const start = performance.now()
    const timings = await this.#trials.again(chosen.map(({ candidate }) => candidate.schedule))
    const tookMs = (performance.now() - start) / chosen.length
    for (const [k, { candidate, identity, outcome }] of chosen.entries()) {
      const again = timings[k]
      const before = this.#known.get(identity)!.tookMs
      if (again && again.ms !== null && outcome.kind === 'ok')
        await this.#keep(identity, candidate.schedule, { ...outcome, finalMs: again.ms }, before + tookMs)
    }
  }

  #report(space: Space, { candidate, outcome }: { readonly candidate: Candidate; readonly outcome: Outcome }): void {
    const { onProgress, budget } = this.#options
    if (!onProgress) return
    const tried = this.#tried()
    const best = tried.reduce((a, b) => (timeOf(b.outcome) < timeOf(a.outcome) ? b : a))
    const progress: Progress = {
      spaceSize: space.candidates.length,
      tried: tried.length,
      rejected: tried.filter((one) => one.outcome.kind !== 'ok').length,
      ...(isTimed(best.outcome) && { best: best.candidate.schedule, bestMs: best.outcome.ms }),
      spentMs: this.#spentMs,
      budgetMs: budget.ms,
      last: { schedule: candidate.schedule, outcome },
    }
    onProgress(progress)
  }
}
