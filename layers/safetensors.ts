/**
 * Safetensors, the files that networks' parameters are exchanged in: eight bytes with the length of a header, the header in
 * JSON with a type, a shape and a range of bytes for each name, and the numbers, little-endian as typed arrays have them on
 * every machine that engines run on. https://github.com/huggingface/safetensors
 *
 * Files come from others, so nothing that one says is believed: ranges have to fill it, without overlap and without a hole.
 */
import { ArgumentError, FileError } from '../dsl/errors.ts'
import { widen } from '../dsl/storage.ts'
import { elements } from '../dsl/tensor.ts'

/** A parameter or a buffer: floats, or a count. */
export interface StateTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | BigInt64Array
}

/** Parameters and buffers by name. */
export type StateDict = Readonly<Record<string, StateTensor>>

interface StoredType {
  /** Of a number. */
  readonly bytes: number
  /** Absent for what no state has. */
  readonly read?: (data: ArrayBuffer) => StateTensor['data']
}

const half =
  (dtype: 'float16' | 'bfloat16') =>
  (data: ArrayBuffer): Float32Array =>
    Float32Array.from(widen(new Uint16Array(data), dtype))

/** Every type whose numbers are whole bytes: ranges are checked of those too that are not read. */
const types: Readonly<Record<string, StoredType>> = {
  F64: { bytes: 8, read: (data) => new Float64Array(data) },
  F32: { bytes: 4, read: (data) => new Float32Array(data) },
  F16: { bytes: 2, read: half('float16') },
  BF16: { bytes: 2, read: half('bfloat16') },
  I64: { bytes: 8, read: (data) => new BigInt64Array(data) },
  ...Object.fromEntries(['U64', 'C64'].map((name) => [name, { bytes: 8 }])),
  ...Object.fromEntries(['I32', 'U32'].map((name) => [name, { bytes: 4 }])),
  ...Object.fromEntries(['I16', 'U16'].map((name) => [name, { bytes: 2 }])),
  ...Object.fromEntries(['BOOL', 'I8', 'U8', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0'].map((name) => [name, { bytes: 1 }])),
}

const written = { Float32Array: 'F32', Float64Array: 'F64', BigInt64Array: 'I64' } as const

/** A name that is no tensor's: texts by name. */
const metadata = '__metadata__'
/** The format's own limit. */
const longestHeader = 100_000_000

/** Where the numbers of a tensor stand behind the header. */
interface Entry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

const refuse = (what: string): never => {
  throw new FileError(`this is no safetensors file: ${what}`)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Of what is long a beginning: a header may hold texts and lists of many megabytes. */
const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text)

/** A value as messages have it, without what is in it, which may be nested too deep to be written. */
const brief = (value: unknown): string => {
  if (Array.isArray(value)) return '[…]'
  return isRecord(value) ? '{…}' : cut(typeof value === 'string' ? JSON.stringify(value) : String(value))
}

const shown = (value: unknown): string =>
  Array.isArray(value) ? `[${cut(value.slice(0, 50).map(brief).join(', '))}]` : brief(value)

/** The index behind a text of JSON. It is gone through step by step: as one pattern, a long one would overflow the stack. */
const endOfText = (json: string, start: number): number => {
  let at = start + 1
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

/**
 * JSON's own reader keeps the last of two entries of a name, where another reader may keep the first.
 * @param json - that JSON's own reader has read
 */
const refuseDuplicates = (json: string): void => {
  const open: Set<string>[] = []
  const token = /["{}]/g
  const colon = /\s*:/y
  for (let found = token.exec(json); found; found = token.exec(json)) {
    if (found[0] === '{') open.push(new Set())
    else if (found[0] === '}') open.pop()
    else {
      const end = endOfText(json, found.index)
      token.lastIndex = end
      colon.lastIndex = end
      if (!colon.test(json)) continue
      const key = json.slice(found.index, end)
      const name: string = JSON.parse(key)
      if (open.at(-1)?.has(name)) refuse(`the header has the name ${cut(key)} twice`)
      open.at(-1)?.add(name)
    }
  }
}

/** The header as an object, and the byte behind it. */
const headerOf = (bytes: Uint8Array): { readonly header: Readonly<Record<string, unknown>>; readonly end: number } => {
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes, but begins with eight that say how long its header is`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (length > longestHeader) refuse(`its header is of ${length} bytes, but the format allows at most ${longestHeader}`)
  const end = 8 + Number(length)
  if (end > bytes.length) refuse(`its header is of ${length} bytes, but only ${bytes.length - 8} follow`)
  if (bytes[8] !== 0x7b || length === 0n) refuse("its header does not begin with '{'")
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, end))
    const header: unknown = JSON.parse(text)
    refuseDuplicates(text)
    return { header: isRecord(header) ? header : refuse('its header is no object'), end }
  } catch (error) {
    if (error instanceof FileError) throw error
    return refuse(`its header is no JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const entryOf = (name: string, value: unknown): Entry => {
  const where = `tensor ${shown(name)}`
  if (!isRecord(value)) return refuse(`${where} must be an object with dtype, shape and data_offsets`)
  const { dtype, shape, data_offsets: range } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(types, dtype))
    return refuse(`${where} is of the type ${shown(dtype)}, but there are ${Object.keys(types).join(', ')}`)
  if (!Array.isArray(shape) || !shape.every(isCount) || !Number.isSafeInteger(elements(shape)))
    return refuse(`the shape of ${where} must be a list of integers of at least 0, but is ${shown(shape)}`)
  if (!Array.isArray(range) || range.length !== 2 || !range.every(isCount))
    return refuse(`data_offsets of ${where} must be two integers of at least 0, but is ${shown(range)}`)
  const [begin, end] = range as [number, number]
  const bytes = elements(shape) * types[dtype]!.bytes
  if (end - begin !== bytes)
    return refuse(`${where} is ${dtype} of shape ${shown(shape)}, which is ${bytes} bytes, but has the bytes ${begin} to ${end}`)
  return { name, dtype, shape, begin, end }
}

/** Ranges stand one behind the other and fill the file. */
const checkRanges = (entries: readonly Entry[], length: number): void => {
  let at = 0
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) refuse(`tensor ${shown(name)} begins at byte ${begin}, but must at ${at}, where the one before it ends`)
    at = end
  }
  if (at !== length) refuse(`its tensors take ${at} bytes, but ${length} follow the header`)
}

const checkMetadata = (value: unknown): void => {
  if (value !== undefined && !(isRecord(value) && Object.values(value).every((text) => typeof text === 'string')))
    refuse(`${metadata} must be an object of texts`)
}

/**
 * Reads a file: floats of 16 bits become `Float32Array`s, exactly; integers of 64 bits `BigInt64Array`s.
 * @param options.prefix - picks the tensors whose names begin with it, such as `layer1.pool.`, and takes it off
 * @throws FileError where the file is broken, or a tensor that is picked of a type that no state has
 */
export const fromSafetensors = (bytes: Uint8Array, { prefix = '' }: { readonly prefix?: string } = {}): StateDict => {
  const { header, end } = headerOf(bytes)
  const { [metadata]: notes, ...tensors } = header
  checkMetadata(notes)
  const entries = Object.entries(tensors).map(([name, value]) => entryOf(name, value))
  checkRanges(entries, bytes.length - end)
  const picked = entries.filter(({ name }) => name.startsWith(prefix))
  return Object.fromEntries(
    picked.map(({ name, dtype, shape, begin, end: last }) => {
      const { read } = types[dtype]!
      if (!read) throw new FileError(`tensor ${shown(name)} is ${dtype}, but a state is of F32, F64, F16, BF16 and I64`)
      return [name.slice(prefix.length), { shape, data: read(new Uint8Array(bytes.subarray(end + begin, end + last)).buffer) }]
    }),
  )
}

/**
 * Writes a file that every reader of the format takes: the widest numbers first, so that each begins at a multiple of its size.
 * @throws ArgumentError for a tensor whose numbers are not as many as its shape says, or of a name that the format keeps
 */
export const toSafetensors = (state: StateDict): Uint8Array => {
  const tensors = Object.entries(state).sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  )
  let at = 0
  const entries = tensors.map(([name, { shape, data }]) => {
    if (name === metadata) throw new ArgumentError(`${metadata} is a name that the format keeps: give the tensor another`)
    if (data.length !== elements(shape))
      throw new ArgumentError(
        `'${name}' has ${data.length} numbers, but the shape [${shape.join(', ')}] is of ${elements(shape)}`,
      )
    const begin = at
    at += data.byteLength
    return [name, { dtype: written[data.constructor.name as keyof typeof written], shape, data_offsets: [begin, at] }] as const
  })
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const end = 8 * Math.ceil((8 + header.length) / 8)
  const file = new Uint8Array(end + at).fill(0x20, 8, end)
  new DataView(file.buffer).setBigUint64(0, BigInt(end - 8), true)
  file.set(header, 8)
  for (const [k, [, { data }]] of tensors.entries())
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end + entries[k]![1].data_offsets[0]!)
  return file
}
