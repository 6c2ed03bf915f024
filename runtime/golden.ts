/**
 * The golden contract: runs a case of a golden file on a target, forward and backward, and compares within the tolerances
 * of test/golden/README.md. Which operator a case means is looked up in a table that the caller has.
 */
import { FileError, GeometryError, StorageError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import { refuseOperator } from '../dsl/fit.ts'
import { operatorFromFormula } from '../dsl/free-formula.ts'
import type { Geometry, StorageType } from '../dsl/geometry.ts'
import { splitShape } from '../dsl/layout.ts'
import { isName } from '../dsl/names.ts'
import type { Operator } from '../dsl/operator.ts'
import { inferParamShape } from '../dsl/param-shapes.ts'
import { settle } from '../dsl/settle.ts'
import { isParamShape, readShape } from '../dsl/shape-names.ts'
import type { ParamShape } from '../dsl/shapes.ts'
import { narrow, storageByName, storageTypes } from '../dsl/storage.ts'
import type { Tensor } from '../dsl/tensor.ts'
import { type Bound, compare, type Worst } from './golden-compare.ts'
import type { GoldenCase, GoldenTensor } from './golden-file.ts'
import { expectedByOracle } from './golden-storage.ts'
import { readFrom, type Target, type TargetOptions } from './target.ts'

export { type GoldenCase, readGolden } from './golden-file.ts'

export interface GoldenOptions {
  /** Operators by name; a case may name any of them. */
  readonly operators: ReadonlyMap<string, Operator>
  /** What kernels store, whatever the file says; where that differs, the oracle's numbers are expected in place of the file's. */
  readonly dtype?: StorageType
  readonly schedule?: NonNullable<TargetOptions['schedule']>
  readonly arith?: NonNullable<TargetOptions['arith']>
}

export interface CaseReport {
  readonly id: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
  /** The largest error over its bound: at most 1 where the case passed, infinite where a NaN, an infinity or an index differs, or nothing came. */
  readonly maxError: number
}

/** What cases call operators that have another name in the house. */
const aliases: Readonly<Record<string, string>> = {
  'gaussian-offset': 'gaussian',
  'max-special': 'max',
  'adaptive-avg': 'avg',
  'adaptive-max': 'max',
}

/** A reason to leave a case out: not wrong, but nothing that can be run here. */
class Skip extends Error {}

const isStorageType = (dtype: string): dtype is StorageType => storageTypes.some((one) => one === dtype)

/** Parameters' shapes: what the case says, else what their tensors tell. */
const paramShapes = ({ attrs, params, geometry, id }: GoldenCase): Record<string, ParamShape> => {
  const said =
    typeof attrs.paramShapes === 'object'
      ? new Map<string, unknown>(Object.entries(attrs.paramShapes ?? {}))
      : new Map<string, unknown>()
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const shapeOf = (name: string, tensor: GoldenTensor): ParamShape => {
    const told = said.get(name) ?? attrs[`${name}Shape`]
    if (told === undefined) return inferParamShape(tensor.shape, geometry.dims, kernel)
    const reading = readShape(told)
    if ('shape' in reading && isParamShape(reading.shape)) return reading.shape
    throw new FileError(
      `case '${id}', attrs: the shape of '${name}' is ${JSON.stringify(told)}, which is no shape of a parameter`,
    )
  }
  return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, shapeOf(name, tensor)]))
}

/** The operator that a case means, with its shapes and constants settled, and what its random values are given as. */
const operatorOf = (
  golden: GoldenCase,
  operators: GoldenOptions['operators'],
): { operator: CheckedOperator; noise: Record<string, GoldenTensor> } => {
  const { op, attrs, id } = golden
  const shapes = paramShapes(golden)
  const numbers = Object.fromEntries(
    Object.entries(attrs).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
  if (op === 'formula') {
    const { formula } = attrs
    if (typeof formula !== 'string')
      throw new FileError(`case '${id}', attrs.formula: must be a text, but is ${JSON.stringify(formula)}`)
    const used = Object.entries(numbers).filter(([name]) => isName(name) && new RegExp(`\\b${name}\\b`).test(formula))
    const tensors = Object.keys(golden.tensors)
    return {
      operator: settle(operatorFromFormula(formula, { tensors, paramShapes: shapes, attrs: Object.fromEntries(used) })),
      noise: {},
    }
  }
  const operator = operators.get(op) ?? operators.get(aliases[op] ?? '')
  if (!operator) throw new Skip(`there is no operator '${op}'`)
  const random = Object.entries(operator.declarations).filter(([, declaration]) => declaration.role === 'random')
  const noise = noiseOf(
    golden,
    random.map(([name]) => name),
  )
  return { operator: settle(operator, { shapes, attrs: numbers, handIn: Object.keys(noise) }), noise }
}

/** A case's noise by the names that the operator declares: a lone tensor belongs to its lone random value. */
const noiseOf = ({ noise, id }: GoldenCase, declared: readonly string[]): Record<string, GoldenTensor> => {
  if (noise === undefined) return {}
  if (!ArrayBuffer.isView(noise.data)) return { ...(noise as Record<string, GoldenTensor>) }
  const [name, ...others] = declared
  if (name === undefined || others.length > 0)
    throw new FileError(`case '${id}', noise: one tensor, but the operator declares ${declared.length} random values`)
  return { [name]: noise as GoldenTensor }
}

/** The number of elements in the largest window. */
const largestWindow = (geometry: Geometry, extents: readonly number[]): number => {
  if (geometry.kind === 'sliding') return geometry.axes.reduce((taps, axis) => taps * axis.kernel, 1)
  if (geometry.kind === 'global') return extents.reduce((a, b) => a * b, 1)
  return geometry.outputSize.reduce((taps, outputs, d) => {
    const extent = extents[d]!
    const windows = Array.from(
      { length: outputs },
      (_, o) => Math.ceil(((o + 1) * extent) / outputs) - Math.floor((o * extent) / outputs),
    )
    return taps * Math.max(...windows)
  }, 1)
}

const bounds = ({ op, input, geometry }: GoldenCase): { readonly forward: Bound; readonly gradient: Bound } => {
  const root = Math.sqrt(largestWindow(geometry, splitShape(geometry, input.shape).extents))
  const relative =
    (tolerance: number): Bound =>
    (want) =>
      tolerance * Math.max(1, Math.abs(want)) * root
  if (op !== 'gaussian-offset') return { forward: relative(1e-5), gradient: relative(1e-4) }
  const largest = input.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  return { forward: () => 2e-6 * largest * root, gradient: relative(2e-3) }
}

const run = async (golden: GoldenCase, target: Target, options: GoldenOptions): Promise<Worst[]> => {
  const { geometry } = golden
  const dtype = options.dtype ?? golden.dtype
  if (!isStorageType(dtype)) throw new Skip(`kernels store ${storageTypes.join(', ')}, not ${dtype}`)
  const { operator, noise } = operatorOf(golden, options.operators)
  if (operator.seeded) throw new Skip(`${operator.name} draws random values, and the case has no noise to hand in`)
  const results = [...operator.results]
  const float = results.find(([, result]) => result.type === 'float')?.[0]
  const int = results.find(([, result]) => result.type === 'int')?.[0]
  if (float === undefined || (golden.indices && int === undefined)) {
    throw new FileError(`case '${golden.id}': ${operator.name} has no ${float === undefined ? 'float result' : 'indices'}`)
  }
  const misfit = refuseOperator(operator, geometry)
  if (misfit) throw new GeometryError(misfit)
  const { schedule, arith } = options
  const kernel = await target.compile(operator, geometry, { dtype, ...(schedule && { schedule }), ...(arith && { arith }) })
  const inputName = operator.tensors.find((decl) => decl.role === 'input')!.name
  const storage = storageByName(operator, dtype)
  const stored = ({ shape, data }: GoldenTensor, name: string): Tensor => ({ shape, data: narrow(data, storage(name)) })
  const given = { ...golden.tensors, ...golden.params, ...noise, [inputName]: golden.input }
  const inputs = Object.fromEntries(Object.entries(given).map(([name, tensor]) => [name, stored(tensor, name)]))
  const cotangent = golden.gradOutput && { shape: golden.gradOutput.shape, data: narrow(golden.gradOutput.data, dtype) }
  const launch = { operator, dtype, inputs, cotangent, inputName, float, int }
  const wanted = dtype === golden.dtype ? golden : expectedByOracle(golden, launch)
  const { forward, gradient } = bounds(golden)
  const made = await readFrom(target, kernel.forward(inputs))
  const found = [compare('output', made[float], wanted.output, forward, dtype)]
  if (wanted.indices && int !== undefined) found.push(compare('indices', made[int], wanted.indices, () => 0, 'int32'))
  if (!cotangent) return found
  const gradients = await readFrom(target, kernel.backward(inputs, { [float]: cotangent }))
  const compareGradient = (field: string, name: string, want: GoldenTensor): void => {
    found.push(compare(field, gradients[name], want, gradient, storage(name)))
  }
  if (wanted.gradInput) compareGradient('gradInput', inputName, wanted.gradInput)
  for (const [name, want] of Object.entries(wanted.gradTensors)) compareGradient(`gradTensors.${name}`, name, want)
  for (const [name, want] of Object.entries(wanted.gradParams)) compareGradient(`gradParams.${name}`, name, want)
  return found
}

/**
 * Runs one case on a target. Whatever goes wrong in it is the case's failure and becomes the reason, so that one case does
 * not end a file; what this house does not have, an operator or a data type, is skipped.
 * @throws StorageError where `options.dtype` is none of the target's: then every case would fail of the same
 */
export const checkCase = async (golden: GoldenCase, target: Target, options: GoldenOptions): Promise<CaseReport> => {
  const { id } = golden
  try {
    const found = await run(golden, target, options)
    const worst = found.reduce((a, b) => (b.error > a.error ? b : a))
    if (worst.error <= 1) return { id, status: 'passed', maxError: worst.error }
    const times = Number.isFinite(worst.error) ? ` (${worst.error.toPrecision(3)} times the bound)` : ''
    return { id, status: 'failed', reason: `${worst.at}${times}`, maxError: worst.error }
  } catch (error) {
    if (error instanceof StorageError && options.dtype !== undefined) throw error
    const reason = error instanceof Error ? error.message : String(error)
    return error instanceof Skip || error instanceof StorageError
      ? { id, status: 'skipped', reason, maxError: 0 }
      : { id, status: 'failed', reason, maxError: Number.POSITIVE_INFINITY }
  }
}
