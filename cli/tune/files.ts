/** What a search leaves in files: a page with pictures, and a recording to be replayed. */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { recordingOf, writeRecording } from '../../runtime/tuner/recording.ts'
import type { TuningReport } from '../../runtime/tuner/report/report.ts'
import type { Tuned } from '../../runtime/tuner/request.ts'
import { spaceOf } from '../../runtime/tuner/space.ts'
import type { Problem, Schedule, Subject } from '../../runtime/tuner/subject.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import type { TuneRequest } from '../commands/tune-request.ts'

const sameSchedule = (a: Schedule, b: Schedule): boolean =>
  Object.keys({ ...a, ...b }).every((axis) => JSON.stringify(a[axis]) === JSON.stringify(b[axis]))

/** All that is known of the space, to be replayed. */
export const recordOf = async (
  tuned: Tuned,
  subject: Subject,
  request: TuneRequest,
  { target, device }: Tuning,
): Promise<string> => {
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

const windowsOf = ({ geometry, extents }: Pick<Problem, 'geometry' | 'extents'>): string => {
  if (geometry.kind !== 'sliding') return `${geometry.kind} windows of ${extents.join(' x ')}`
  const of = (name: string, pick: (axis: SlidingAxis) => number | string): string =>
    `${name} ${[...new Set(geometry.axes.map(pick))].join(', ')}`
  const dilated = geometry.axes.some(({ dilation }) => dilation !== 1) ? [of('dilation', ({ dilation }) => dilation)] : []
  return [
    `${geometry.axes.map(({ kernel }) => kernel).join(' x ')} windows`,
    of('stride', ({ stride }) => stride),
    of('padding', ({ low, high }) => (low === high ? low : `${low}:${high}`)),
    ...dilated,
  ].join(', ')
}

export const reportOf = (
  tuned: Tuned,
  { problem, axes }: Subject,
  { input, strategy, seed, budgetMs, candidates }: TuneRequest,
  on: Pick<TuningReport, 'target' | 'device'>,
): TuningReport => ({
  operator: problem.operator.name,
  formula: problem.operator.formula,
  direction: problem.direction,
  geometry: windowsOf(problem),
  dtype: problem.dtype,
  layout: problem.geometry.layout,
  shape: input,
  ...on,
  date: new Date(),
  strategy,
  seed,
  budget: { ms: budgetMs, candidates },
  tuned,
  axes,
  ...(tuned.limitMs !== undefined && { limitMs: tuned.limitMs }),
})
