/** What a search leaves in files: a page with pictures, and a recording to be replayed. */
import { describeGeometry } from '../../dsl/geometry.ts'
import { recordingOf, writeRecording } from '../../runtime/tuner/recording.ts'
import type { TuningReport } from '../../runtime/tuner/report/report.ts'
import type { Tuned } from '../../runtime/tuner/request.ts'
import type { Subject } from '../../runtime/tuner/subject.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import type { TuneRequest } from '../commands/tune-request.ts'

/** All that is known of the space, to be replayed. */
export const recordOf = (
  { results }: Tuned,
  subject: Subject,
  { source, attrs, shapes, tensors }: TuneRequest,
  { target, device }: Tuning,
): string => {
  const date = new Date().toISOString().slice(0, 10)
  const operator = { ...source, attrs, shapes, tensors }
  return writeRecording(recordingOf(subject, { operator, target, device, date }, results))
}

/** A page about a search. */
export const reportOf = (
  tuned: Tuned,
  { problem, axes }: Subject,
  { input, strategy, seed, budgetMs, candidates }: TuneRequest,
  on: Pick<TuningReport, 'target' | 'device'>,
): TuningReport => ({
  operator: problem.operator.name,
  formula: problem.operator.formula,
  direction: problem.direction,
  geometry: describeGeometry(problem.geometry),
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
