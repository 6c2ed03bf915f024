/**
 * Recordings of searches: a space with what each of its candidates came to, as JSON. A recording is replayed without a device,
 * so that strategies and cost models are compared on the same measurements, on any machine.
 */
import { FileError } from '../../dsl/errors.ts'
import type { Fields } from '../store/store.ts'
import { type Outcome, timeOf } from './outcome.ts'
import { pointOf, usualFirst } from './schedules.ts'
import { search } from './search.ts'
import type { Candidate, Space } from './space.ts'
import { type StrategyName, strategies } from './strategies/index.ts'
import type { Axes, Problem, Schedule, Subject } from './subject.ts'

/** Which operator it was: one of the house by its name, or a formula with its names. */
export interface RecordedOperator {
  readonly name?: string
  readonly formula?: string
  readonly attrs: Readonly<Record<string, number>>
  readonly shapes: Readonly<Record<string, unknown>>
  readonly tensors: readonly string[]
  /** The results that were made; all of them where this is absent. */
  readonly results?: readonly string[]
}

export interface RecordedCandidate {
  /** By axis, which of its values it has. */
  readonly point: readonly number[]
  readonly outcome: Outcome['kind']
  readonly ms: number | null
}

export interface Recording extends Pick<Problem, 'geometry' | 'direction' | 'dtype' | 'samples' | 'channels' | 'extents'> {
  readonly format: typeof format
  readonly operator: RecordedOperator
  readonly target: string
  readonly device: Fields
  /** The day of the search, as 2026-01-31. */
  readonly date: string
  /** The default's value of each axis comes first. */
  readonly axes: Axes
  /** Of axes that are not searched. */
  readonly rest: Schedule
  readonly candidates: readonly RecordedCandidate[]
}

const format = 'poolwright tuning 1'

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0

/** Makes a recording of what is known of a subject. */
export const recordingOf = (
  subject: Subject,
  of: Pick<Recording, 'operator' | 'target' | 'device' | 'date'>,
  results: readonly { readonly schedule: Schedule; readonly outcome: Outcome }[],
): Recording => {
  const { geometry, direction, dtype, samples, channels, extents } = subject.problem
  const axes = usualFirst(subject)
  const candidates = results.flatMap(({ schedule, outcome }): RecordedCandidate[] => {
    const point = pointOf(axes, { ...subject.usual, ...schedule })
    if (!point) return []
    const ms = outcome.kind === 'ok' && outcome.ms !== null ? Number(outcome.ms.toPrecision(5)) : null
    return [{ point, outcome: outcome.kind, ms }]
  })
  const rest = Object.fromEntries(Object.entries(subject.usual).filter(([axis]) => !Object.hasOwn(axes, axis)))
  return { format, ...of, geometry, direction, dtype, samples, channels, extents, axes, rest, candidates }
}

/** A recording as text: a candidate a line, so that changes can be read. */
export const writeRecording = ({ candidates, ...head }: Recording): string => {
  const lines = candidates.map((candidate) => `    ${JSON.stringify(candidate)}`)
  const text = JSON.stringify(head, null, 2).replace(/\n}$/, '')
  return `${text},\n  "candidates": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/** @throws FileError for text that is no recording */
export const readRecording = (text: string, file: string): Recording => {
  const wrong = (what: string): FileError =>
    new FileError(`${file}: ${what}. A recording is made by poolwright tune … --record ${file}.`)
  let recording: Recording
  try {
    recording = JSON.parse(text) as Recording
  } catch {
    throw wrong('is no JSON')
  }
  if (typeof recording !== 'object' || recording === null || recording.format !== format) throw wrong(`is not of '${format}'`)
  const { axes, candidates } = recording
  const values = typeof axes === 'object' && axes !== null ? Object.values(axes) : []
  if (values.length === 0 || !values.every((list) => Array.isArray(list) && list.length > 0)) throw wrong('has no axes')
  if (!Array.isArray(candidates) || candidates.length === 0) throw wrong('has no candidates')
  for (const [k, one] of candidates.entries()) {
    const { point, ms, outcome } = one as Partial<RecordedCandidate>
    const fits =
      Array.isArray(point) &&
      point.length === values.length &&
      point.every((value: unknown, d: number) => isCount(value) && value < values[d]!.length)
    if (!fits) throw wrong(`candidate ${k} has no place among the axes`)
    const isTime = typeof ms === 'number' && ms > 0 && Number.isFinite(ms)
    if (typeof outcome !== 'string' || (ms !== null && !isTime)) throw wrong(`candidate ${k} has neither a time nor a fault`)
  }
  if (!recording.candidates.some(({ point }) => point.every((value) => value === 0))) throw wrong('lacks the default schedule')
  return recording
}

/** The space of a recording: the candidates that were measured. */
export const recordedSpace = ({ axes, rest, candidates }: Recording): Space => {
  const names = Object.keys(axes)
  const scheduleAt = (point: readonly number[]): Schedule => ({
    ...rest,
    ...Object.fromEntries(names.map((name, d) => [name, axes[name]![point[d]!]])),
  })
  const all = candidates.map(({ point }, index): Candidate => ({ index, point, schedule: scheduleAt(point) }))
  const byPoint = new Map(all.map((candidate) => [candidate.point.join(), candidate]))
  return {
    axes,
    candidates: all,
    usual: all.find(({ point }) => point.every((value) => value === 0))!,
    refused: 0,
    duplicates: 0,
    at: (point) => byPoint.get(point.join()),
    identify: async ({ point }) => point.join(),
  }
}

export interface ReplayOptions {
  readonly strategy: StrategyName
  readonly seed: number
  /** The default by default. */
  readonly start?: Candidate
  readonly cost: (candidate: Candidate) => number
  /** The most candidates to try; all by default. */
  readonly most?: number
}

/** The time of each candidate in the order in which a strategy tries them; infinite for what cannot win. */
export const replay = async (recording: Recording, space: Space, options: ReplayOptions): Promise<readonly number[]> => {
  const { strategy, seed, start = space.usual, cost, most = space.candidates.length } = options
  const outcomeOf = ({ index }: Candidate): Outcome => {
    const { outcome, ms } = recording.candidates[index]!
    return outcome === 'ok' ? { kind: 'ok', ms } : { kind: outcome, message: 'recorded' }
  }
  const trials = search({
    space,
    seed,
    start,
    cost,
    strategy: strategies[strategy],
    known: async () => undefined,
    measure: async (candidate) => outcomeOf(candidate),
    goesOn: (measured) => measured < most,
  })
  const times: number[] = []
  for await (const { outcome } of trials) times.push(timeOf(outcome))
  return times
}

/** How many candidates a share of a recording is, and at least one. */
export const partOf = ({ candidates }: Recording, share: number): number => Math.max(1, Math.floor(share * candidates.length))

/** How near the best a search has come after a share of the space: the best time of all by the best so far, from 0 to 1. */
export const nearness = (recording: Recording, times: readonly number[], share: number): number => {
  const all = recording.candidates.flatMap(({ outcome, ms }) => (outcome === 'ok' && ms !== null ? [ms] : []))
  return Math.min(...all) / Math.min(...times.slice(0, partOf(recording, share)))
}
