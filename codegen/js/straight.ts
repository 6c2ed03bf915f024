/**
 * Windows written out: a block of windows in a row, none of which leaves the input, every tap a line or less. Windows of a
 * block that overlap share their loads and whatever is computed per element.
 */

import type { SlidingAxis } from '../../dsl/geometry.ts'
import { levels } from '../../dsl/level.ts'
import type { Names } from '../emit/block.ts'
import { type At, type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import type { Node, TapReduction } from '../ir.ts'
import type { Context } from './context.ts'
import { type Candidate, type Folded, foldComputed, foldStored } from './fold.ts'

export interface Straight {
  readonly instantiate: Instantiate
  readonly taps: readonly (readonly number[])[]
  /** The position of the element that a tap of a window reads. */
  readonly position: (w: number, t: number) => string
  /** The address of a position; channels-last, it has a name of its own that `addresses` declares. */
  readonly address: (position: string) => Scalar
  readonly window: (w: number) => string
  readonly elementKey: (at: At) => string
  /** The position that an argmax or argmin of a window chose. */
  readonly chosen: (node: Node, w: number) => Scalar
  readonly loadAt: (node: Node, position: Scalar) => Scalar
  /** Lines that stand before the loop over channels. */
  readonly addresses: string[]
}

/** Whether a reduction's operand is a tensor as it is stored, so that a place stands for its value. */
export const isStored = (node: Node): node is Extract<Node, { op: 'tensor' }> =>
  node.op === 'tensor' && (node.role === 'input' || node.role === 'tensor')

/** A block of windows; `scope` is where the names of its rows and addresses are declared. */
export const straight = (
  ctx: Context,
  scope: Names,
  axes: readonly SlidingAxis[],
  given: (node: Node) => Scalar | undefined,
): Straight => {
  const { s } = ctx
  const inner = axes.at(-1)!
  const outer = axes.slice(0, -1)
  const taps = axes.reduce<number[][]>(
    (all, axis) => all.flatMap((head) => Array.from({ length: axis.kernel }, (_, t) => [...head, t])),
    [[]],
  )
  const addresses: string[] = []
  const rows = new Map<string, string>()
  const named = new Map<string, string>()

  /** The position of the block's first window's first column in a row of taps. */
  const row = (head: readonly number[]): string => {
    const key = head.join(',')
    const known = rows.get(key)
    if (known) return known
    const name = scope.fresh(head.length === 0 ? 'row' : `row${head.join('')}`)
    const extents = ctx.axes.map((a) => a.extent)
    // Taps further down lie whole rows (planes) behind the first.
    let down = ''
    head.forEach((t, d) => {
      const steps = t * outer[d]!.dilation
      down = down === '' ? (steps ? String(steps) : '') : `(${down}) * ${extents[d]!} + ${steps}`.replace(/^\((\d+)\)/, '$1')
    })
    const offset =
      down === '' || down === '0'
        ? ''
        : ` + ${/^\d+$/.test(down) ? (down === '1' ? '' : `${down} * `) : `(${down}) * `}${extents.at(-1)!}`
    const along = inner.stride === 1 ? ctx.axes.at(-1)!.o : `${ctx.axes.at(-1)!.o} * ${inner.stride}`
    addresses.push(`const ${name} = start + ${along}${offset}`)
    rows.set(key, name)
    return name
  }
  const column = (w: number, t: number): number => w * inner.stride + taps[t]!.at(-1)! * inner.dilation
  const position = (w: number, t: number): string => {
    const name = row(taps[t]!.slice(0, -1))
    const col = column(w, t)
    return col === 0 ? name : `${name} + ${col}`
  }
  const elementKey = ({ w, t }: At): string =>
    `${taps[t]!.slice(0, -1)
      .map((x, d) => x * outer[d]!.dilation)
      .join(',')}:${column(w, t)}`
  const address = (at: string): Scalar => {
    if (ctx.first) return ctx.int(at)
    let name = named.get(at)
    if (!name) {
      name = scope.fresh('at')
      addresses.push(`const ${name} = ${/^\w+$/.test(at) ? at : `(${at})`} * channels`)
      named.set(at, name)
    }
    return ctx.int(`${name} + c`)
  }
  const window = (w: number): string => (w === 0 ? `outRow + ${ctx.axes.at(-1)!.o}` : `outRow + ${ctx.axes.at(-1)!.o} + ${w}`)

  const loadAt = (node: Node, at: Scalar): Scalar => {
    if (node.op !== 'tensor') throw new Error('only a stored tensor is read at a place')
    const index = ctx.first ? at : s.op('add', [s.op('mul', [at, ctx.int('channels')], 'int'), ctx.int('c')], 'int')
    return s.load(ctx.arrayOf(ctx.bufferOf(node)), index, 'float')
  }
  const folds = new Map<string, Folded>()
  const folded = (node: TapReduction, w: number): Folded => {
    const side = node.by === 'max' || node.by === 'argmax' ? 'max' : 'min'
    const key = `${side}${node.a.id}w${w}`
    const known = folds.get(key)
    if (known) return known
    const candidates = taps.map(
      (_, t): Candidate => ({
        value: instantiate(node.a, { w, t, e: 0 }),
        tap: s.constant(t, 'int'),
        position: ctx.int(position(w, t)),
      }),
    )
    const made = isStored(node.a)
      ? foldStored(s, side, candidates, (at) => loadAt(node.a, at))
      : foldComputed(s, side, candidates)
    folds.set(key, made)
    return made
  }
  const size = s.constant(taps.length, 'int')
  const outer2 = (w: number): string[] => ctx.axes.map((a, d) => (d < ctx.axes.length - 1 || w === 0 ? a.o : `${a.o} + ${w}`))
  const frame: Frame = {
    elementKey,
    given: (node) => given(node),
    tensor: (node, at) => {
      const array = ctx.arrayOf(ctx.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') {
        const load = s.load(array, address(position(at.w, at.t)), 'float')
        const digits = [...taps[at.t]!.slice(0, -1), column(at.w, at.t)]
        load.hint ??= `${node.name}${digits.every((x) => x < 10) ? digits.join('') : digits.join('_')}`
        return load
      }
      if (node.role === 'cotangent' || node.role === 'carrier') return s.load(array, address(window(at.w)), node.type)
      return s.load(array, ctx.int(randomIndex(ctx, node, outer2(at.w), String(at.t), position(at.w, at.t))), 'float')
    },
    geometry: (what, at) => (what === 'tap' ? s.constant(at.t, 'int') : size),
    random: (node, at) => ctx.random(node, randomIndex(ctx, node, outer2(at.w), String(at.t), position(at.w, at.t))),
    taps: (node, at) => {
      if (node.by === 'sum') {
        const sum = s.sum(
          taps.map((_, t) => instantiate(node.a, { w: at.w, t, e: 0 })),
          node.type,
        )
        return sum
      }
      const fold = folded(node, at.w)
      return node.by === 'max' || node.by === 'min' ? fold.value : fold.tap()
    },
    covers: (node) => {
      throw new Error(`node ${node.id} sums over covers in a window`)
    },
    flatIndex: (node, at) => {
      if (node.a.op !== 'reduce') throw new Error('flatIndex of what is no argmax')
      return s.op('sub', [chosen(node.a, at.w), ctx.int('inPlane')], 'int')
    },
  }
  const instantiate = instantiator(s, frame, ctx.labels)
  const chosen = (node: Node, w: number): Scalar => {
    if (node.op !== 'reduce' || node.over !== 'taps') throw new Error('only an argmax chooses a tap')
    return folded(node, w).position()
  }
  return { instantiate, taps, position, address, window, elementKey, chosen, loadAt, addresses }
}

/** The counter of a random value, and where one that is handed in stands, or a parameter: row-major, channels-first, over the axes that vary, taps last. */
export const randomIndex = (
  ctx: Context,
  node: Extract<Node, { op: 'random' | 'tensor' }>,
  o: readonly string[],
  tap: string,
  position: string,
): string => {
  const { level } = node
  if (level.place === 'in') {
    const points = ctx.axes.map((a) => a.extent).join(' * ')
    return ctx.first ? position : `(n * channels + c) * (${points}) + ${position} - inPlane`
  }
  if (level.place === 'window') return `(${ctx.levelIndex(levels.output, o, tap)}) * ${ctx.taps()} + ${tap}`
  return ctx.levelIndex(level, o, tap)
}
