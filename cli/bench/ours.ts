/** Our kernels as contenders: the default schedule of a target, what tuning has found, and what is pinned. */
import { PoolwrightError } from '../../dsl/errors.ts'
import type { Pinned } from '../../runtime/pinned.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { keyFor } from '../../runtime/tuner/key.ts'
import { Memory } from '../../runtime/tuner/memory.ts'
import { rememberedBest } from '../../runtime/tuner/remembered.ts'
import { isSameSchedule } from '../../runtime/tuner/schedules.ts'
import type { Problem, Schedule } from '../../runtime/tuner/subject.ts'
import type { Bench } from '../../runtime/tuner/trial/bench.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import { CannotError } from '../exit.ts'
import type { Entered, Out } from './contender.ts'

/** A schedule with every axis, or why it cannot be. */
export interface Candidate {
  readonly name: string
  readonly notes: readonly string[]
  readonly schedule: Schedule | undefined
  readonly refused?: string
}

/** What is pinned, with the default of every other axis, which may follow from that. */
const pinnedCandidate = (tuning: Tuning, problem: Problem, pinned: Pinned): Candidate => {
  const of = { name: `${tuning.target} ${JSON.stringify(pinned)}`, notes: [] }
  try {
    const subject = tuning.subject({ ...problem, pinned })
    const refused = subject.refuse(subject.usual)
    return refused === undefined ? { ...of, schedule: subject.usual } : { ...of, schedule: undefined, refused }
  } catch (error) {
    if (!(error instanceof PoolwrightError)) throw error
    return { ...of, schedule: undefined, refused: error.message }
  }
}

/** The default, what is remembered where that is another, and what is pinned. */
export const candidatesOn = async (
  tuning: Tuning,
  problem: Problem,
  schedules: readonly Pinned[],
): Promise<readonly Candidate[]> => {
  const { target } = tuning
  const subject = tuning.subject(problem)
  const best = await rememberedBest(await Memory.of(new FileStore(), await keyFor(subject, tuning)), subject)
  const isUsual = best !== undefined && isSameSchedule({ ...subject.usual, ...best }, subject.usual)
  const note = isUsual
    ? 'tuning has found nothing faster'
    : 'nothing is remembered of it; poolwright tune, with the same words, looks for a faster schedule'
  const tuned = best && !isUsual ? [{ name: `${target} tuned`, schedule: best, notes: [] }] : []
  return [
    { name: `${target} default`, schedule: subject.usual, notes: tuned.length > 0 ? [] : [note] },
    ...tuned,
    ...schedules.map((pinned) => pinnedCandidate(tuning, problem, pinned)),
  ]
}

/**
 * Enters the candidates of one target, each held against the definition.
 * @throws CannotError where the device has no clock
 */
export const enterOurs = async (
  { target }: Tuning,
  candidates: readonly Candidate[],
  bench: Bench,
): Promise<readonly Entered[]> => {
  const entered: Entered[] = []
  for (const { name, notes, schedule, refused } of candidates) {
    const of = { name, target, notes, ...(schedule && { schedule }) }
    const proved = schedule ? await bench.prove(schedule) : ({ kind: 'refused', message: refused! } satisfies Out)
    if (proved.kind !== 'proved') entered.push({ ...of, entry: proved })
    else if (proved.timed) entered.push({ ...of, entry: proved.timed })
    else throw new CannotError(`${target}: this device has no clock, so nothing can be compared on it`)
  }
  return entered
}
