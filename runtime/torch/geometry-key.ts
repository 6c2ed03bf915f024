/**
 * Geometries as short words: `k3x3-s2x2-p1x1` names the same windows in a manifest of kernels, in the Python that looks for
 * them there, and on the command line. People may write less: `k3s2p1`.
 */
import { ArgumentError } from '../../dsl/errors.ts'
import type { Geometry, GeometryOptions, SlidingAxis } from '../../dsl/geometry.ts'

const list = (values: readonly (number | string)[]): string => values.join('x')

const slidingWords = ({ axes, ceilMode, countIncludePad, divisorOverride }: Extract<Geometry, { kind: 'sliding' }>): string[] => {
  const each = (of: (axis: SlidingAxis) => number | string): string => list(axes.map(of))
  const isPadded = axes.some(({ low, high }) => low > 0 || high > 0)
  return [
    `k${each(({ kernel }) => kernel)}`,
    `s${each(({ stride }) => stride)}`,
    ...(isPadded ? [`p${each(({ low, high }) => (low === high ? low : `${low}:${high}`))}`] : []),
    ...(axes.some(({ dilation }) => dilation > 1) ? [`d${each(({ dilation }) => dilation)}`] : []),
    ...(ceilMode ? ['ceil'] : []),
    // Where no window sticks out, what is beside the input is never counted.
    ...(!countIncludePad && (isPadded || ceilMode) ? ['nopad'] : []),
    ...(divisorOverride === null ? [] : [`div${divisorOverride}`]),
  ]
}

const wordsOf = (geometry: Geometry): string[] => {
  const { kind, dims } = geometry
  if (kind === 'global') return [`global${dims}d`]
  const words = kind === 'adaptive' ? [`adaptive${list(geometry.outputSize)}`] : slidingWords(geometry)
  // A single number is read as one for every dimension, so that one dimension has to be said.
  return dims === 1 ? [...words, '1d'] : words
}

/**
 * The key of a geometry. Equal windows and divisors have equal keys; the layout is no part of it.
 * `k3x3-s2x2-p1x1-d2x2-ceil-nopad-div4`, `adaptive7x7` or `global2d`; in one dimension `k3-s2-1d`.
 */
export const geometryKey = (geometry: Geometry): string => wordsOf(geometry).join('-')

const perDim = 'an integer for all dimensions, or one for each with x between them'

/** The words of a key: what stands behind each, as it is written and as people say it. */
const words = {
  global: { form: '(?:[123]d)?', rule: 'nothing, or 1d, 2d or 3d' },
  adaptive: { form: String.raw`\d+(?:x\d+)*`, rule: perDim },
  k: { form: String.raw`\d+(?:x\d+)*`, rule: perDim },
  s: { form: String.raw`\d+(?:x\d+)*`, rule: perDim },
  p: { form: String.raw`\d+(?::\d+)?(?:x\d+(?::\d+)?)*`, rule: `${perDim}; or low:high in place of an integer` },
  d: { form: String.raw`\d+(?:x\d+)*`, rule: perDim },
  ceil: { form: '', rule: 'nothing' },
  nopad: { form: '', rule: 'nothing' },
  div: { form: String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`, rule: 'a number' },
} as const

type Word = keyof typeof words
const names = Object.keys(words) as Word[]
const begins: ReadonlySet<Word> = new Set<Word>(['global', 'adaptive', 'k'])

const expected = 'write a geometry as k3s2p1, k3x3-s2x2-p0:1x0:1-d2x2-ceil-nopad-div4, adaptive7x7 or global2d'

/** The value of a word where a text begins with it; a letter or a hyphen ends it. */
const valueAt = (text: string, name: Word): string | undefined =>
  new RegExp(`^${name}(${words[name].form})(?=[a-z-]|$)`).exec(text)?.[1]

interface Read {
  /** The words of a text, in order, with their values. */
  readonly found: ReadonlyMap<Word, string>
  /** The number of dimensions, where the text ends in one. */
  readonly told: number | undefined
}

const readWords = (text: string): Read => {
  const [, body = '', dims] = /^(.*?)(?:-([123])d)?$/s.exec(text) ?? []
  const found = new Map<Word, string>()
  let rest = body
  do {
    const name = names.find((one) => valueAt(rest, one) !== undefined)
    if (name === undefined) {
      const meant = [...names].sort((a, b) => b.length - a.length).find((one) => rest.startsWith(one))
      const why = meant === undefined ? 'is not understood' : `is wrong: behind ${meant} stands ${words[meant].rule}`
      throw new ArgumentError(`the word '${/^[^-]*/.exec(rest)![0]}' of the geometry '${text}' ${why}; ${expected}`)
    }
    const value = valueAt(rest, name)!
    if (found.has(name)) throw new ArgumentError(`the geometry '${text}' has ${name} twice: give it once`)
    const isFirst = found.size === 0
    if (isFirst !== begins.has(name) || (!isFirst && !found.has('k')))
      throw new ArgumentError(
        isFirst
          ? `the geometry '${text}' begins with ${name}, which tells no windows; ${expected}`
          : `the geometry '${text}' has ${name}${value}, which does not go with ${[...found.keys()][0]!}: leave it out`,
      )
    found.set(name, value)
    rest = rest.slice(name.length + value.length).replace(/^-/, '')
  } while (rest !== '')
  return { found, told: dims === undefined ? undefined : Number(dims) }
}

/** One number for all dimensions, or a list. */
const sizes = (value: string): number | readonly number[] => (value.includes('x') ? value.split('x').map(Number) : Number(value))

/** As sizes; a single `low:high` is meant for every dimension, and has to know how many there are. */
const padding = (value: string, dims: number): NonNullable<GeometryOptions['padding']> => {
  const sides = value.split('x').map((side): number | readonly [number, number] => {
    const [low, high] = side.split(':').map(Number)
    return high === undefined ? low! : [low!, high]
  })
  const [first] = sides
  if (sides.length > 1 || first === undefined) return sides
  return typeof first === 'number' ? first : new Array<readonly [number, number]>(dims).fill(first)
}

/**
 * Reads a key of {@link geometryKey}, or its short form: one number stands for every dimension, hyphens may be left out but
 * before a last `1d`, `2d` or `3d`, and what follows the kernel size comes in any order.
 * @param dims - the number of spatial dimensions where the text tells none
 * @throws ArgumentError that names the word that is not understood, or that does not go with the others
 */
export const readGeometryKey = (text: string, dims = 2): GeometryOptions => {
  const { found, told } = readWords(text)
  const value = (name: Word): string | undefined => found.get(name)
  const [kernel, output, stride, pad, dilation, divisor] = [
    value('k'),
    value('adaptive'),
    value('s'),
    value('p'),
    value('d'),
    value('div'),
  ]
  const listed = [kernel, output, stride, pad, dilation].find((one) => one?.includes('x'))?.split('x').length
  const rank = told ?? listed ?? dims
  const whole = value('global')
  if (whole !== undefined) return { global: true, dims: whole === '' ? rank : Number(whole[0]) }
  return {
    dims: rank,
    ...(kernel !== undefined && { kernelSize: sizes(kernel) }),
    ...(output !== undefined && { outputSize: sizes(output) }),
    ...(stride !== undefined && { stride: sizes(stride) }),
    ...(pad !== undefined && { padding: padding(pad, rank) }),
    ...(dilation !== undefined && { dilation: sizes(dilation) }),
    ...(found.has('ceil') && { ceilMode: true }),
    ...(found.has('nopad') && { countIncludePad: false }),
    ...(divisor !== undefined && { divisorOverride: Number(divisor) }),
  }
}
