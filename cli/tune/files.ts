/** What a search leaves in files: a page with pictures, and a recording to be replayed. */
import { describeGeometry } from '../../dsl/geometry.ts'
import { recordingOf, writeRecording } from '../../runtime/tuner/recording.ts'
import { renderReport, type TuningReport } from '../../runtime/tuner/report/report.ts'
import type { Tuned } from '../../runtime/tuner/request.ts'
import type { Subject } from '../../runtime/tuner/subject.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import type { TuneRequest } from '../commands/tune-request.ts'
import type { FileToWrite } from '../files/atomic.ts'

/** All that is known of the space, to be replayed. */
const recordOf = (
  { results }: Tuned,
  subject: Subject,
  { source, attrs, shapes, tensors, results: wanted }: TuneRequest,
  { target, device }: Tuning,
): string => {
  const date = new Date().toISOString().slice(0, 10)
  const operator = { ...source, attrs, shapes, tensors, ...(wanted && { results: wanted }) }
  return writeRecording(recordingOf(subject, { operator, target, device, date }, results))
}

const reportOf = (
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

/** The files that were asked for: they are written together, or none is. */
export const filesOf = (
  tuned: Tuned,
  subject: Subject,
  request: TuneRequest,
  { tuning, device }: { readonly tuning: Tuning; readonly device: string },
): readonly FileToWrite[] => {
  const { record, report } = request
  const fileOf = (path: string, text: string): FileToWrite => ({ path, bytes: new TextEncoder().encode(text) })
  const page = (): string => renderReport(reportOf(tuned, subject, request, { target: tuning.target, device }))
  return [
    ...(record === undefined ? [] : [fileOf(record, recordOf(tuned, subject, request, tuning))]),
    ...(report === undefined ? [] : [fileOf(report, page())]),
  ]
}
