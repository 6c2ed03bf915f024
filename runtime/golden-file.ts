/**
 * Reads golden files: cases of pooling with results that somebody else computed (test/golden/README.md has the format).
 * They come from other people too, so whatever is broken is refused with the case and the field in which it stands.
 */
import { FileError, PoolwrightError } from '../dsl/errors.ts'
import { type Geometry, type GeometryOptions, type Layout, normaliseGeometry, outputSize } from '../dsl/geometry.ts'
import { joinShape, splitShape } from '../dsl/layout.ts'
import { elements, type Tensor } from '../dsl/tensor.ts'

export type GoldenTensor = Tensor<Float64Array>
export type GoldenTensors = Readonly<Record<string, GoldenTensor>>

/** One case. What a file does not have is absent or empty here. */
export interface GoldenCase {
  readonly id: string
  readonly op: string
  /** What the kernel under test stores: `float32` where the file does not say. */
  readonly dtype: string
  readonly geometry: Geometry
  /** The same as the case says it. */
  readonly windows: GeometryOptions
  /** Everything in `attrs` that is no geometry: constants, shapes, a formula. */
  readonly attrs: Readonly<Record<string, unknown>>
  readonly input: GoldenTensor
  readonly tensors: GoldenTensors
  readonly params: GoldenTensors
  /** What a layer remembers besides its parameters. */
  readonly buffers: GoldenTensors
  /** One tensor, or several by name. */
  readonly noise: GoldenTensor | GoldenTensors | undefined
  readonly output: GoldenTensor
  readonly indices: GoldenTensor | undefined
  readonly gradOutput: GoldenTensor | undefined
  readonly gradInput: GoldenTensor | undefined
  readonly gradTensors: GoldenTensors
  readonly gradParams: GoldenTensors
}

export interface GoldenFile {
  readonly source: string
  readonly cases: readonly GoldenCase[]
}

type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const words: ReadonlyMap<unknown, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
])

/** `where` is the case and the field, for messages. */
const refuse = (where: string, what: string): never => {
  throw new FileError(`${where}: ${what}`)
}

const recordAt = (value: unknown, where: string): Fields =>
  isRecord(value) ? value : refuse(where, `must be an object, but is ${show(value)}`)

const textAt = (value: unknown, where: string): string =>
  typeof value === 'string' && value !== '' ? value : refuse(where, `must be a text, but is ${show(value)}`)

const tensorAt = (value: unknown, where: string): GoldenTensor => {
  const { shape, data } = recordAt(value, where)
  if (!Array.isArray(shape) || !shape.every((size): size is number => Number.isSafeInteger(size) && size >= 0)) {
    return refuse(`${where}.shape`, `must be a list of integers of at least 0, but is ${show(shape)}`)
  }
  if (!Array.isArray(data)) return refuse(`${where}.data`, `must be a list of numbers, but is ${show(data)}`)
  if (data.length !== elements(shape)) {
    return refuse(
      where,
      `has the shape [${shape.join(', ')}], which is ${elements(shape)} numbers, but its data are ${data.length}`,
    )
  }
  const read = data.map((x: unknown, k) => {
    if (typeof x === 'number') return x
    return words.get(x) ?? refuse(`${where}.data[${k}]`, `must be a number, "nan", "inf" or "-inf", but is ${show(x)}`)
  })
  return { shape, data: Float64Array.from(read) }
}

const optional = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === undefined || value === null ? undefined : read(value)

/** Tensors by name; none where the field is absent. */
const tensorsAt = (value: unknown, where: string): GoldenTensors =>
  Object.fromEntries(
    Object.entries(optional(value, (found) => recordAt(found, where)) ?? {}).map(([name, tensor]) => [
      name,
      tensorAt(tensor, `${where}.${name}`),
    ]),
  )

const geometryFields = [
  'kernelSize',
  'stride',
  'padding',
  'dilation',
  'ceilMode',
  'countIncludePad',
  'divisorOverride',
  'outputSize',
  'global',
]

const isPerDim = (value: unknown): boolean =>
  typeof value === 'number' || (Array.isArray(value) && value.every((x) => typeof x === 'number'))
const isPadding = (value: unknown): boolean =>
  typeof value === 'number' ||
  (Array.isArray(value) && value.every((x) => typeof x === 'number' || (Array.isArray(x) && x.length === 2 && isPerDim(x))))
const kinds: readonly (readonly [kind: string, test: (value: unknown) => boolean, fields: readonly string[]])[] = [
  ['a number or a list of numbers', isPerDim, ['kernelSize', 'stride', 'dilation', 'outputSize']],
  ['a number, or a list of numbers and pairs', isPadding, ['padding']],
  ['true or false', (value) => typeof value === 'boolean', ['ceilMode', 'countIncludePad', 'global']],
  ['a number', (value) => typeof value === 'number', ['divisorOverride']],
]

/** The geometry among the attributes; null stands for absent, as it does in PyTorch's own arguments. */
const geometryAt = (
  attrs: Fields,
  layout: Layout,
  dims: number,
  input: GoldenTensor,
  where: string,
): Pick<GoldenCase, 'geometry' | 'windows'> => {
  const given: Record<string, unknown> = Object.fromEntries(
    Object.entries(attrs).filter(([name, value]) => geometryFields.includes(name) && value !== null && value !== undefined),
  )
  if (Array.isArray(given.outputSize)) {
    // PyTorch lets None stand for the input's own extent.
    const offset = layout === 'channels-first' ? 2 : 1
    given.outputSize = given.outputSize.map((size: unknown, d) => size ?? input.shape[d + offset])
  }
  for (const [kind, test, fields] of kinds) {
    for (const field of fields) {
      if (given[field] !== undefined && !test(given[field]))
        refuse(`${where}.${field}`, `must be ${kind}, but is ${show(given[field])}`)
    }
  }
  // What has no windows of its own, and is nothing of this house, still has to be readable, to be skipped by name.
  const known = given.kernelSize === undefined && given.outputSize === undefined ? { ...given, global: true } : given
  const windows: GeometryOptions = { ...known, layout, dims }
  try {
    return { windows, geometry: normaliseGeometry(windows, input.shape.length) }
  } catch (error) {
    if (error instanceof PoolwrightError) return refuse(where, error.message)
    throw error
  }
}

const sameShape = (a: GoldenTensor, b: GoldenTensor): boolean => a.shape.join() === b.shape.join()

/** Each gradient belongs to a tensor of the case and has its shape. */
const checkGradients = (gradients: GoldenTensors, of: GoldenTensors, where: string, field: string): void => {
  for (const [name, gradient] of Object.entries(gradients)) {
    const tensor = Object.hasOwn(of, name) ? of[name] : undefined
    if (!tensor) refuse(`${where}.${name}`, `is a gradient of something that ${field} does not have`)
    else if (!sameShape(gradient, tensor)) {
      refuse(
        `${where}.${name}`,
        `has the shape [${gradient.shape.join(', ')}], but ${field}.${name} has [${tensor.shape.join(', ')}]`,
      )
    }
  }
}

/** Shapes that follow from others are what they must be. */
const checkShapes = (made: GoldenCase, where: string): void => {
  const { geometry, input, output, indices, gradOutput, gradInput } = made
  try {
    const split = splitShape(geometry, input.shape)
    const wanted = joinShape(geometry, { ...split, extents: outputSize(geometry, split.extents) })
    if (output.shape.join() !== wanted.join()) {
      refuse(`${where}, output`, `has the shape [${output.shape.join(', ')}], but the geometry gives [${wanted.join(', ')}]`)
    }
  } catch (error) {
    if (error instanceof PoolwrightError && !(error instanceof FileError)) refuse(`${where}, input`, error.message)
    throw error
  }
  for (const [name, tensor, of, like] of [
    ['indices', indices, output, 'output'],
    ['gradOutput', gradOutput, output, 'output'],
    ['gradInput', gradInput, input, 'input'],
  ] as const) {
    if (tensor && !sameShape(tensor, of)) {
      refuse(
        `${where}, ${name}`,
        `has the shape [${tensor.shape.join(', ')}], but must have that of ${like}, [${of.shape.join(', ')}]`,
      )
    }
  }
  checkGradients(made.gradTensors, made.tensors, `${where}, gradTensors`, 'tensors')
  checkGradients(made.gradParams, made.params, `${where}, gradParams`, 'params')
  const gradients = gradInput ? 1 : Object.keys({ ...made.gradTensors, ...made.gradParams }).length
  if (gradients > 0 && !gradOutput)
    refuse(`${where}, gradOutput`, 'is absent, but gradients are given: they belong to a cotangent')
}

const caseAt = (value: unknown, k: number): GoldenCase => {
  const fields = recordAt(value, `case ${k}`)
  const id = textAt(fields.id, `case ${k}, id`)
  const where = (field: string): string => `case '${id}', ${field}`
  const input = tensorAt(fields.input, where('input'))
  const dims = fields.dims ?? input.shape.length - 2
  if (dims !== 1 && dims !== 2 && dims !== 3) return refuse(where('dims'), `must be 1, 2 or 3, but is ${show(dims)}`)
  const layout = fields.layout ?? 'channels-first'
  if (layout !== 'channels-first' && layout !== 'channels-last') {
    return refuse(where('layout'), `must be 'channels-first' or 'channels-last', but is ${show(layout)}`)
  }
  const attrs = optional(fields.attrs, (found) => recordAt(found, where('attrs'))) ?? {}
  const tensor = (name: string): GoldenTensor | undefined => optional(fields[name], (found) => tensorAt(found, where(name)))
  const isTensor = isRecord(fields.noise) && Array.isArray(fields.noise.shape)
  const made: GoldenCase = {
    id,
    op: textAt(fields.op, where('op')),
    dtype: fields.dtype === undefined ? 'float32' : textAt(fields.dtype, where('dtype')),
    ...geometryAt(attrs, layout, dims, input, where('attrs')),
    attrs: Object.fromEntries(Object.entries(attrs).filter(([name]) => !geometryFields.includes(name))),
    input,
    tensors: tensorsAt(fields.tensors, where('tensors')),
    params: tensorsAt(fields.params, where('params')),
    buffers: tensorsAt(fields.buffers, where('buffers')),
    noise: isTensor ? tensor('noise') : optional(fields.noise, (found) => tensorsAt(found, where('noise'))),
    output: tensorAt(fields.output, where('output')),
    indices: tensor('indices'),
    gradOutput: tensor('gradOutput'),
    gradInput: tensor('gradInput'),
    gradTensors: tensorsAt(fields.gradTensors, where('gradTensors')),
    gradParams: tensorsAt(fields.gradParams, where('gradParams')),
  }
  checkShapes(made, `case '${id}'`)
  return made
}

/**
 * Reads a golden file of version 1.
 * @throws FileError that names the case and the field that is broken
 */
export const readGolden = (text: string): GoldenFile => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new FileError(`a golden file is JSON, but this is not: ${error instanceof Error ? error.message : String(error)}`)
  }
  const file = recordAt(parsed, 'a golden file')
  if (file.version !== 1) refuse('version', `must be 1, but is ${show(file.version)}`)
  if (!Array.isArray(file.cases)) return refuse('cases', `must be a list, but is ${show(file.cases)}`)
  return { source: typeof file.source === 'string' ? file.source : '', cases: file.cases.map(caseAt) }
}
