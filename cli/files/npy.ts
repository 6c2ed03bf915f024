/**
 * NumPy's .npy files, read and written by ourselves: a header of a few bytes, then the numbers. A reader of other people's
 * files trusts nothing in them: every size is checked against the bytes that are there before anything is allocated.
 */
import { FileError } from '../../dsl/errors.ts'
import type { Tensor, TensorData } from '../../dsl/tensor.ts'
import { type NpyHeader, readHeader } from './npy-header.ts'

/** How one type of the format is stored, and as what it is read. */
interface Format {
  readonly bytes: number
  readonly make: (length: number) => TensorData
  readonly read: (view: DataView, at: number, little: boolean) => number
}

const float16 = (length: number): TensorData => new Uint16Array(length)
const float32 = (length: number): TensorData => new Float32Array(length)
const float64 = (length: number): TensorData => new Float64Array(length)
const int32 = (length: number): TensorData => new Int32Array(length)

const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['f2', { bytes: 2, make: float16, read: (view, at, little) => view.getUint16(at, little) }],
  ['f4', { bytes: 4, make: float32, read: (view, at, little) => view.getFloat32(at, little) }],
  ['f8', { bytes: 8, make: float64, read: (view, at, little) => view.getFloat64(at, little) }],
  ['b1', { bytes: 1, make: int32, read: (view, at) => (view.getUint8(at) ? 1 : 0) }],
  ['u1', { bytes: 1, make: int32, read: (view, at) => view.getUint8(at) }],
  ['i1', { bytes: 1, make: int32, read: (view, at) => view.getInt8(at) }],
  ['u2', { bytes: 2, make: int32, read: (view, at, little) => view.getUint16(at, little) }],
  ['i2', { bytes: 2, make: int32, read: (view, at, little) => view.getInt16(at, little) }],
  ['i4', { bytes: 4, make: int32, read: (view, at, little) => view.getInt32(at, little) }],
  // Doubles hold every integer up to 2^53; larger ones are refused rather than rounded.
  ['u4', { bytes: 4, make: float64, read: (view, at, little) => view.getUint32(at, little) }],
  ['i8', { bytes: 8, make: float64, read: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  ['u8', { bytes: 8, make: float64, read: (view, at, little) => Number(view.getBigUint64(at, little)) }],
])

const formatOf = (descr: string, name: string): { readonly format: Format; readonly little: boolean; readonly type: string } => {
  const type = descr.slice(1)
  const format = formats.get(type)
  const order = descr[0] ?? ''
  const ordered = format && (order === '<' || order === '>' || (format.bytes === 1 && order === '|'))
  if (ordered) return { format, little: order !== '>', type }
  throw new FileError(
    `${name}: holds numbers of type '${descr}'; Poolwright reads real numbers and integers of up to 64 bits. Save it with array.astype('float32').`,
  )
}

/** The number of elements, or a refusal where the bytes at hand are not as many as the shape says. */
const countElements = ({ shape, descr, end }: NpyHeader, size: number, bytes: number, name: string): number => {
  // Beyond 2^53 the product is not exact, and too large in any case.
  const count = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1)
  const there = size - end
  if (count * bytes === there) return count
  const wanted = Number.isSafeInteger(count * bytes) ? `${count * bytes} bytes` : `more than 2^53 bytes`
  const how = count * bytes > there ? 'the file is cut off, or its header is wrong' : 'something else follows them'
  throw new FileError(
    `${name}: the shape (${shape.join(', ')}) of '${descr}' takes ${wanted}, but ${there} follow the header: ${how}. Save it again.`,
  )
}

/** From column-major order to row-major. */
const toRowMajor = (data: TensorData, shape: readonly number[], target: TensorData): TensorData => {
  const index = new Array<number>(shape.length).fill(0)
  const steps = shape.map((_, d) => shape.slice(0, d).reduce((a, b) => a * b, 1))
  let from = 0
  for (let to = 0; to < target.length; to++) {
    target[to] = data[from]!
    for (let d = shape.length - 1; d >= 0; d--) {
      from += steps[d]!
      index[d]!++
      if (index[d]! < shape[d]!) break
      from -= steps[d]! * shape[d]!
      index[d] = 0
    }
  }
  return target
}

const hostIsLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Copies what lies in memory as it lies in the file; undefined where it does not. */
const copied = (bytes: Uint8Array, end: number, type: string, little: boolean): TensorData | undefined => {
  if (little !== hostIsLittle) return undefined
  const { buffer } = new Uint8Array(bytes.subarray(end))
  if (type === 'f2') return new Uint16Array(buffer)
  if (type === 'f4') return new Float32Array(buffer)
  if (type === 'f8') return new Float64Array(buffer)
  if (type === 'i4') return new Int32Array(buffer)
  return undefined
}

/**
 * Reads a .npy file of versions 1 to 3. Floats and small integers arrive as they are, float16 by its bits; integers of 64
 * bits as float64, as far as that is exact.
 *
 * @param name what messages call the file
 * @throws FileError where the bytes are no such file
 */
export const readNpy = (bytes: Uint8Array, name: string): Tensor => {
  const header = readHeader(bytes, name)
  const { shape, end } = header
  const { format, little, type } = formatOf(header.descr, name)
  const count = countElements(header, bytes.length, format.bytes, name)
  const plain = copied(bytes, end, type, little)
  const data = plain ?? format.make(count)
  if (!plain) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let k = 0; k < count; k++) data[k] = format.read(view, end + k * format.bytes, little)
    if (type.endsWith('8') && type !== 'f8') refuseInexact(data, name)
  }
  return { shape, data: header.fortranOrder && shape.length > 1 ? toRowMajor(data, shape, format.make(count)) : data }
}

const refuseInexact = (data: TensorData, name: string): void => {
  const wrong = data.find((value) => !Number.isSafeInteger(value))
  if (wrong === undefined) return
  throw new FileError(`${name}: holds the integer ${wrong}, which a double cannot hold exactly. Save it as float64.`)
}

const descrOf = (data: TensorData): string => {
  if (data instanceof Uint16Array) return '<f2'
  if (data instanceof Float32Array) return '<f4'
  return data instanceof Float64Array ? '<f8' : '<i4'
}

/**
 * Encodes a tensor as a .npy file of version 1, byte for byte as NumPy writes it. A `Uint16Array` is taken for float16; the
 * format has no bfloat16, which has to be widened before.
 */
export const encodeNpy = ({ shape, data }: Tensor): Uint8Array => {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  const text = `{'descr': '${descrOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`
  // The numbers start at a multiple of 64 bytes; the line break before them belongs to the header.
  const end = Math.ceil((10 + text.length + 1) / 64) * 64
  const itemBytes = data.BYTES_PER_ELEMENT
  const bytes = new Uint8Array(end + data.length * itemBytes)
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0])
  const view = new DataView(bytes.buffer)
  view.setUint16(8, end - 10, true)
  bytes.set(new TextEncoder().encode(`${text.padEnd(end - 11)}\n`), 10)
  if (hostIsLittle) bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end)
  else
    for (const [k, value] of data.entries()) {
      if (data instanceof Uint16Array) view.setUint16(end + k * itemBytes, value, true)
      else if (data instanceof Float32Array) view.setFloat32(end + k * itemBytes, value, true)
      else if (data instanceof Float64Array) view.setFloat64(end + k * itemBytes, value, true)
      else view.setInt32(end + k * itemBytes, value, true)
    }
  return bytes
}
