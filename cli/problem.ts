/** From flags to the problem that is tuned or timed. The language comes with it, so not before the flags have been read. */
import { GeometryError } from '../dsl/errors.ts'
import { refuseOperator } from '../dsl/fit.ts'
import { normaliseGeometry } from '../dsl/geometry.ts'
import { splitShape } from '../dsl/layout.ts'
import { checkResults } from '../runtime/pool.ts'
import type { Problem } from '../runtime/tuner/subject.ts'
import { settleOperator } from './flags/operator.ts'
import type { ProblemRequest } from './flags/problem.ts'

/** @throws PoolwrightError where operator, windows, shape and results do not go together */
export const problemOf = async (
  request: ProblemRequest,
  { pinned, deterministic }: Pick<Problem, 'pinned' | 'deterministic'>,
): Promise<Problem> => {
  const operator = await settleOperator(request.source, { ...request, complete: false })
  const dims = request.input.length - 2
  const geometry = normaliseGeometry({ dims, ...request.geometry(dims) })
  const reason = refuseOperator(operator, geometry)
  if (reason !== undefined) throw new GeometryError(reason)
  const { direction, dtype } = request
  const all = [...operator.results.keys()]
  if (request.results) checkResults({ name: operator.name, results: all }, request.results)
  const results = all.filter((name) => request.results?.includes(name) ?? true)
  return { operator, geometry, direction, results, dtype, pinned, deterministic, ...splitShape(geometry, request.input) }
}
