/**
 * What tensors are stored as: a row for each storage type, which array holds a tensor by what it is to a kernel, and the way
 * between numbers and stored arrays. Whoever makes, checks or reads a tensor asks here, so that a type is one row.
 */
import { ArgumentError } from './errors.ts'
import type { TensorDecl } from './expression.ts'
import type { StorageType } from './geometry.ts'
import { type FloatFormat, numbersOf, stepAt, toBits } from './half.ts'
import type { Signature } from './signature.ts'
import type { Tensor, TensorData } from './tensor.ts'

/** The array that holds floats of a storage type; types of 16 bits are held by their bits. */
export interface StorageArrays {
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly float16: Uint16Array
  readonly bfloat16: Uint16Array
}

type FloatData = StorageArrays[StorageType]

interface FloatArray {
  new (length: number): FloatData
  readonly BYTES_PER_ELEMENT: number
}

interface Storage extends FloatFormat {
  readonly array: FloatArray
  /**
   * What parameters and handed-in noise are stored as beside such tensors. Parameters are few: 16 bits would save little, and
   * an optimiser's small steps would be rounded away. Noise stands for what a kernel would else make in float32.
   */
  readonly params: StorageType
}

/** Every storage type. */
export const storages: Readonly<Record<StorageType, Storage>> = {
  float32: { array: Float32Array, params: 'float32', fractionBits: 23, leastExponent: -126, greatestExponent: 127 },
  float64: { array: Float64Array, params: 'float64', fractionBits: 52, leastExponent: -1022, greatestExponent: 1023 },
  float16: { array: Uint16Array, params: 'float32', fractionBits: 10, leastExponent: -14, greatestExponent: 15 },
  bfloat16: { array: Uint16Array, params: 'float32', fractionBits: 7, leastExponent: -126, greatestExponent: 127 },
}

export const storageTypes = Object.keys(storages) as readonly StorageType[]

/** What an array holds: floats of a storage type, or a kernel's integers. */
export type StoredType = StorageType | 'int32'

/** The array of everything that is stored. */
export const arrays: Readonly<Record<StoredType, (new (length: number) => TensorData) & { readonly BYTES_PER_ELEMENT: number }>> =
  {
    float32: Float32Array,
    float64: Float64Array,
    float16: Uint16Array,
    bfloat16: Uint16Array,
    int32: Int32Array,
  }

/** The storage types of 16 bits. */
export type HalfType = 'float16' | 'bfloat16'

/** Whether tensors of a storage type hold bits. */
export const isHalf = (dtype: StorageType): dtype is HalfType => storages[dtype].array === Uint16Array

/** What a tensor is to a kernel. A gradient is stored as what it is the gradient of. */
export type StorageRole = TensorDecl['role'] | 'result' | 'cotangent'

/** What a float tensor of a role is stored as in a kernel of a storage type; integer results are `Int32Array`s in each. */
export const storageOf = (dtype: StorageType, role: StorageRole): StorageType => {
  switch (role) {
    case 'param':
    case 'noise':
      return storages[dtype].params
    case 'input':
    case 'tensor':
    case 'result':
    case 'cotangent':
      return dtype
    default:
      return role satisfies never
  }
}

/** {@link storageOf} by the names of an operator's tensors; a name that it does not declare is that of a result. */
export const storageByName = ({ tensors }: Pick<Signature, 'tensors'>, dtype: StorageType): ((name: string) => StorageType) => {
  const roles = new Map(tensors.map(({ name, role }) => [name, role]))
  return (name) => storageOf(dtype, roles.get(name) ?? 'result')
}

/**
 * Numbers as a storage type holds them, each rounded once to the nearest, the even one of two: beyond the range to infinity,
 * below it to subnormals and zeros, which keep their sign.
 *
 * @param into the array to write into; a new one by default
 */
export const narrow = <S extends StorageType>(
  values: ArrayLike<number>,
  dtype: S,
  into: StorageArrays[S] = new storages[dtype].array(values.length) as StorageArrays[S],
): StorageArrays[S] => {
  if (isHalf(dtype)) {
    for (let k = 0; k < values.length; k++) into[k] = toBits(values[k]!, storages[dtype])
  } else into.set(values)
  return into
}

/**
 * The numbers of a stored array, exactly: new ones where it holds the bits of a type of 16 bits, itself where it holds numbers.
 *
 * @throws ArgumentError where it holds bits, and `dtype` is no type of 16 bits
 */
export const widen = (data: TensorData, dtype: StorageType): Exclude<TensorData, Uint16Array> => {
  if (!(data instanceof Uint16Array)) return data
  if (!isHalf(dtype))
    throw new ArgumentError(
      `a Uint16Array holds the bits of float16 or bfloat16, but is widened from ${dtype}: say which of them`,
    )
  const numbers = numbersOf(storages[dtype])
  const made = new Float32Array(data.length)
  for (let k = 0; k < data.length; k++) made[k] = numbers[data[k]!]!
  return made
}

/** {@link widen} for tensors; a scalar is a number as it is. */
export const widenTensor = <T extends Tensor | number>(value: T, dtype: StorageType): T | Tensor =>
  typeof value !== 'number' && value.data instanceof Uint16Array ? { shape: value.shape, data: widen(value.data, dtype) } : value

/** {@link widen} for everything that a kernel is handed, by name. */
export const widenAll = <T extends Tensor | number>(
  given: Readonly<Record<string, T>>,
  dtype: StorageType | undefined,
): Readonly<Record<string, T | Tensor>> =>
  dtype === undefined || !isHalf(dtype)
    ? given
    : Object.fromEntries(Object.entries(given).map(([name, value]) => [name, widenTensor(value, dtype)]))

/** The unit in the last place: the step from a stored number to the next of its type, away from 0. */
export const ulp = (value: number, dtype: StorageType): number => stepAt(value, storages[dtype])
