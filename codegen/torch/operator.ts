/**
 * An operator's Python module: both directions in plain PyTorch, its declaration, and the function that people call. All texts
 * of a formula stand in comments and strings, escaped; its names are made Python's.
 */
import type { CheckedOperator, TensorDecl } from '../../dsl/expression.ts'
import type { RandomShape } from '../../dsl/shapes.ts'
import { shapeLevel } from '../../dsl/shapes.ts'
import { templates } from '../../templates/compiled.ts'
import type { Program } from '../program.ts'
import { emitTorch, levelWords } from './emit.ts'
import { argumentName, bodyNames, callArguments, pythonName } from './names.ts'
import { numberText } from './spelling.ts'

/** A random value that is declared: drawn from its stream unless it is handed in. */
export interface DeclaredRandom {
  readonly name: string
  readonly kind: 'normal' | 'uniform'
  readonly stream: number
  readonly shape: RandomShape
}

/** What a module is written from. */
export interface TorchOperator {
  /** Attributes are scalar parameters in it, declared random values are handed in, and nothing is known of the windows. */
  readonly programs: { readonly forward: Program; readonly backward: Program }
  readonly attrs: Readonly<Record<string, number>>
  readonly random: readonly DeclaredRandom[]
  /** Whether a mean's divisor may be another, which a variance does not allow. */
  readonly allowsDivisor: boolean
  readonly version: string
}

const quoted = (text: string): string => JSON.stringify(text)

const tuple = (items: readonly string[]): string => (items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`)

const record = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([name, text]) => `${quoted(name)}: ${text}`).join(', ')}}`

const shapeText = (shape: RandomShape): string => quoted(typeof shape === 'string' ? shape : levelWords(shapeLevel(shape)))

/** How people hand in a parameter of a shape. */
const shapeWords = (shape: RandomShape): string => {
  if (typeof shape !== 'string') return `one value for each ${shape.join(', ')}, as (N, C, *O) with 1 for the rest`
  return {
    scalar: 'a number',
    channel: 'one value a channel, (C,)',
    sample: 'one value a sample, (N,)',
    'sample-channel': 'one value a sample and channel, (N, C)',
    position: 'one value an output element, (N, C, *O)',
    kernel: 'one value a tap, of the kernel size',
    input: 'one value an input element, (N, C, *I)',
    window: 'one value for each window and tap, (N, C, *O, *kernel)',
  }[shape]
}

/** A text for a docstring: no end of the string in it, no escapes, and no character that Python has not in its files. */
const inDocstring = (text: string): string =>
  text
    .replace(/\\/g, '\\\\')
    .replace(/"/g, "'")
    .replace(/\s*\p{Cc}\s*/gu, ' ')

const byRole = <Role extends TensorDecl['role']>(operator: CheckedOperator, ...roles: Role[]) =>
  operator.tensors.filter((one): one is Extract<TensorDecl, { role: Role }> => roles.some((role) => role === one.role))

/** What a module imports: of ours, what it uses. */
const importsOf = (
  bodies: readonly string[],
  { hasParams, hasRandom, isSeeded }: Readonly<Record<'hasParams' | 'hasRandom' | 'isSeeded', boolean>>,
): readonly string[] => {
  const uses = (text: string): boolean => bodies.some((line) => line.includes(text))
  const from = (module: string, names: readonly (string | false)[]): string[] => {
    const used = names.filter((name) => name !== false)
    return used.length > 0 ? [`from ${module} import ${used.join(', ')}`] : []
  }
  return [
    ...(uses('torch.') ? ['import torch'] : []),
    'from torch import Tensor',
    '',
    ...from('..arguments', [hasParams && 'Parameter', isSeeded && 'Seed']),
    ...from('..declaration', ['Declaration', hasRandom && 'Random']),
    'from ..geometry import Padding, PerDim',
    'from ..operator import Operator',
    ...from('..windows', ['Windows', uses('softplus(') && 'softplus']),
  ]
}

/** The module's text. */
export const torchModule = ({ programs, attrs, random, allowsDivisor, version }: TorchOperator): string => {
  const { operator } = programs.forward
  const isAttr = (name: string): boolean => Object.hasOwn(attrs, name)
  const inputs = byRole(operator, 'input', 'tensor')
  const params = byRole(operator, 'param').filter(({ name }) => !isAttr(name))
  const results = [...operator.results].map(([name, { type }]) => ({ name, type }))
  const floats = results.filter(({ type }) => type === 'float').map(({ name }) => name)

  // Arguments of the plain functions, by the names that the programs know them by.
  const argumentsOf = (direction: Program['direction']): ReadonlyMap<string, string> => {
    const names = bodyNames([])
    const keys: (readonly [string, string])[] = [
      ...(direction === 'backward' ? floats.map((name) => [`cotangent ${name}`, `d_${name}`] as const) : []),
      ...inputs.map(({ role, name }) => [`${role} ${name}`, name] as const),
      ...params.map(({ name }) => [`param ${name}`, name] as const),
      ...random.map(({ name }) => [`noise ${name}`, name] as const),
      ...Object.keys(attrs).map((name) => [`param ${name}`, name] as const),
    ]
    return new Map(keys.map(([key, name]) => [key, names.fresh(name)]))
  }
  const functionOf = (direction: Program['direction'], wanted: readonly string[], comment: string) => {
    const given = argumentsOf(direction)
    const { lines, returns } = emitTorch(programs[direction], given, wanted, bodyNames(given.values()))
    return {
      name: `_${direction}`,
      parameters: [...given.values()].map((name) => `${name}: Tensor`).join(', '),
      comment,
      lines,
      returns: tuple(returns),
    }
  }

  const argument = new Map([...inputs, ...params, ...random].map(({ name }) => [name, argumentName(name)]))
  const named = (name: string): string => argument.get(name) ?? argumentName(name)
  const formula = inDocstring(operator.formula.trim())
  const attrNames = Object.keys(attrs)
  const isSeeded = operator.seeded || random.length > 0
  const parameters = [
    ...inputs.map(({ name }) => `${named(name)}: Tensor`),
    ...params.map(({ name }) => `${named(name)}: Parameter`),
    'kernel_size: PerDim | None = None',
    'stride: PerDim | None = None',
    'padding: Padding = 0',
    'dilation: PerDim = 1',
    'ceil_mode: bool = False',
    'count_include_pad: bool = True',
    'divisor_override: float | None = None',
    '*',
    'output_size: PerDim | None = None',
    ...attrNames.map((name) => `${named(name)}: float = ${numberText(attrs[name]!)}`),
    ...random.map(({ name }) => `${named(name)}: Tensor | None = None`),
    ...(isSeeded ? ['seed: Seed = None'] : []),
  ]
  const call = [
    tuple(inputs.map(({ name }) => named(name))),
    tuple(params.map(({ name }) => named(name))),
    tuple(callArguments.filter((name) => name !== 'seed')),
    tuple(attrNames.map(named)),
    ...(isSeeded ? [tuple(random.map(({ name }) => named(name))), 'seed'] : []),
  ]
  const functions = [
    functionOf(
      'forward',
      results.map(({ name }) => name),
      'The results, each as it varies.',
    ),
    functionOf(
      'backward',
      [...inputs, ...params].map(({ name }) => name),
      'The gradients, given those of the results.',
    ),
  ]
  const bodies = functions.flatMap(({ lines, returns }) => [...lines, returns])
  return templates['torch/operator']({
    imports: importsOf(bodies, { hasParams: params.length > 0, hasRandom: random.length > 0, isSeeded }),
    title: `${inDocstring(operator.name)}: ${formula}`,
    note: `Written by Poolwright ${version}; \`poolwright export torch\` writes it again.`,
    functions,
    declaration: [
      `name=${quoted(operator.name)}`,
      `formula=${quoted(operator.formula.trim())}`,
      `tensors=${tuple(inputs.map(({ name }) => quoted(named(name))))}`,
      `parameters=${record(params.map(({ name, shape }) => [named(name), shapeText(shape)]))}`,
      `random=${record(random.map(({ name, kind, stream, shape }) => [named(name), `Random(${quoted(kind)}, ${stream}, ${shapeText(shape)})`]))}`,
      `attrs=${record(attrNames.map((name) => [named(name), numberText(attrs[name]!)]))}`,
      `results=${record(results.map(({ name, type }) => [pythonName(name), type === 'int' ? 'True' : 'False']))}`,
      ...(operator.seeded ? ['draws=True'] : []),
      ...(allowsDivisor ? [] : ['allows_divisor=False']),
    ],
    quotedFunction: quoted(pythonName(operator.name)),
    function: pythonName(operator.name),
    parameters,
    returned: results.length === 1 ? 'Tensor' : 'tuple[Tensor, ...]',
    summary: `Pools by ${formula}.`,
    arguments: [
      ...inputs.map(
        ({ name, role }) =>
          `${named(name)}: ${role === 'input' ? '(N, C, *I), of 1 to 3 spatial dimensions.' : 'of the same shape and type.'}`,
      ),
      ...params.map(({ name, shape }) => `${named(name)}: ${shapeWords(shape)}.`),
      'kernel_size: taps of a window, for all dimensions or each.',
      'stride: from window to window; the kernel size by default.',
      'padding: on both sides, or (low, high) for each dimension.',
      'dilation: from tap to tap.',
      'ceil_mode: whether a last window may stick out.',
      'count_include_pad: whether a mean divides by padding too.',
      'divisor_override: what a mean divides by instead.',
      'output_size: adaptive windows, instead of kernel_size and all that follows it.',
      ...attrNames.map((name) => `${named(name)}: a constant of the formula.`),
      ...random.map(({ name, kind, shape }) => `${named(name)}: ${shapeWords(shape)}, instead of ${kind} values that are drawn.`),
      ...(isSeeded
        ? ['seed: the key of what is drawn: a number, or an int64 on the CPU; by default drawn from the CPU generator.']
        : []),
    ],
    result:
      results.length === 1
        ? '(N, C, *O), in the order of memory that x has.'
        : `Of (N, C, *O): ${results.map(({ name }) => pythonName(name)).join(', ')}.`,
    call: call.join(', '),
  })
}
