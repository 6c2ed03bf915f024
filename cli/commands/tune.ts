/** `poolwright tune`: looks for the fastest schedule on this machine, proves each candidate right first, and remembers. */

import { generator } from '../../codegen/generator.ts'
import { GeometryError } from '../../dsl/errors.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { splitShape } from '../../dsl/layout.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { keyFor } from '../../runtime/tuner/key.ts'
import { TrialProcess } from '../../runtime/tuner/node/process.ts'
import { timeText } from '../../runtime/tuner/report/words.ts'
import type { Progress } from '../../runtime/tuner/request.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import { tune as search } from '../../runtime/tuner/tune.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import { writeFiles } from '../files/atomic.ts'
import { settleOperator } from '../flags/operator.ts'
import type { Io } from '../io.ts'
import { durationWords, progressBar } from '../progress-bar.ts'
import { withTarget } from '../target.ts'
import { jsonOf, textOf } from '../tune/told.ts'
import { readTuneRequest, type TuneFlags, type TuneRequest } from './tune-request.ts'

/** The problem that the flags ask for. */
const problemOf = async (request: TuneRequest): Promise<Problem> => {
  const operator = await settleOperator(request.source, { ...request, complete: false })
  const dims = request.input.length - 2
  const geometry = normaliseGeometry({ dims, ...request.geometry(dims) })
  const reason = refuseOperator(operator, geometry)
  if (reason !== undefined) throw new GeometryError(reason)
  const { direction, dtype, pinned, deterministic } = request
  const results = [...operator.results.keys()]
  return { operator, geometry, direction, results, dtype, pinned, deterministic, ...splitShape(geometry, request.input) }
}

/** Stops at Ctrl-C: once after the candidate that is being tried, a second time at once. */
const untilInterrupted = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop)
  }
}

const searchOn = async (tuning: Tuning, problem: Problem, request: TuneRequest, io: Io) => {
  const subject = tuning.subject(problem)
  const reason = subject.refuse(subject.usual)
  if (reason !== undefined) throw new GeometryError(`--schedule: the schedule is refused: ${reason}`)
  const bar = progressBar(io)
  const onProgress = ({ tried, spaceSize, rejected, bestMs, spentMs, budgetMs }: Progress): void => {
    const best = bestMs === undefined ? '' : `best ${timeText(bestMs)}, `
    const left = durationWords(Math.max(0, budgetMs - spentMs))
    bar.show(
      Math.max(spentMs / budgetMs, tried / spaceSize),
      `${best}${tried} of ${spaceSize}, ${rejected} rejected, ${left} left`,
    )
  }
  const { budgetMs: ms, candidates, strategy, seed } = request
  const key = await keyFor(subject, tuning)
  const trials = () => new TrialProcess({ where: tuning.where, problem, seed })
  const store = new FileStore()
  const tuned = await untilInterrupted((signal) =>
    search({ subject, key, store, generator, trials, budget: { ms, candidates }, strategy, seed, signal, onProgress }),
  )
  bar.clear()
  return { tuned, subject }
}

/** Runs the command. */
export const tune = async (words: readonly string[], flags: TuneFlags, io: Io): Promise<void> => {
  const request = readTuneRequest(words, flags)
  const problem = await problemOf(request)
  await withTarget(request, async ({ tuning, device }) => {
    if (!tuning) throw new Error(`the target ${request.target} has schedules, and nothing to tune them with`)
    const { tuned, subject } = await searchOn(tuning, problem, request, io)
    if (request.record !== undefined || request.report !== undefined)
      await writeFiles((await import('../tune/files.ts')).filesOf(tuned, subject, request, { tuning, device }))
    io.out(flags.json ? `${JSON.stringify(jsonOf(tuned, subject, device), null, 2)}\n` : textOf(tuned, subject, device))
  })
}
