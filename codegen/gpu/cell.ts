/**
 * The values of a cell that is written out: windows that lie side by side and the elements around them, every tap a line or
 * less. What two of them share (a loaded element, an exponential of it, the sum of a column) is one value.
 */
import { type At, type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import { isStored, type Side, sideOf } from '../emit/sides.ts'
import { type CoverSum, type Node, type NodeOf, type TapReduction, topological } from '../ir.ts'
import { type Access, components } from './access.ts'
import type { Edges } from './edges.ts'
import { plus } from './flat.ts'
import { type Candidate, foldPlaces, foldValues, type Winner, worst } from './fold.ts'
import { digits, type Ground, type Vector } from './ground.ts'
import type { Kernel } from './kernel.ts'
import { Places, paddingOf, vectorsBelow } from './places.ts'

export interface Cell {
  /** The value of a node at a window, at a tap of a window, or at an element. */
  readonly ofWindow: (node: Node, w: Vector) => Scalar
  readonly ofTap: (node: Node, w: Vector, t: Vector) => Scalar
  readonly ofElement: (node: Node, e: Vector) => Scalar
  readonly taps: readonly Vector[]
  /** The index of a tap in the full window. */
  readonly tapIndex: (t: Vector) => number
  /** The output coordinates of a window. */
  readonly coordinates: (w: Vector) => string[]
}

export interface CellOptions {
  readonly edges: Edges
  readonly access: Access
  /** Whether elements are what is written, so that what is carried is read. */
  readonly gathers: boolean
  /** Which of so many neighbouring channels this text is for. */
  readonly channel: number
  readonly channels: number
  /** All values that the text will ask for. */
  readonly roots: readonly Node[]
}

/** The values of a cell, in a table of scalars that texts for several channels may share. */
export const cellOf = (k: Kernel, s: Scalars, ground: Ground, options: CellOptions): Cell => {
  const { edges, access, gathers, channel, channels, roots } = options
  /** What tells the names of this channel's values from those of others. */
  const ofChannel = channels > 1 ? components[channel]! : ''
  const { axes } = ground
  const windows = new Places()
  const taps = new Places()
  const elements = new Places()
  const allTaps = vectorsBelow(axes.map((x) => x.kernel))
  allTaps.forEach((t) => {
    taps.number(t)
  })
  /** Taps by column, each from top to bottom. */
  const columns: Vector[][] = Array.from({ length: axes.at(-1)!.kernel }, (_, x) => allTaps.filter((t) => t.at(-1) === x))
  const elementAt = (w: Vector, t: Vector): Vector => axes.map(({ stride, dilation }, d) => w[d]! * stride + t[d]! * dilation)
  const atTap = (w: Vector, t: Vector): At => ({
    w: windows.number(w),
    t: taps.number(t),
    e: elements.number(elementAt(w, t)),
  })
  const coordinates = (w: Vector): string[] => w.map((x, d) => ground.window(d, x))
  const int = (text: string): Scalar => s.atom(text, 'int')
  const padding = paddingOf(roots)
  const seen = new Set<number>()

  /** The condition under which a tap of a window that exists is valid. */
  const validTap = (w: Vector, t: Vector): Scalar | undefined => (edges.clipped ? edges.element(elementAt(w, t)) : undefined)
  const term = (node: TapReduction, w: Vector, t: Vector): Scalar => {
    const value = go(node.a, atTap(w, t))
    const valid = validTap(w, t)
    if (!valid || (isStored(node.a) && padding(node.a) === 0)) return value
    return s.op('choose', [valid, value, s.constant(0, node.type)], node.type)
  }
  const sum = (node: TapReduction, w: Vector): Scalar =>
    s.sum(
      columns.map((column) => {
        const made = s.sum(
          column.map((t) => term(node, w, t)),
          node.type,
        )
        made.hint ??= 'column'
        return made
      }),
      node.type,
    )
  const candidate = (side: Side, of: Node, w: Vector, t: Vector): Candidate => {
    const e = elementAt(w, t)
    const loses = isStored(of) && padding(of) === worst(side)
    const value = go(of, atTap(w, t))
    return {
      // What folds to nothing is an integer 0; among floats it is one of them.
      value: value.op === 'const' ? s.constant(value.value, of.type) : value,
      valid: loses ? undefined : validTap(w, t),
      tap: s.constant(taps.number(t), 'int'),
      position: int(ground.inPlane(e)),
    }
  }
  /** A column whose elements come in vectors of 16-bit numbers: folded two at once, with its neighbours. */
  const columnOfPairs = (node: TapReduction, w: Vector, column: readonly Vector[]): readonly Candidate[] | undefined => {
    const side = sideOf(node)
    const tensor = node.a
    if (k.of.schedule.packed !== 'pairs' || !isStored(tensor) || padding(tensor) !== worst(side)) return undefined
    const array = k.array(k.bufferOf(tensor))
    const rows = column.flatMap((t) => access.whole(array, 'row', elementAt(w, t), edges.element, padding(tensor)) ?? [])
    if (rows.length < column.length) return undefined
    const best = rows
      .map((x) => x.vector)
      .reduce((a, b) => {
        const made = s.pairs(side === 'max' ? 'maxOfPairs' : 'minOfPairs', a, b)
        made.hint ??= 'rows'
        return made
      })
    const value = s.component(best, rows[0]!.lane)
    return [{ value, valid: undefined, tap: s.constant(0, 'int'), position: s.constant(0, 'int') }]
  }
  const winners = new Map<string, Winner>()
  const winner = (node: TapReduction, w: Vector): Winner => {
    const side = sideOf(node)
    const key = `${side}${node.a.id} ${w.join()}`
    const known = winners.get(key)
    if (known) return known
    const isFirstValid = validTap(w, allTaps[0]!) === undefined
    const from = axes.map((_, d) => edges.from(d, w[d]!))
    const flat = (parts: readonly Scalar[], extent: (d: number) => Scalar): Scalar =>
      parts.reduce((at, x, d) => (d === 0 ? x : s.op('add', [s.op('mul', [at, extent(d)], 'int'), x], 'int')))
    const orNone = (index: Scalar): Scalar => {
      const some = edges.some(w)
      return some ? s.op('choose', [some, index, s.constant(-1, 'int')], 'int') : index
    }
    const beginning = isFirstValid
      ? undefined
      : {
          tap: orNone(flat(from, (d) => s.constant(axes[d]!.kernel, 'int'))),
          position: orNone(
            flat(
              from.map((x, d) =>
                s.op(
                  'add',
                  [
                    int(ground.element(d, w[d]! * axes[d]!.stride)),
                    s.op('mul', [x, s.constant(axes[d]!.dilation, 'int')], 'int'),
                  ],
                  'int',
                ),
              ),
              (d) => int(k.of.axes[d]!.extent),
            ),
          ),
        }
    const made = foldPlaces(
      s,
      side,
      allTaps.map((t) => candidate(side, node.a, w, t)),
      beginning,
    )
    winners.set(key, made)
    return made
  }
  /** Whether the place of the same maximum is asked for too: then its value comes with it. */
  const isPlaced = (node: TapReduction): boolean =>
    reached.some((x) => x.op === 'reduce' && x.over === 'taps' && x.a === node.a && x.by === `arg${sideOf(node)}`)
  const reached = topological(roots)

  /** Both windows and taps that read an element: those with w * stride + t * dilation = e. */
  const covers = (node: CoverSum, e: Vector): Scalar => {
    const shares = allTaps.flatMap((t) => {
      const distance = axes.map(({ dilation }, d) => e[d]! - t[d]! * dilation)
      if (!distance.every((x, d) => x % axes[d]!.stride === 0)) return []
      const w = distance.map((x, d) => x / axes[d]!.stride)
      const value = go(node.a, atTap(w, t))
      const exists = edges.window(w)
      if (!exists || (value.op === 'guarded' && value.args[0] === exists)) return [value]
      return [s.op('choose', [exists, value, s.constant(0, node.type)], node.type)]
    })
    return s.sum(shares.reverse(), node.type)
  }
  const atWindow = (array: string, w: Vector, node: Node): Scalar => access.read(array, 'out', w, edges.window, node.type, 0)
  const frame: Frame = {
    elementKey: (at) => at.e,
    given: (node, at) => {
      const buffer = k.of.saved.get(node) ?? (gathers ? k.of.carriers.get(node) : undefined)
      return buffer && atWindow(k.carrier(buffer), windows.vector(at.w), node)
    },
    tensor: (node, at) => {
      const array = k.array(k.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') {
        return access.read(array, 'row', elements.vector(at.e), edges.element, 'float', padding(node))
      }
      if (node.role === 'cotangent') return atWindow(array, windows.vector(at.w), node)
      const { place } = node.level
      const guard =
        place === 'out' || place === 'window'
          ? edges.window(windows.vector(at.w))
          : place === 'in'
            ? edges.element(elements.vector(at.e))
            : undefined
      return s.guarded(guard, array, int(draw(node, at)), 'float', 0)
    },
    geometry: (what, at) => {
      switch (what) {
        case 'tap':
          return s.constant(at.t, 'int')
        case 'count':
          return edges.count(windows.vector(at.w))
        case 'divisor':
          return edges.divisor(windows.vector(at.w))
        case 'size':
          return s.constant(allTaps.length, 'int')
        default:
          return what satisfies never
      }
    },
    random: (node, at) => k.random(s, node, draw(node, at)),
    taps: (node, at) => {
      const w = windows.vector(at.w)
      switch (node.by) {
        case 'sum':
          return sum(node, w)
        case 'max':
        case 'min': {
          if (isPlaced(node)) return winner(node, w).value
          const side = sideOf(node)
          return foldValues(
            s,
            side,
            columns.map((column) => columnOfPairs(node, w, column) ?? column.map((t) => candidate(side, node.a, w, t))),
          )
        }
        case 'argmax':
        case 'argmin':
          return winner(node, w).tap
        case 'var':
          throw new Error('a variance is written as two sums before stages are cut')
        default:
          return node.by satisfies never
      }
    },
    covers: (node, at) => covers(node, elements.vector(at.e)),
    flatIndex: (node, at) => {
      if (node.a.op !== 'reduce' || node.a.over !== 'taps') throw new Error('flatIndex of what is no argmax')
      return winner(node.a, windows.vector(at.w)).position
    },
    suffix: (node, at) => suffixOf(node, at) + (node.level.c || node.level.place === 'in' ? ofChannel : ''),
  }
  const suffixOf: Frame['suffix'] = (node, at) => {
    const window = (): string => {
      const vector = windows.vector(at.w)
      return seen.size > 1 || vector.some((x) => x !== 0) ? digits(vector) : ''
    }
    switch (node.level.place) {
      case 'none':
        return node.level.n || node.level.c ? `_${node.level.n ? 'n' : ''}${node.level.c ? 'c' : ''}` : ''
      case 'tap':
        return digits(taps.vector(at.t))
      case 'in':
        return digits(elements.vector(at.e))
      case 'out':
        return window()
      case 'window': {
        const of = window()
        return digits(taps.vector(at.t)) + (of === '' ? '' : `_${of}`)
      }
      default:
        return node.level.place satisfies never
    }
  }
  const draw = (node: NodeOf<'random' | 'tensor'>, at: At): string => {
    const { place } = node.level
    const o = place === 'out' || place === 'window' ? coordinates(windows.vector(at.w)) : []
    return k.drawIndex(node, o, String(at.t), () => ground.inPlane(elements.vector(at.e)), plus('c', channel))
  }
  const go: Instantiate = instantiator(s, frame, k.of.labels)
  const origin = axes.map(() => 0)
  const nowhere: At = { w: windows.number(origin), t: taps.number(origin), e: elements.number(origin) }
  return {
    ofWindow: (node, w) => {
      seen.add(windows.number(w))
      return go(node, { ...nowhere, w: windows.number(w) })
    },
    ofTap: (node, w, t) => go(node, atTap(w, t)),
    ofElement: (node, e) => go(node, { ...nowhere, e: elements.number(e) }),
    taps: allTaps,
    tapIndex: (t) => taps.number(t),
    coordinates,
  }
}
