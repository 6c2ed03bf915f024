/** Tuning when a kernel is compiled: both directions, one after the other, remembered where the platform remembers. */
import { generator } from '../../codegen/generator.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { PinnedEach } from '../pinned.ts'
import type { Store } from '../store/store.ts'
import { keyFor } from './key.ts'
import { Memory } from './memory.ts'
import { rememberedBest } from './remembered.ts'
import { efforts, type Trials } from './request.ts'
import type { Problem, Schedule } from './subject.ts'
import { tune } from './tune.ts'
import type { Tuning } from './tuning.ts'

/** How far to go: what is remembered, or a search of seconds or minutes where nothing is. */
export type Effort = 'cached' | keyof typeof efforts

/** Finds schedules for both directions; an empty one where nothing better than the default is known. */
export type TuneBoth = (
  tuning: Tuning,
  problem: Omit<Problem, 'direction' | 'pinned'>,
  pinned: Required<PinnedEach>,
  effort: Effort,
) => Promise<PinnedEach>

/** What a platform tunes with. */
export interface Platform {
  /** Where results are remembered. */
  store(): Store
  /** Where candidates are tried. */
  trials(tuning: Tuning, of: { readonly problem: Problem; readonly seed: number }): Trials
}

/** Of random numbers and of the order of a search. */
const seed = 1

const bestOf = async (platform: Platform, tuning: Tuning, problem: Problem, effort: Effort): Promise<Schedule> => {
  const subject = tuning.subject(problem)
  const reason = subject.refuse(subject.usual)
  if (reason !== undefined) throw new ArgumentError(`the schedule is refused: ${reason}`)
  const store = platform.store()
  const key = await keyFor(subject, tuning)
  const found = await rememberedBest(await Memory.of(store, key), subject)
  if (found || effort === 'cached') return found ?? {}
  const { best, isTimed } = await tune({
    subject,
    key,
    store,
    generator,
    trials: () => platform.trials(tuning, { problem, seed }),
    budget: efforts[effort],
    strategy: 'guided',
    seed,
  })
  // Without a clock the default is as good as anything: candidates differ by the model's word alone.
  return isTimed && best ? best : {}
}

export const tunerOn =
  (platform: Platform): TuneBoth =>
  async (tuning, problem, pinned, effort) => {
    const bestIn = (direction: 'forward' | 'backward') =>
      bestOf(platform, tuning, { ...problem, direction, pinned: pinned[direction] }, effort)
    return { forward: await bestIn('forward'), backward: await bestIn('backward') }
  }
