/**
 * Levels are the types of the language: what a value varies with. They decide which formulas mean something, where a
 * value is computed, and along which axes its gradient is summed.
 */

/**
 * Where, besides sample and channel, a value varies: nowhere, once a tap, once an input element, once a window, or once
 * for each pair of window and tap.
 */
export type Place = 'none' | 'tap' | 'in' | 'out' | 'window'

/**
 * What a value varies with.
 *
 * `dims` has bit j set where the value varies along the j-th output dimension counted from the last (bit 0 is width,
 * bit 1 height, bit 2 depth), so that a level means the same in one, two and three dimensions. It is 0 unless `place` is
 * `out`, where it is not 0, and {@link allDims} for `window`.
 */
export interface Level {
  readonly n: boolean
  readonly c: boolean
  readonly place: Place
  readonly dims: number
}

/** Every output dimension: what a value that varies along all of them has as `dims`. */
export const allDims = 0b111

const level = (n: boolean, c: boolean, place: Place, dims = 0): Level => ({ n, c, place, dims })

/** The levels that have names in the language and its documents. */
export const levels = {
  constant: level(false, false, 'none'),
  tap: level(false, false, 'tap'),
  /** One value an input element. */
  input: level(true, true, 'in'),
  /** One value a window, the same for every sample and channel: a divisor, a count. */
  geometry: level(false, false, 'out', allDims),
  /** One value an output element. */
  output: level(true, true, 'out', allDims),
  window: level(true, true, 'window', allDims),
} as const satisfies Record<string, Level>

const joinPlaces = (a: Place, b: Place): Place => {
  if (a === b || b === 'none') return a
  if (a === 'none') return b
  return 'window'
}

/** The least level at which both values can stand side by side: the level of `a + b`. */
export const join = (a: Level, b: Level): Level => {
  const place = joinPlaces(a.place, b.place)
  const dims = place === 'window' ? allDims : place === 'out' ? a.dims | b.dims : 0
  return { n: a.n || b.n, c: a.c || b.c, place, dims }
}

/** The level of a reduction over the taps of a window: which taps are valid varies from window to window. */
export const overTaps = (a: Level): Level => ({ n: a.n, c: a.c, place: 'out', dims: allDims })

export const sameLevel = (a: Level, b: Level): boolean => a.n === b.n && a.c === b.c && a.place === b.place && a.dims === b.dims

const dimNames = ['width', 'height', 'depth'] as const

/** A level in words, for messages and printed graphs: `sample, channel and window`. */
export const describeLevel = (a: Level): string => {
  const parts: string[] = []
  if (a.n) parts.push('sample')
  if (a.c) parts.push('channel')
  if (a.place === 'out' && a.dims !== allDims) parts.push(...dimNames.filter((_, j) => a.dims & (1 << j)).reverse())
  else if (a.place === 'out') parts.push('window')
  else if (a.place === 'in') parts.push('input element')
  else if (a.place === 'tap') parts.push('tap')
  else if (a.place === 'window') parts.push('window', 'tap')
  if (parts.length === 0) return 'nothing'
  return parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`
}
