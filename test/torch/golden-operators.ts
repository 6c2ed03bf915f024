/**
 * Writes, for the tests in Python, an operator of each golden case: a module of plain PyTorch and CUDA kernels of none, with
 * the case's arguments in the order of its function. `node --import ./test/strip-types.mjs test/torch/golden-operators.ts OUT`
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argumentName } from '../../codegen/torch/names.ts'
import { type Declaration, param } from '../../dsl/declarations.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import type { Operator } from '../../dsl/operator.ts'
import { inferParamShape } from '../../dsl/param-shapes.ts'
import type { ParamShape } from '../../dsl/shapes.ts'
import { type GoldenCase, readGolden } from '../../runtime/golden-file.ts'
import { torchOperator } from '../../runtime/torch/operator.ts'
import { specs } from '../../specs/index.ts'

const aliases: Readonly<Record<string, string>> = {
  'gaussian-offset': 'gaussian',
  'max-special': 'max',
  'adaptive-avg': 'avg',
  'adaptive-max': 'max',
}

const shapesOf = ({ attrs, params, geometry }: GoldenCase): Record<string, ParamShape> => {
  const said = (attrs.paramShapes ?? {}) as Record<string, ParamShape>
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  return Object.fromEntries(
    Object.entries(params).map(([name, { shape }]) => [
      name,
      said[name] ?? (attrs[`${name}Shape`] as ParamShape | undefined) ?? inferParamShape(shape, geometry.dims, kernel),
    ]),
  )
}

const operatorOf = (golden: GoldenCase, name: string): Operator => {
  const { op, attrs } = golden
  const shapes = shapesOf(golden)
  if (op === 'formula')
    return operatorFromFormula(attrs.formula as string, { name, tensors: Object.keys(golden.tensors), paramShapes: shapes })
  const operator = specs.get(aliases[op] ?? op)!
  const declarations = Object.entries(operator.declarations).map(([of, one]): [string, Declaration] =>
    Object.hasOwn(shapes, of) ? [of, param(shapes[of]!)] : [of, one],
  )
  return { ...operator, name, declarations: Object.fromEntries(declarations) }
}

const [out] = process.argv.slice(2) as [string]
const goldens = new URL('../golden/', import.meta.url)
const files = readdirSync(goldens).filter((name) => name.endsWith('.json'))
const cases = files
  .flatMap((file) => readGolden(readFileSync(new URL(file, goldens), 'utf8')).cases)
  .filter(({ op }) => op !== 'gaussian-layer')
  .map((golden, k) => {
    const name = `golden_${k}`
    const operator = operatorOf(golden, name)
    writeFileSync(join(out, `${name}.py`), torchOperator(operator, '0'))
    const of = (...roles: string[]) =>
      Object.entries(operator.declarations).flatMap(([key, { role }]) => (roles.includes(role) ? [key] : []))
    const given = [...of('tensor'), ...of('param')]
    const attrs = Object.fromEntries(
      of('attr').flatMap((key) => (key in golden.attrs ? [[argumentName(key), golden.attrs[key]]] : [])),
    )
    const tensors = (record: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>>) =>
      given.map((key) => record[key] && plain(record[key]))
    return {
      id: golden.id,
      op: golden.op,
      function: name,
      layout: golden.geometry.layout,
      windows: golden.windows,
      attrs,
      further: of('tensor').length,
      input: plain(golden.input),
      given: tensors({ ...golden.tensors, ...golden.params }),
      noise: golden.noise && plain(golden.noise as GoldenCase['input']),
      output: plain(golden.output),
      indices: golden.indices && plain(golden.indices),
      gradOutput: golden.gradOutput && plain(golden.gradOutput),
      gradInput: golden.gradInput && plain(golden.gradInput),
      gradients: tensors({ ...golden.gradTensors, ...golden.gradParams }),
    }
  })

/** JSON has no NaN: strings stand for what is not finite. */
function plain({ shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }) {
  return { shape, data: Array.from(data, (value) => (Number.isFinite(value) ? value : String(value))) }
}

// Names that mean something to Python, to PyTorch's schemas, or to the module that they stand in.
const names =
  'kernel + stride * lambda + windows * mean(torch) + self - dilation * low + seed_ * _x + print * None + sum_2 * high'
const parameters = [
  'kernel',
  'stride',
  'lambda',
  'windows',
  'self',
  'dilation',
  'low',
  'seed_',
  '_x',
  'print',
  'None',
  'sum_2',
  'high',
]
const odd = operatorFromFormula(`let sum_3 = sum(x * kernel); y = std(x) * (${names}) + sum_3; class = max(x)`, {
  name: 'odd',
  tensors: ['torch'],
  paramShapes: { kernel: 'scalar', lambda: 'channel' },
  params: parameters,
})
writeFileSync(join(out, 'odd.py'), torchOperator(odd, '0'))

// Values that overflow in another order, and numbers beyond a type's range.
const extremes = operatorFromFormula(
  'product = max(x) * (min(x) / (min(x) + 1)); small = mean(x) / 1e20; floor = max(max(x), -1e300); ' +
    'least = min(select(max(x) > 1e300, 1e300, 1), 5); other = select(count > 9, 3, -1e300)',
  { name: 'extremes', tensors: [], paramShapes: {} },
)
writeFileSync(join(out, 'extremes.py'), torchOperator(extremes, '0'))

writeFileSync(join(out, 'cases.json'), JSON.stringify(cases))
