/** Golden cases of one operator: which one a case means, of which shapes and constants, and how it is run. */
import { FileError, GeometryError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import { refuseOperator } from '../dsl/fit.ts'
import { operatorFromFormula } from '../dsl/free-formula.ts'
import { isName } from '../dsl/names.ts'
import type { Operator } from '../dsl/operator.ts'
import { inferParamShape } from '../dsl/param-shapes.ts'
import { settle } from '../dsl/settle.ts'
import { isParamShape, readShape } from '../dsl/shape-names.ts'
import type { ParamShape } from '../dsl/shapes.ts'
import { narrow, storageByName } from '../dsl/storage.ts'
import type { Tensor } from '../dsl/tensor.ts'
import { type Found, type GoldenCase, type GoldenRunner, type GoldenTensor, SkippedCase } from './golden-runner.ts'
import { expectedByOracle } from './golden-storage.ts'
import { readFrom } from './target.ts'

/** What cases call operators that have another name in the house. */
const aliases: Readonly<Record<string, string>> = {
  'gaussian-offset': 'gaussian',
  'max-special': 'max',
  'adaptive-avg': 'avg',
  'adaptive-max': 'max',
}

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
  operators: ReadonlyMap<string, Operator>,
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
  if (!operator) throw new SkippedCase(`there is no operator '${op}'`)
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

/** How a case of an operator is run; which one it means is looked up by name. */
export const operatorRunner =
  (operators: ReadonlyMap<string, Operator>): GoldenRunner =>
  async (golden, target, dtype) => {
    const { geometry } = golden
    const { operator, noise } = operatorOf(golden, operators)
    if (operator.seeded) throw new SkippedCase(`${operator.name} draws random values, and the case has no noise to hand in`)
    const results = [...operator.results]
    const float = results.find(([, result]) => result.type === 'float')?.[0]
    const int = results.find(([, result]) => result.type === 'int')?.[0]
    if (float === undefined || (golden.indices && int === undefined)) {
      throw new FileError(`case '${golden.id}': ${operator.name} has no ${float === undefined ? 'float result' : 'indices'}`)
    }
    const misfit = refuseOperator(operator, geometry)
    if (misfit) throw new GeometryError(misfit)
    const kernel = await target.compile(operator, geometry, { dtype })
    const inputName = operator.tensors.find((decl) => decl.role === 'input')!.name
    const storage = storageByName(operator, dtype)
    const stored = ({ shape, data }: GoldenTensor, name: string): Tensor => ({ shape, data: narrow(data, storage(name)) })
    const given = { ...golden.tensors, ...golden.params, ...noise, [inputName]: golden.input }
    const inputs = Object.fromEntries(Object.entries(given).map(([name, tensor]) => [name, stored(tensor, name)]))
    const cotangent = golden.gradOutput && { shape: golden.gradOutput.shape, data: narrow(golden.gradOutput.data, dtype) }
    const launch = { operator, dtype, inputs, cotangent, inputName, float, int }
    const wanted = dtype === golden.dtype ? golden : expectedByOracle(golden, launch)
    const made = await readFrom(target, kernel.forward(inputs))
    const found: Found[] = [{ field: 'output', got: made[float], want: wanted.output, storage: dtype }]
    if (wanted.indices && int !== undefined)
      found.push({ field: 'indices', got: made[int], want: wanted.indices, storage: 'int32' })
    if (!cotangent) return found
    const gradients = await readFrom(target, kernel.backward(inputs, { [float]: cotangent }))
    const gradient = (field: string, name: string, want: GoldenTensor): Found => ({
      field,
      got: gradients[name],
      want,
      storage: storage(name),
    })
    if (wanted.gradInput) found.push(gradient('gradInput', inputName, wanted.gradInput))
    for (const field of ['gradTensors', 'gradParams'] as const)
      for (const [name, want] of Object.entries(wanted[field])) found.push(gradient(`${field}.${name}`, name, want))
    return found
  }
