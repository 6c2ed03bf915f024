/** The arguments of somebody's own kernel as words: numbers, tensors that it reads, and tensors that it writes. */
import type { Problems } from './values.ts'
import { readInteger, readNumber } from './values.ts'

/** The types of a scalar argument, and of the elements of a tensor that a kernel writes. */
export const scalarTypes = ['i32', 'u32', 'i64', 'u64', 'f32', 'f64'] as const
export type ScalarType = (typeof scalarTypes)[number]
export const elementTypes = ['i32', 'f16', 'f32', 'f64'] as const
export type ElementType = (typeof elementTypes)[number]

export type KernelWord =
  | { readonly kind: 'scalar'; readonly type: ScalarType; readonly value: number | bigint }
  | { readonly kind: 'in'; readonly file: string }
  | { readonly kind: 'inout'; readonly file: string; readonly to: string | undefined }
  | { readonly kind: 'out'; readonly type: ElementType; readonly shape: readonly number[]; readonly to: string | undefined }

const ranges: Readonly<Record<'i32' | 'u32' | 'i64' | 'u64', readonly [bigint, bigint]>> = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
}

const readScalar = (word: string, type: ScalarType, text: string, problems: Problems): KernelWord | undefined => {
  if (type === 'f32' || type === 'f64') {
    const special = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[text]
    const value = special ?? readNumber(text)
    return value === undefined
      ? problems.add(`--arg ${word}: '${text}' is no number; write one, or nan, inf, -inf`)
      : { kind: 'scalar', type, value }
  }
  const [least, most] = ranges[type]
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined
  if (value === undefined || value < least || value > most)
    return problems.add(`--arg ${word}: an ${type} is an integer from ${least} to ${most}`)
  return { kind: 'scalar', type, value: type.endsWith('64') ? value : Number(value) }
}

const readOut = (word: string, text: string, problems: Problems): KernelWord | undefined => {
  const [, type, sizes, to] = /^([a-z]\d+):([\d,]+)(?:=(.+))?$/.exec(text) ?? []
  const element = elementTypes.find((x) => x === type)
  const shape = sizes?.split(',').map(readInteger) ?? []
  const known = shape.filter((x) => x !== undefined)
  if (element === undefined || known.length === 0 || known.length < shape.length || known.some((x) => x < 1))
    return problems.add(
      `--arg ${word}: write out:TYPE:SIZES[=FILE.npy], as in out:f32:4,5=y.npy; TYPE is ${elementTypes.join(', ')}`,
    )
  return { kind: 'out', type: element, shape: known, to }
}

/** Reads `--arg` words in order: `i32:7`, `f32:0.5`, `in:FILE.npy`, `inout:FILE.npy[=FILE.npy]`, `out:f32:4,5[=FILE.npy]`. */
export const readKernelWords = (words: readonly string[], problems: Problems): KernelWord[] =>
  words.flatMap((word) => {
    const at = word.indexOf(':')
    const kind = word.slice(0, Math.max(0, at))
    const text = word.slice(at + 1)
    const type = scalarTypes.find((x) => x === kind)
    if (type !== undefined) return readScalar(word, type, text, problems) ?? []
    if (kind === 'out') return readOut(word, text, problems) ?? []
    if (kind === 'in' && text !== '') return { kind, file: text }
    if (kind === 'inout' && text !== '') {
      const split = text.indexOf('=')
      return { kind, file: split < 0 ? text : text.slice(0, split), to: split < 0 ? undefined : text.slice(split + 1) }
    }
    const known = [
      ...scalarTypes.map((x) => `${x}:NUMBER`),
      'in:FILE.npy',
      'inout:FILE.npy[=FILE.npy]',
      'out:TYPE:SIZES[=FILE.npy]',
    ]
    problems.add(`--arg ${word}: an argument is one of ${known.join(', ')}`)
    return []
  })

/** One to three sizes of a grid or a block. */
export const readGrid = (
  flag: string,
  text: string | undefined,
  problems: Problems,
): readonly [number, number, number] | undefined => {
  const [x, y = 1, z = 1, ...more] = (text ?? '').split(',').map((word) => readInteger(word) ?? 0)
  if (text === undefined) return problems.add(`${flag} is missing: write ${flag} X, ${flag} X,Y or ${flag} X,Y,Z`)
  if (more.length > 0 || [x, y, z].some((n) => n === undefined || n < 1 || n > 2 ** 31 - 1))
    return problems.add(`${flag} ${text}: write one to three sizes of at least 1, as in ${flag} 32,8`)
  return [x!, y, z]
}
