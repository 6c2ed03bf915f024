/**
 * The windows of an axis, sorted by how they lie: the few that stick out below, at places known when the kernel is made; a
 * run that lies inside, its end known at launch; and those that stick out above, told apart by how far. All windows of one
 * kind read the same taps, so each kind is written out as straight code, and no tap is tested.
 */
import type { Geometry } from '../../dsl/geometry.ts'
import { spanOf } from '../covers.ts'
import type { AxisNames } from '../emit/axes.ts'

/** Which taps of a window lie inside along one axis, and how many count in a divisor. */
export interface Clip {
  readonly from: number
  readonly to: number
  readonly counted: number
}

export interface Segments<Kind> {
  /** Kinds of the places 0, 1, … in order. */
  readonly lows: readonly Kind[]
  readonly inside: Kind
  /** The end of those inside: their first place is the number of `lows`. */
  readonly end: string
  /** The kinds of the places from `end` on: distance 1, 2, … past what is inside. */
  readonly highs: readonly Kind[]
  /** How far past, as an expression in the place's name. */
  readonly past: string
  /** The end of all places. */
  readonly last: string
}

export interface WindowSegments extends Segments<Clip> {
  /** The smallest extent for which places are of these kinds; smaller inputs go by loops. */
  readonly least: number
}

type Sliding = Extract<Geometry, { kind: 'sliding' }>

export const minus = (text: string, n: number): string => (n === 0 ? text : `${text} ${n < 0 ? '+' : '-'} ${Math.abs(n)}`)

/** The segments of the windows of an axis. */
export const windowSegments = (geometry: Sliding, d: number, names: AxisNames): WindowSegments => {
  const { kernel, stride, dilation, low, high } = geometry.axes[d]!
  const { o, out, extent } = names
  const span = spanOf(geometry.axes[d]!)
  const taps = (elements: number): number => Math.min(kernel, Math.max(0, Math.ceil(elements / dilation)))
  const lows = Array.from({ length: Math.ceil(low / stride) }, (_, w): Clip => {
    const from = Math.ceil((low - w * stride) / dilation)
    return { from: Math.min(from, kernel), to: kernel, counted: kernel }
  })
  // A window that starts past the input is none: at least its first tap lies inside.
  const most = Math.min(span - 1, high + (geometry.ceilMode ? stride - 1 : 0))
  const highs = Array.from({ length: most }, (_, k): Clip => {
    const inside = span - (k + 1)
    return { from: 0, to: taps(inside), counted: taps(inside + high) }
  })
  const fits = minus(extent, span - low)
  const end =
    low === 0 && most === 0 ? out : stride === 1 ? minus(extent, span - low - 1) : `Math.floor((${fits}) / ${stride}) + 1`
  return {
    lows,
    inside: { from: 0, to: kernel, counted: kernel },
    end,
    highs,
    past: minus(`${stride === 1 ? o : `${o} * ${stride}`} - ${extent}`, low - span),
    last: out,
    least: low === 0 && most === 0 ? 0 : Math.max(0, lows.length - 1) * stride + span - low,
  }
}

/** What the kinds of an axis cost when each is written out: `weigh` of one place, `m` places inside at once. */
export const written = <Kind>({ lows, inside, highs }: Segments<Kind>, m: number, weigh: (kind: Kind) => number): number => {
  const border = [...lows, ...highs].reduce((sum, kind) => sum + weigh(kind), 0)
  return border + weigh(inside) * (m > 1 ? m + 1 : 1)
}

/** Whether places of an axis can be of more kinds than one. */
export const isClipped = ({ lows, highs }: Segments<unknown>): boolean => lows.length + highs.length > 0
