/**
 * Tuning one problem on one device: what is remembered, what the strategy wants tried, what a process finds of it, and the
 * finalists side by side. All that is measured is remembered at once, so that whatever ends a run costs one candidate.
 */
import { nameOf } from '../store/hash.ts'
import type { Json } from '../store/store.ts'
import { Known } from './known.ts'
import { Memory } from './memory.ts'
import type { Tuned, TuneOptions } from './request.ts'
import { Run } from './run.ts'

/**
 * Searches schedules for one problem.
 *
 * A run that came to the end of the space, or of its budget, is final: the next of the same key, strategy and seed measures
 * nothing. One that was interrupted goes on with the rest, and so does one that has a larger budget now.
 * @throws WrongReferenceError where the default kernel itself is wrong; TrialError where nothing can be tried at all
 */
export const tune = async (options: TuneOptions): Promise<Tuned> => {
  const { subject, key, store, generator, budget, strategy, seed } = options
  const memory = await Memory.of(store, key)
  const id = await nameOf({ axes: subject.axes as unknown as Json, strategy, seed, generator })
  const [known, end] = await Promise.all([Known.of(memory, generator), memory.endOf(id)])
  const run = new Run(options, memory, id, known)
  // Results may go before the end that was made of them: an entry was torn, or a store too full.
  const isWhole = end && known.own.length >= end.tried
  const isFinal = isWhole && (end.exhausted || known.spentBy(id) >= budget.ms || end.tried >= budget.candidates)
  if (isFinal) return run.summary({ isComplete: true, ...end })
  return run.summary(await run.go())
}
