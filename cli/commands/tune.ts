/** `poolwright tune`: looks for the fastest schedule on this machine, proves each candidate right first, and remembers. */
import { GeometryError } from '../../dsl/errors.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { splitShape } from '../../dsl/layout.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { keyFor } from '../../runtime/tuner/key.ts'
import { TrialProcess } from '../../runtime/tuner/node/process.ts'
import { timeOf } from '../../runtime/tuner/outcome.ts'
import { recordingOf, writeRecording } from '../../runtime/tuner/recording.ts'
import type { Progress, Result, Tuned } from '../../runtime/tuner/request.ts'
import { spaceOf } from '../../runtime/tuner/space.ts'
import type { Problem, Schedule, Subject } from '../../runtime/tuner/subject.ts'
import { tune as search } from '../../runtime/tuner/tune.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import { writeFiles } from '../files/atomic.ts'
import { settleOperator } from '../flags/operator.ts'
import type { Io } from '../io.ts'
import { progressBar, timeWords } from '../progress-bar.ts'
import { grouped, table } from '../table.ts'
import { withTarget } from '../target.ts'
import { readTuneRequest, type TuneFlags, type TuneRequest } from './tune-request.ts'

/** The fastest that are printed for people. */
const shown = 10

/** Lines of a message that are printed for people. */
const toldLines = 4

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

/** The axes in which a schedule differs from the default. */
const differences = (schedule: Schedule, usual: Schedule): string =>
  Object.entries(schedule)
    .filter(([axis, value]) => JSON.stringify(value) !== JSON.stringify(usual[axis]))
    .map(([axis, value]) => `${axis} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ') || 'the default'

const bySpeed =
  ({ cost }: Subject, isTimed: boolean) =>
  (a: Result, b: Result): number =>
    isTimed ? timeOf(a.outcome) - timeOf(b.outcome) : cost(a.schedule) - cost(b.schedule)

/** A watching device may tell of a fault at hundreds of places: the first are enough here, and JSON has them all. */
const beginning = (message: string): string => {
  const lines = message.split('\n')
  const rest = lines.length > toldLines ? [`… ${lines.length - toldLines} lines more, in --json`] : []
  return [...lines.slice(0, toldLines), ...rest].map((line) => `  ${line}`).join('\n')
}

const textOf = (tuned: Tuned, subject: Subject, device: string): string => {
  const { usual, bestMs, usualMs, isTimed, results, spaceSize, measured } = tuned
  const { operator, direction } = subject.problem
  const right = results.filter(({ outcome }) => outcome.kind === 'ok').sort(bySpeed(subject, isTimed))
  const faults = results.filter(({ outcome }) => outcome.kind !== 'ok')
  const lines = [`${operator.name}, ${direction}, on ${device}`]
  lines.push(
    `${grouped(spaceSize)} candidates, ${grouped(results.length)} tried so far, ${grouped(measured)} of them now; ${grouped(faults.length)} rejected`,
  )
  if (isTimed && tuned.best && bestMs !== undefined) {
    const gain =
      usualMs === undefined ? '' : `, ${(usualMs / bestMs).toFixed(2)} times as fast as the default (${timeWords(usualMs)})`
    lines.push(`best: ${timeWords(bestMs)}${gain}: ${differences(tuned.best, usual)}`)
  } else if (right.length > 0) {
    lines.push('this device has no clock: candidates are held against the definition, and ranked by the cost model alone')
  }
  const best = right[0]
  const figure = ({ schedule, outcome }: Result): string => {
    if (isTimed) return timeWords(timeOf(outcome))
    return best ? (subject.cost(schedule) / subject.cost(best.schedule)).toFixed(2) : ''
  }
  const takes = right.some(({ outcome }) => outcome.takes)
  const head = [isTimed ? 'time' : 'expected', ...(takes ? ['registers', 'spills', 'shared', 'occupancy'] : []), 'schedule']
  const rows = right.slice(0, isTimed ? shown : right.length).map((one) => {
    const { takes: of } = one.outcome
    const figures = of ? [String(of.registers), String(of.spills), String(of.shared), `${Math.round(100 * of.occupancy)} %`] : []
    return [figure(one), ...(takes ? (figures.length > 0 ? figures : ['', '', '', '']) : []), differences(one.schedule, usual)]
  })
  const body = rows.length > 0 ? `\n${table([head, ...rows], head.length - 1)}` : ''
  const wrong = faults.map(({ schedule, outcome }) =>
    outcome.kind === 'ok' ? '' : `${outcome.kind}: ${differences(schedule, usual)}\n${beginning(outcome.message)}`,
  )
  const told = wrong.length > 0 ? `\nrejected:\n${wrong.join('\n')}\n` : ''
  const rest = tuned.isComplete ? '' : '\ninterrupted: the same command goes on from here\n'
  return `${lines.join('\n')}\n${body}${told}${rest}`
}

const jsonOf = (tuned: Tuned, { problem }: Subject, device: string): object => ({
  operator: problem.operator.name,
  direction: problem.direction,
  device,
  best: tuned.best ?? null,
  bestMs: tuned.bestMs ?? null,
  default: tuned.usual,
  defaultMs: tuned.usualMs ?? null,
  timed: tuned.isTimed,
  complete: tuned.isComplete,
  space: tuned.spaceSize,
  measured: tuned.measured,
  compiled: tuned.compiled,
  candidates: tuned.results.map(({ schedule, outcome }) => ({
    schedule,
    outcome: outcome.kind,
    ms: outcome.kind === 'ok' ? outcome.ms : null,
    ...(outcome.takes && { takes: outcome.takes }),
    ...(outcome.kind !== 'ok' && { message: outcome.message }),
  })),
})

const searchOn = async (tuning: Tuning, problem: Problem, request: TuneRequest, io: Io) => {
  const subject = tuning.subject(problem)
  const reason = subject.refuse(subject.usual)
  if (reason !== undefined) throw new GeometryError(`--schedule: the schedule is refused: ${reason}`)
  const bar = progressBar(io)
  const onProgress = ({ tried, spaceSize, rejected, bestMs, spentMs, budgetMs }: Progress): void => {
    const best = bestMs === undefined ? '' : `best ${timeWords(bestMs)}, `
    const left = timeWords(Math.max(0, budgetMs - spentMs))
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
    search({ subject, key, store, trials, budget: { ms, candidates }, strategy, seed, signal, onProgress }),
  )
  bar.clear()
  return { tuned, subject }
}

const sameSchedule = (a: Schedule, b: Schedule): boolean =>
  Object.keys({ ...a, ...b }).every((axis) => JSON.stringify(a[axis]) === JSON.stringify(b[axis]))

/** All that is known of the space, to be replayed. */
const recordOf = async (tuned: Tuned, subject: Subject, request: TuneRequest, { target, device }: Tuning): Promise<string> => {
  const space = await spaceOf(subject)
  const known = tuned.results.flatMap(({ schedule, outcome }) => {
    const found = space.candidates.find((candidate) => sameSchedule(candidate.schedule, schedule))
    return found ? [{ point: found.point, outcome }] : []
  })
  const { source, attrs, shapes, tensors } = request
  const date = new Date().toISOString().slice(0, 10)
  const operator = { ...source, attrs, shapes, tensors }
  return writeRecording(recordingOf(subject.problem, space, { operator, target, device, date }, known))
}

/** Runs the command. */
export const tune = async (words: readonly string[], flags: TuneFlags, io: Io): Promise<void> => {
  const request = readTuneRequest(words, flags)
  const problem = await problemOf(request)
  await withTarget(request, async ({ tuning, device }) => {
    if (!tuning) throw new Error(`the target ${request.target} has schedules, and nothing to tune them with`)
    const { tuned, subject } = await searchOn(tuning, problem, request, io)
    if (request.record !== undefined) {
      const text = await recordOf(tuned, subject, request, tuning)
      await writeFiles([{ path: request.record, bytes: new TextEncoder().encode(text) }])
    }
    io.out(flags.json ? `${JSON.stringify(jsonOf(tuned, subject, device), null, 2)}\n` : textOf(tuned, subject, device))
  })
}
