/** `poolwright tune`: looks for the fastest schedule on this machine, proves each candidate right first, and remembers. */

import { generator } from '../../codegen/generator.ts'
import { GeometryError } from '../../dsl/errors.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import type { StoreWarning } from '../../runtime/store/store.ts'
import { keyFor } from '../../runtime/tuner/key.ts'
import { trialsIn } from '../../runtime/tuner/node/trials.ts'
import { timeText } from '../../runtime/tuner/report/words.ts'
import type { Progress } from '../../runtime/tuner/request.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import { tune as search } from '../../runtime/tuner/tune.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import { checkWritable, writeFiles } from '../files/atomic.ts'
import { untilInterrupted } from '../interrupt.ts'
import type { Io } from '../io.ts'
import { problemOf } from '../problem.ts'
import { durationWords, progressBar } from '../progress-bar.ts'
import { withTarget } from '../target.ts'
import { ofTrials } from '../tune/errors.ts'
import { missedText } from '../tune/missed.ts'
import { jsonOf, textOf } from '../tune/told.ts'
import { readTuneRequest, type TuneFlags, type TuneRequest } from './tune-request.ts'

const searchOn = async (tuning: Tuning, problem: Problem, request: TuneRequest, io: Io) => {
  const subject = tuning.subject(problem)
  const reason = subject.refuse(subject.usual)
  if (reason !== undefined) throw new GeometryError(`--schedule: the schedule is refused: ${reason}`)
  const bar = progressBar(io)
  let share = 0
  const onProgress = ({ tried, spaceSize, rejected, bestMs, spentMs, budgetMs }: Progress): void => {
    const best = bestMs === undefined ? '' : `best ${timeText(bestMs)}, `
    const left = durationWords(Math.max(0, budgetMs - spentMs))
    share = Math.max(spentMs / budgetMs, tried / spaceSize)
    bar.show(share, `${best}${tried} of ${spaceSize}, ${rejected} rejected, ${left} left`)
  }
  const { budgetMs: ms, candidates, strategy, seed } = request
  const key = await keyFor(subject, tuning)
  const trials = () => {
    // It takes a while with large tensors.
    bar.show(share, 'first the default is held against the definition')
    return trialsIn(tuning, { problem, seed })
  }
  const onWarning = ({ message }: StoreWarning): void => {
    bar.clear()
    io.err(`${message}\n`)
  }
  const store = new FileStore({ onWarning })
  try {
    const tuned = await untilInterrupted((signal) => {
      signal.addEventListener('abort', () => bar.show(share, 'ends after this candidate; Ctrl-C once more ends it at once'))
      return search({ subject, key, store, generator, trials, budget: { ms, candidates }, strategy, seed, signal, onProgress })
    })
    return { tuned, subject, store, key }
  } catch (error) {
    throw ofTrials(error)
  } finally {
    bar.clear()
  }
}

/** Runs the command. */
export const tune = async (words: readonly string[], flags: TuneFlags, io: Io): Promise<void> => {
  const request = readTuneRequest(words, flags)
  const problem = await problemOf(request, request)
  await checkWritable([request.record, request.report].filter((path) => path !== undefined))
  await withTarget(request, async ({ tuning, device }) => {
    if (!tuning) throw new Error(`the target ${request.target} has schedules, and nothing to tune them with`)
    const { tuned, subject, store, key } = await searchOn(tuning, problem, request, io)
    if (request.record !== undefined || request.report !== undefined)
      await writeFiles((await import('../tune/files.ts')).filesOf(tuned, subject, request, { tuning, device }))
    if (flags.json) return io.out(`${JSON.stringify(jsonOf(tuned, subject, device), null, 2)}\n`)
    io.out(textOf(tuned, subject, device))
    io.err(await missedText(store, key, tuned, request.source))
  })
}
