/**
 * What is handed to a kernel, checked against its operator and geometry before anything runs: every name there and known,
 * every shape right, a seed where random values are made. Every target checks here, so that every target refuses alike.
 */
import { ArgumentError } from './errors.ts'
import type { TensorDecl } from './expression.ts'
import { type Geometry, outputSize, type StorageType } from './geometry.ts'
import { joinShape, splitShape } from './layout.ts'
import { nearest } from './names.ts'
import { describeShape, paramTensorShape, type ShapeContext } from './param-shapes.ts'
import type { Signature } from './signature.ts'
import { type StorageRole, storageOf, storages } from './storage.ts'
import { arrayWords, elements, isResident, type ResidentTensor, type Tensor, type TensorData } from './tensor.ts'

export type Given = Readonly<Record<string, Tensor | number>>

/** The extents of one launch, and the shape of each parameter and handed-in random value as it was given. */
export interface CheckedArguments extends ShapeContext {
  /** `[]` for a plain number. */
  readonly paramShapes: ReadonlyMap<string, readonly number[]>
}

const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((x, k) => x === b[k])

/** The array must be that of the tensor's role; where no storage type is asked for any numbers will do, but bits mean nothing. */
const checkArray = (what: string, data: TensorData, role: StorageRole, dtype: StorageType | undefined): void => {
  if (dtype === undefined) {
    if (!(data instanceof Uint16Array)) return
    throw new ArgumentError(`${what} is a Uint16Array, the bits of float16 or of bfloat16: say by dtype which of them`)
  }
  const storage = storageOf(dtype, role)
  const { array } = storages[storage]
  if (data instanceof array) return
  const rule = storage === dtype ? `the kernel stores ${dtype}` : `parameters and noise beside ${dtype} are ${storage}`
  const remedy =
    data instanceof Uint16Array
      ? "widen(data, 'float16') or widen(data, 'bfloat16') gives the numbers of its bits"
      : `narrow(data, '${storage}') makes one`
  throw new ArgumentError(
    `${what} must be ${arrayWords(array)}, since ${rule}, but is ${arrayWords(data.constructor)}: ${remedy}`,
  )
}

/** A tensor in a device's memory is what it says it is: its numbers are not read to be checked. */
const checkResident = (what: string, { stored }: ResidentTensor, role: StorageRole, dtype: StorageType | undefined): void => {
  const wanted = dtype === undefined ? stored : storageOf(dtype, role)
  if (stored !== wanted)
    throw new ArgumentError(`${what} is ${stored} in a device's memory, but must be ${wanted} there: make it of that`)
}

/** A tensor whose data are as long as its shape says, and in the array that its role asks for. */
const checkTensor = (what: string, tensor: Tensor, role: StorageRole, dtype: StorageType | undefined): void => {
  if (isResident(tensor)) {
    checkResident(what, tensor, role, dtype)
    return
  }
  const { shape, data } = tensor
  if (!Array.isArray(shape) || !ArrayBuffer.isView(data)) throw new ArgumentError(`${what} must be a tensor { shape, data }`)
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ArgumentError(`${what} has the shape ${text(shape)}: sizes are integers of at least 0`)
  }
  if (data.length !== elements(shape)) {
    throw new ArgumentError(
      `${what} has the shape ${text(shape)}, which is ${elements(shape)} numbers, but its data are ${data.length}`,
    )
  }
  checkArray(what, data, role, dtype)
}

const checkNames = (operator: Signature, given: readonly string[]): void => {
  const known = operator.tensors.map((decl) => decl.name)
  for (const name of given) {
    if (known.includes(name)) continue
    if (Object.hasOwn(operator.attrs, name))
      throw new ArgumentError(`'${name}' is an attribute of ${operator.name}: give it when the operator is compiled`)
    const meant = nearest(name, known)
    throw new ArgumentError(
      `${operator.name} has no tensor '${name}': ${meant ? `did you mean '${meant}'?` : `it takes ${known.join(', ')}`}`,
    )
  }
  const missing = known.filter((name) => !given.includes(name))
  if (missing.length > 0) throw new ArgumentError(`${operator.name} needs ${missing.map((name) => `'${name}'`).join(', ')}`)
}

const checkSeed = (operator: Signature, seed: bigint | undefined): void => {
  if (seed === undefined) {
    if (operator.seeded) throw new ArgumentError(`${operator.name} draws random values: give a seed, a bigint such as 7n`)
    return
  }
  if (typeof seed !== 'bigint' || seed < 0n || seed >= 1n << 64n)
    throw new ArgumentError(`a seed is a bigint from 0 to 2^64 - 1, but is ${seed}`)
}

/** The shape of a given parameter or random value, checked against its declaration. */
const checkParam = (
  decl: Extract<TensorDecl, { shape: unknown }>,
  value: Tensor | number,
  context: ShapeContext,
  dtype: StorageType | undefined,
): readonly number[] => {
  const what = `${decl.role === 'param' ? 'the parameter' : 'the random value'} '${decl.name}'`
  const wanted = paramTensorShape(decl.shape, context.outExtents.length, context)
  const isScalar = decl.shape === 'scalar' || (typeof decl.shape !== 'string' && decl.shape.length === 0)
  if (typeof value === 'number') {
    if (isScalar) return []
    throw new ArgumentError(`${what} is ${describeShape(decl.shape)}: give a tensor of shape ${text(wanted)}, not a number`)
  }
  checkTensor(what, value, decl.role, dtype)
  if (isScalar ? elements(value.shape) === 1 : same(value.shape, wanted)) return value.shape
  const order = decl.shape === 'kernel' || isScalar ? '' : ' (channels-first whatever the layout)'
  throw new ArgumentError(
    `${what} is ${describeShape(decl.shape)}, so its shape is ${text(wanted)}${order}, but it is ${text(value.shape)}`,
  )
}

/**
 * Checks what is given for one launch.
 *
 * @param options.dtype what the kernel stores, and so which array each tensor must be, by its role; any array of numbers will
 *   do where it is absent
 * @throws ArgumentError where a name is missing or unknown, or a shape, an array or the seed does not fit;
 *   GeometryError where the input's rank or extents do not
 */
export const checkArguments = (
  operator: Signature,
  geometry: Geometry,
  inputs: Given,
  seed?: bigint,
  options: { readonly dtype?: StorageType } = {},
): CheckedArguments => {
  const { dtype } = options
  checkNames(operator, Object.keys(inputs))
  checkSeed(operator, seed)
  const tensorOf = (name: string, role: 'input' | 'tensor'): Tensor => {
    const what = `the ${role} '${name}'`
    const value = inputs[name]
    if (typeof value !== 'object' || value === null) throw new ArgumentError(`${what} must be a tensor { shape, data }`)
    checkTensor(what, value, role, dtype)
    return value
  }
  const inputName = operator.tensors.find((decl) => decl.role === 'input')!.name
  const input = tensorOf(inputName, 'input')
  const { samples, channels, extents } = splitShape(geometry, input.shape)
  if (channels < 1)
    throw new ArgumentError(`the input '${inputName}' has the shape ${text(input.shape)}: it needs at least one channel`)
  const outExtents = outputSize(geometry, extents)
  const kernel = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const context: ShapeContext = { samples, channels, extents, outExtents, kernel }
  const paramShapes = new Map<string, readonly number[]>()
  for (const decl of operator.tensors) {
    if (decl.role === 'param' || decl.role === 'noise') {
      paramShapes.set(decl.name, checkParam(decl, inputs[decl.name]!, context, dtype))
    } else if (decl.role === 'tensor') {
      const { shape } = tensorOf(decl.name, 'tensor')
      if (!same(shape, input.shape)) {
        throw new ArgumentError(
          `the tensor '${decl.name}' has the shape ${text(shape)}, but must have that of '${inputName}', ${text(input.shape)}`,
        )
      }
    }
  }
  return { ...context, paramShapes }
}

/**
 * Checks the cotangents handed to a backward pass: each of a float result, and of the output's shape.
 * @throws ArgumentError where one is not
 */
export const checkCotangents = (
  operator: Signature,
  geometry: Geometry,
  cotangents: Readonly<Record<string, Tensor>>,
  checked: ShapeContext,
  options: { readonly dtype?: StorageType } = {},
): void => {
  const known = [...operator.results].filter(([, result]) => result.type === 'float').map(([name]) => name)
  const wanted = joinShape(geometry, { ...checked, extents: checked.outExtents })
  for (const [name, tensor] of Object.entries(cotangents)) {
    if (!known.includes(name)) {
      const why = operator.results.has(name) ? 'is an integer and has no gradient' : 'is no result'
      throw new ArgumentError(`a cotangent is given for '${name}', which ${why} of ${operator.name}: give ${known.join(', ')}`)
    }
    checkTensor(`the cotangent of '${name}'`, tensor, 'cotangent', options.dtype)
    if (!same(tensor.shape, wanted)) {
      throw new ArgumentError(
        `the cotangent of '${name}' has the shape ${text(tensor.shape)}, but the output's is ${text(wanted)}`,
      )
    }
  }
}
