/**
 * Where a thread stands: its cell of windows (or of input elements), and the addresses of the rows around it. Everything
 * near a cell is told by its distance, a vector of whole numbers known when the kernel is made: window w is the one w further
 * than the cell's first, element e the one e further than the first tap of that window.
 */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { plus, times } from './flat.ts'
import type { Declaration, Kernel } from './kernel.ts'

/** A distance along each axis. */
export type Vector = readonly number[]

/** A vector as part of a name: 12 for [1, 2], m1_3 for [-1, 3]. */
export const digits = (vector: Vector): string => {
  const words = vector.map((x) => (x < 0 ? `m${-x}` : String(x)))
  return words.every((x) => x.length === 1) ? words.join('') : words.join('_')
}

export interface Ground {
  readonly axes: readonly SlidingAxis[]
  /** The text of a window's, or an element's, coordinate along an axis. */
  readonly window: (d: number, w: number) => string
  readonly element: (d: number, e: number) => string
  /** The address of an element and of a window. */
  readonly elementAddress: (e: Vector) => string
  readonly windowAddress: (w: Vector) => string
  /** The position of an element in its plane. */
  readonly inPlane: (e: Vector) => string
  /** What the addresses stand on, in order. */
  readonly declarations: () => Declaration[]
}

export const groundOf = (k: Kernel, axes: readonly SlidingAxis[]): Ground => {
  const { axes: names, first, index } = k.of
  const rows = new Map<string, Declaration>()
  const window = (d: number, w: number): string => plus(names[d]!.o, w)
  const element = (d: number, e: number): string => plus(names[d]!.i, e)
  const last = axes.length - 1
  /** The name of a row, and the distance along it. */
  const row = (kind: 'row' | 'out', vector: Vector): string => {
    const wanted = `${kind}${digits(vector.slice(0, -1))}`
    const made = rows.get(wanted)
    if (made) return made.name
    const [of, at] = kind === 'row' ? (['extent', element] as const) : (['out', window] as const)
    const coordinates = vector.map((x, d) => at(d, d === last ? 0 : x))
    const name = k.names.fresh(wanted)
    rows.set(wanted, { name, line: k.dialect.constant(name, index, k.address(k.position(of, coordinates))) })
    return name
  }
  const address = (kind: 'row' | 'out', vector: Vector): string => {
    const name = row(kind, vector)
    const along = vector[last]!
    if (along === 0) return name
    if (first) return plus(name, along)
    return `${name} ${along < 0 ? '-' : '+'} ${Math.abs(along) === 1 ? '' : `${Math.abs(along)} * `}channels`
  }
  const starts = axes.map(({ stride, low }, d): Declaration => {
    const { i, o } = names[d]!
    return { name: i, line: k.dialect.constant(i, 'int', plus(times(o, stride), -low)) }
  })
  return {
    axes,
    window,
    element,
    elementAddress: (e) => address('row', e),
    windowAddress: (w) => address('out', w),
    inPlane: (e) => k.inPlane(e.map((x, d) => element(d, x))),
    declarations: () => [...starts, ...rows.values()],
  }
}
