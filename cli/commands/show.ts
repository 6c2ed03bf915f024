/** `poolwright show`: an operator, its graph, its stages, or the source text that a target makes of it. */
import { ArgumentError, GeometryError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type Geometry, normaliseGeometry } from '../../dsl/geometry.ts'
import { isParamShape, readShape } from '../../dsl/shape-names.ts'
import type { ParamShape } from '../../dsl/shapes.ts'
import { storageTypes } from '../../dsl/storage.ts'
import { asksForGeometry, type GeometryFlags, readGeometry, toldDims } from '../flags/geometry.ts'
import { settleOperator } from '../flags/operator.ts'
import { readSource } from '../flags/source.ts'
import { loadTarget, readTarget, type TargetFlags } from '../flags/target.ts'
import { Problems, readChoice, readNumbers, readPairs } from '../flags/values.ts'
import type { Io } from '../io.ts'

/** As commander gives them. */
export interface ShowFlags extends GeometryFlags, TargetFlags {
  readonly formula?: string
  readonly tensor?: readonly string[]
  readonly param?: readonly string[]
  readonly attr?: readonly string[]
  readonly backward?: boolean
  readonly ir?: boolean
  readonly stages?: boolean
  readonly schedule?: string
  readonly dtype?: string
  readonly json?: boolean
}

/** `NAME=SHAPE` words; a shape is a name, or axes between commas. */
const readShapes = (words: readonly string[] | undefined, problems: Problems): Record<string, ParamShape> => {
  const shapes = [...readPairs('--param', words, problems)].flatMap(([name, text]) => {
    const reading = readShape(text.includes(',') ? text.split(',') : text)
    if ('shape' in reading && isParamShape(reading.shape)) return [[name, reading.shape] as const]
    const meant = 'shape' in reading ? undefined : reading.suggestion
    const remedy = meant
      ? `did you mean ${meant}?`
      : 'a shape is scalar, channel, sample, sample-channel, position, kernel, or a list of sample, channel, depth, height and width'
    problems.add(`--param ${name}=${text}: ${remedy}`)
    return []
  })
  return Object.fromEntries(shapes)
}

const readSchedule = (text: string | undefined, problems: Problems): Readonly<Record<string, unknown>> | undefined => {
  if (text === undefined) return undefined
  try {
    const schedule: unknown = JSON.parse(text)
    if (typeof schedule === 'object' && schedule !== null && !Array.isArray(schedule)) return { ...schedule }
  } catch {
    // Said below, as for JSON of another kind.
  }
  return problems.add(`--schedule ${text}: a schedule is a JSON object, as in --schedule '{"unroll": "none"}'`)
}

const readShowRequest = (words: readonly string[], flags: ShowFlags) => {
  const problems = new Problems()
  const { source } = readSource(words, flags.formula, [], problems)
  const needsGeometry = asksForGeometry(flags) || flags.ir || flags.stages || flags.backward || flags.schedule !== undefined
  // Without windows there is no kernel yet: the operator itself is shown.
  const geometry = needsGeometry ? readGeometry(flags, problems) : undefined
  if (flags.ir && flags.stages) problems.add('--ir and --stages exclude each other: give one of them')
  const dims = toldDims(flags) ?? 2
  const request = {
    source,
    geometry: geometry && { dims, ...geometry(dims) },
    tensors: flags.tensor ?? [],
    attrs: readNumbers('--attr', flags.attr, problems),
    shapes: readShapes(flags.param, problems),
    schedule: readSchedule(flags.schedule, problems),
    dtype: readChoice('--dtype', flags.dtype, storageTypes, problems) ?? 'float32',
    ...readTarget(flags, problems),
  }
  problems.refuse()
  return request
}

/** An operator in words, where no windows are known. */
const describeOperator = ({ name, formula, tensors, attrs, results }: CheckedOperator): string => {
  const shapeText = (shape: string | readonly string[]): string => (typeof shape === 'string' ? shape : shape.join(', '))
  const lines = [
    ...tensors.map((decl) => `  ${decl.name}: ${decl.role}${'shape' in decl ? ` (${shapeText(decl.shape)})` : ''}`),
    ...Object.entries(attrs).map(([attr, value]) => `  ${attr}: attribute, ${value}`),
    `  results: ${[...results.keys()].join(', ')}`,
  ]
  return `${name}: ${formula}\n${lines.join('\n')}\n`
}

/** Runs the command. */
export const show = async (words: readonly string[], flags: ShowFlags, io: Io): Promise<void> => {
  const request = readShowRequest(words, flags)
  const operator = await settleOperator(request.source, { ...request, complete: false })
  const direction = flags.backward ? 'backward' : 'forward'
  const geometry = request.geometry && normaliseGeometry(request.geometry)
  const text = geometry ? await textOf(operator, geometry, direction, flags, request) : describeOperator(operator)
  if (!flags.json) {
    io.out(text.endsWith('\n') ? text : `${text}\n`)
    return
  }
  const what = geometry ? (flags.ir ? 'ir' : flags.stages ? 'stages' : 'source') : 'operator'
  io.out(`${JSON.stringify({ operator: operator.name, formula: operator.formula, what, direction, geometry, text }, null, 2)}\n`)
}

const textOf = async (
  operator: CheckedOperator,
  geometry: Geometry,
  direction: 'forward' | 'backward',
  flags: ShowFlags,
  request: ReturnType<typeof readShowRequest>,
): Promise<string> => {
  const reason = refuseOperator(operator, geometry)
  if (reason !== undefined) throw new GeometryError(reason)
  if (flags.ir || flags.stages) {
    const { inspect } = await import('../../runtime/inspect.ts')
    return inspect(operator, geometry, flags.ir ? 'ir' : 'stages', direction)
  }
  const target = await loadTarget(request.target)
  const { dtype, schedule } = request
  const kernel = await target.compile(operator, geometry, { dtype, ...(schedule && { schedule }) })
  const text = kernel.source[direction]
  if (text !== '') return text
  throw new ArgumentError(`the target ${request.target} makes no source text: say --target js, or --stages for what is computed`)
}
