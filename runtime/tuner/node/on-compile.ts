/** Tuning when a kernel is compiled: both directions, one after the other, remembered in the user's own store. */

import { generator } from '../../../codegen/generator.ts'
import { FileStore } from '../../store/files/file-store.ts'
import { keyFor } from '../key.ts'
import { Memory } from '../memory.ts'
import { byMerit, isTimed } from '../outcome.ts'
import type { Effort, TuneBoth } from '../provided.ts'
import { efforts } from '../request.ts'
import { identityOf } from '../space.ts'
import type { Problem, Schedule, Subject } from '../subject.ts'
import { tune } from '../tune.ts'
import type { Tuning } from '../tuning.ts'
import { TrialProcess } from './process.ts'

/** Of random numbers and of the order of a search. */
const seed = 1

/**
 * The fastest that is remembered, of those that this version still writes the same text for; nothing that came from another
 * machine, which was never held against the definition here.
 */
const remembered = async (memory: Memory, subject: Subject): Promise<Schedule | undefined> => {
  const known = [...(await memory.load())].filter(([, { imported, outcome }]) => !imported && isTimed(outcome))
  known.sort(([, a], [, b]) => byMerit(a.outcome, b.outcome))
  for (const [identity, { schedule }] of known) {
    if (subject.refuse(schedule) !== undefined) continue
    if ((await identityOf(subject.text(schedule))) === identity) return schedule
  }
  return undefined
}

const bestOf = async (tuning: Tuning, problem: Problem, effort: Effort): Promise<Schedule> => {
  const subject = tuning.subject(problem)
  const store = new FileStore()
  const key = await keyFor(subject, tuning)
  const found = await remembered(await Memory.of(store, key), subject)
  if (found || effort === 'cached') return found ?? {}
  const trials = () => new TrialProcess({ where: tuning.where, problem, seed })
  const { best, isTimed } = await tune({
    subject,
    key,
    store,
    generator,
    trials,
    budget: efforts[effort],
    strategy: 'guided',
    seed,
  })
  // Without a clock the default is as good as anything: candidates differ by the model's word alone.
  return isTimed && best ? best : {}
}

export const tuneBoth: TuneBoth = async (tuning, problem, pinned, effort) => {
  const bestIn = (direction: 'forward' | 'backward') =>
    bestOf(tuning, { ...problem, direction, pinned: pinned[direction] }, effort)
  return { forward: await bestIn('forward'), backward: await bestIn('backward') }
}
