/** Tuning when a kernel is compiled: both directions, one after the other, remembered in the user's own store. */

import { generator } from '../../../codegen/generator.ts'
import { ArgumentError } from '../../../dsl/errors.ts'
import { FileStore } from '../../store/files/file-store.ts'
import { keyFor } from '../key.ts'
import { Memory } from '../memory.ts'
import type { Effort, TuneBoth } from '../provided.ts'
import { rememberedBest } from '../remembered.ts'
import { efforts } from '../request.ts'
import type { Problem, Schedule } from '../subject.ts'
import { tune } from '../tune.ts'
import type { Tuning } from '../tuning.ts'
import { TrialProcess } from './process.ts'

/** Of random numbers and of the order of a search. */
const seed = 1

const bestOf = async (tuning: Tuning, problem: Problem, effort: Effort): Promise<Schedule> => {
  const subject = tuning.subject(problem)
  const reason = subject.refuse(subject.usual)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  const store = new FileStore()
  const key = await keyFor(subject, tuning)
  const found = await rememberedBest(await Memory.of(store, key), subject)
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
