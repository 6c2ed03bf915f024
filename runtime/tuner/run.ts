/** One run of a tuner: what the strategy wants tried, what is found of it, and the finalists side by side. */
import type { Known } from './known.ts'
import type { Memory, Remembered } from './memory.ts'
import { byMerit, isTimed, type Outcome, timeOf, toldTimeOf } from './outcome.ts'
import type { Opened, Trials, Tuned, TuneOptions } from './request.ts'
import { isSameSchedule, isSameValue } from './schedules.ts'
import { search } from './search.ts'
import { type Candidate, type Space, spaceOf } from './space.ts'
import { strategies } from './strategies/index.ts'
import type { Schedule, Subject } from './subject.ts'

/** So many of the fastest, within so much of the best, are timed once more, side by side. */
const finalists = { most: 5, within: 1.15 }

/** Whether a schedule that is remembered is one of a space; one of before an axis was added lacks that, and may be. */
const isOf = ({ axes, usual }: Subject, schedule: Schedule): boolean =>
  Object.entries(schedule).every(([axis, value]) => [usual[axis], ...(axes[axis] ?? [])].some((one) => isSameValue(one, value)))

/** Where a search begins: at what another machine has found to be fastest, or else at the default. */
const startIn = ({ candidates, usual }: Space, imported: readonly Remembered[]): Candidate => {
  const timed = imported.filter(({ outcome }) => isTimed(outcome)).sort((a, b) => byMerit(a.outcome, b.outcome))
  const found = timed.map(({ schedule }) => candidates.find((one) => isSameSchedule(one.schedule, schedule)))
  return found.find((one) => one !== undefined) ?? usual
}

/** How a run ended. */
interface Ended extends Pick<Opened, 'limitMs'> {
  readonly spaceSize: number
  readonly isComplete: boolean
}

export class Run {
  readonly #options: TuneOptions
  readonly #memory: Memory
  readonly #id: string
  readonly #known: Known
  #trials: Trials | undefined
  #opened: Opened = { isTimed: true }
  #measured = 0
  #compiled = 0

  /** @param id - tells this search from others of the same key */
  constructor(options: TuneOptions, memory: Memory, id: string, known: Known) {
    this.#options = options
    this.#memory = memory
    this.#id = id
    this.#known = known
  }

  /** Searches until the strategy or the budget ends, and says how large the space is, and whether it came to that end. */
  async go(): Promise<Ended> {
    const { subject, strategy, seed, budget, signal } = this.#options
    const space = await spaceOf(subject)
    const spaceSize = space.candidates.length
    const isWithinBudget = (): boolean =>
      this.#known.spentBy(this.#id) < budget.ms && this.#known.tried.length < budget.candidates
    try {
      const steps = search({
        space,
        seed,
        start: startIn(space, this.#known.imported),
        cost: ({ schedule }) => subject.cost(schedule),
        strategy: strategies[strategy],
        known: (candidate) => this.#known.meet(space, candidate),
        measure: (candidate) => this.#try(candidate),
        goesOn: () => !signal?.aborted && isWithinBudget(),
      })
      let step = await steps.next()
      for (; !step.done; step = await steps.next()) if (step.value.isNew) this.#report(space, step.value)
      if (signal?.aborted) return { spaceSize, isComplete: false, ...this.#opened }
      // What is found is told beside the default, wherever a search began.
      if ((await this.#known.meet(space, space.usual)) === undefined) await this.#try(space.usual)
      if (this.#measured > 0) await this.#final()
      const { limitMs } = this.#opened
      const end = { exhausted: step.value, tried: this.#known.tried.length, spaceSize, ...(limitMs !== undefined && { limitMs }) }
      await this.#memory.end(this.#id, { search: { strategy, seed } }, end)
      return { isComplete: true, ...end }
    } finally {
      this.#trials?.close()
    }
  }

  /** What is known of the space at the end. */
  summary({ spaceSize, isComplete, limitMs }: Ended): Tuned {
    const { subject } = this.#options
    const { usual } = subject
    const all = this.#known.own.filter(({ schedule }) => isOf(subject, schedule))
    const right = all.filter(({ outcome }) => outcome.kind === 'ok')
    const timed = right.some(({ outcome }) => isTimed(outcome))
    const [best] = right.sort((a, b) =>
      timed ? byMerit(a.outcome, b.outcome) : subject.cost(a.schedule) - subject.cost(b.schedule),
    )
    const msOf = (one: Remembered | undefined): number | undefined =>
      one && isTimed(one.outcome) ? toldTimeOf(one.outcome) : undefined
    return {
      best: best?.schedule,
      bestMs: msOf(best),
      usual,
      // One of before an axis was added lacks that, and is the default all the same.
      usualMs: msOf(all.find(({ schedule }) => isSameSchedule({ ...usual, ...schedule }, usual))),
      isTimed: timed,
      measured: this.#measured,
      compiled: this.#compiled,
      isComplete,
      results: all.map(({ schedule, outcome, at }) => ({ schedule, outcome, at, expected: subject.cost(schedule) })),
      spaceSize,
      ...(limitMs !== undefined && { limitMs }),
    }
  }

  async #try(candidate: Candidate): Promise<Outcome> {
    const { subject, trials } = this.#options
    this.#trials ??= trials()
    this.#opened = await this.#trials.open()
    const best = Math.min(...this.#known.tried.map(({ outcome }) => timeOf(outcome)))
    const start = performance.now()
    const found = await this.#trials.trial(candidate.schedule, best)
    // What has gone wrong is kept with its text, so that it can be looked into.
    const outcome =
      found.kind === 'ok' || found.kind === 'invalid' ? found : { ...found, source: subject.text(candidate.schedule) }
    this.#measured++
    if (found.kind !== 'compile-failed') this.#compiled++
    await this.#known.keep(candidate, outcome, this.#id, performance.now() - start)
    return outcome
  }

  /** Times the fastest side by side, with what is taken by default. */
  async #final(): Promise<void> {
    if (!this.#opened.isTimed || !this.#trials) return
    const ran = this.#known.tried.filter(({ outcome }) => isTimed(outcome)).sort((a, b) => timeOf(a.outcome) - timeOf(b.outcome))
    const limit = finalists.within * timeOf(ran[0]?.outcome)
    const fastest = ran.slice(0, finalists.most).filter(({ outcome }) => timeOf(outcome) <= limit)
    const usual = ran.filter(({ candidate }) => candidate.point.every((value) => value === 0))
    const chosen = [...new Set([...fastest, ...usual])]
    const start = performance.now()
    const timings = await this.#trials.again(chosen.map(({ candidate }) => candidate.schedule))
    const tookMs = (performance.now() - start) / chosen.length
    for (const [k, { candidate, outcome }] of chosen.entries()) {
      const again = timings[k]
      if (again && again.ms !== null && outcome.kind === 'ok')
        await this.#known.keep(candidate, { ...outcome, finalMs: again.ms }, this.#id, tookMs)
    }
  }

  #report(space: Space, { candidate, outcome }: { readonly candidate: Candidate; readonly outcome: Outcome }): void {
    const { onProgress, budget } = this.#options
    if (!onProgress) return
    const { tried } = this.#known
    const best = tried.reduce((a, b) => (timeOf(b.outcome) < timeOf(a.outcome) ? b : a))
    onProgress({
      spaceSize: space.candidates.length,
      tried: tried.length,
      rejected: tried.filter((one) => one.outcome.kind !== 'ok').length,
      ...(isTimed(best.outcome) && { best: best.candidate.schedule, bestMs: best.outcome.ms }),
      spentMs: this.#known.spentBy(this.#id),
      budgetMs: budget.ms,
      last: { schedule: candidate.schedule, outcome },
    })
  }
}
