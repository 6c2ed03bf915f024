/**
 * What is known of the windows and elements around a cell: which lie inside, how many taps of a window do. Where nothing is
 * in doubt there is no condition: the text of the interior has none at all.
 */

import { spanOf } from '../covers.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import { alwaysInside } from '../lower.ts'
import { bracketed, plus } from './flat.ts'
import { digits, type Ground, type Vector } from './ground.ts'
import type { Kernel } from './kernel.ts'

/** What a cell is made of, and where it stands. */
export type Standing =
  /** Windows; the first exists. */
  | 'windows'
  /** Elements; windows around them may not exist. */
  | 'elements'
  /** All windows of the cell and all elements that they read exist. */
  | 'interior'

export interface Edges {
  /** The condition under which an element, or a window, exists; `undefined` where it always does. */
  readonly element: (e: Vector) => Scalar | undefined
  readonly window: (w: Vector) => Scalar | undefined
  /** Whether windows that exist can have taps that do not: where not, whatever a window reads is there if it is. */
  readonly clipped: boolean
  /** The first valid tap of a window along an axis. */
  readonly from: (d: number, w: number) => Scalar
  /** The valid taps of a window, and those that count in a divisor. */
  readonly count: (w: Vector) => Scalar
  readonly divisor: (w: Vector) => Scalar
  /** Whether a window has a valid tap; `undefined` where each has. */
  readonly some: (w: Vector) => Scalar | undefined
}

export const edgesOf = (k: Kernel, s: Scalars, ground: Ground, standing: Standing): Edges => {
  const { geometry } = k.of.program
  if (geometry.kind !== 'sliding') throw new Error('only sliding windows are written out')
  const { axes } = ground
  const names = k.of.axes
  const inside = alwaysInside(geometry)
  const number = (n: number): Scalar => s.constant(n, 'int')
  const int = (text: string): Scalar => s.atom(text, 'int')
  const called = (scalar: Scalar, hint: string, d: number, at: number): Scalar => {
    const letter = names[d]!.letter.toUpperCase()
    scalar.hint ??= `${hint}${letter}${at < 0 ? `m${-at}` : at === 0 ? '' : at}`
    return scalar
  }
  const all = (conditions: readonly (Scalar | undefined)[], hint: string): Scalar | undefined =>
    conditions.reduce((a, b) => {
      if (!a || !b) return a ?? b
      const both = s.op('and', [a, b], 'int')
      both.hint ??= hint
      return both
    }, undefined)

  const windowAlong = (d: number, w: number): Scalar | undefined => {
    if (standing === 'interior' || (standing === 'windows' && w === 0)) return undefined
    // Rows that are taken in vectors are whole numbers of cells long.
    if (standing === 'windows' && d === axes.length - 1 && w > 0 && k.of.vectors.row > 1) return undefined
    const at = int(ground.window(d, w))
    return called(s.op(w < 0 ? 'within' : 'lt', [at, int(names[d]!.out)], 'int'), 'exists', d, w)
  }
  const elementAlong = (d: number, e: number): Scalar | undefined => {
    if (standing === 'interior') return undefined
    const axis = axes[d]!
    // Without padding a window that exists lies inside, and so does what it reads.
    if (inside && standing === 'windows') return windowAlong(d, Math.max(0, Math.ceil((e - spanOf(axis) + 1) / axis.stride)))
    const at = int(ground.element(d, e))
    return called(s.op(e < axis.low ? 'within' : 'lt', [at, int(names[d]!.extent)], 'int'), 'in', d, e)
  }
  const start = (d: number, w: number): string => ground.element(d, w * axes[d]!.stride)
  const isClipped = !inside && standing !== 'interior'
  const from = (d: number, w: number): Scalar => {
    const { stride, low, dilation } = axes[d]!
    if (!isClipped || w * stride >= low) return number(0)
    const at = start(d, w)
    const before = dilation === 1 ? int(`-${bracketed(at)}`) : int(`(${dilation - 1} - (${start(d, w)})) / ${dilation}`)
    return called(s.op('max', [before, number(0)], 'int'), 'from', d, w)
  }
  const mayBeEmpty = isClipped && axes.some((x) => x.dilation > 1)
  const below = (d: number, w: number, high: number): Scalar => {
    const { kernel, dilation } = axes[d]!
    const end = plus(names[d]!.extent, high)
    const begins = start(d, w)
    const room = `${end} - ${bracketed(begins)}`
    const left = dilation === 1 ? room : `(${room} + ${dilation - 1}) / ${dilation}`
    return s.op('min', [int(left), number(kernel)], 'int')
  }
  const along = (d: number, w: number): Scalar => {
    if (!isClipped) return number(axes[d]!.kernel)
    const count = s.op('sub', [below(d, w, 0), from(d, w)], 'int')
    return called(mayBeEmpty ? s.op('max', [count, number(0)], 'int') : count, 'count', d, w)
  }
  const product = (of: (d: number, w: number) => Scalar, w: Vector): Scalar =>
    w.map((x, d) => of(d, x)).reduce((a, b) => s.op('mul', [a, b], 'int'))
  const count = (w: Vector): Scalar => product(along, w)
  return {
    clipped: isClipped,
    element: (e) =>
      all(
        e.map((x, d) => elementAlong(d, x)),
        `in${digits(e)}`,
      ),
    window: (w) =>
      all(
        w.map((x, d) => windowAlong(d, x)),
        `exists${digits(w)}`,
      ),
    from,
    count,
    divisor: (w) => {
      if (geometry.countIncludePad) {
        if (!isClipped) return number(axes.reduce((n, x) => n * x.kernel, 1))
        return product((d, x) => called(below(d, x, axes[d]!.high), 'counted', d, x), w)
      }
      return mayBeEmpty ? s.op('max', [count(w), number(1)], 'int') : count(w)
    },
    some: (w) => (mayBeEmpty ? s.op('gt', [count(w), number(0)], 'int') : undefined),
  }
}
