/**
 * Windows written out: a block of windows that lie alike, some in a row, maybe in several rows, every tap a line or less.
 * Windows of a block that overlap share their loads, whatever is computed per element, and the sums and maxima of their
 * columns or rows.
 */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { levels } from '../../dsl/level.ts'
import type { Names } from '../emit/block.ts'
import { type At, type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import { isStored, type Side, sideOf } from '../emit/sides.ts'
import type { Node, NodeOf, TapReduction } from '../ir.ts'
import type { Context } from './context.ts'
import type { BlockSize } from './cost.ts'
import { bitsOf, type Candidate, type Folded, foldComputed, foldKeys, foldStored, keyOf } from './fold.ts'
import type { Hoists } from './hoist.ts'
import { foldSum, partsOf } from './parts.ts'
import { type Clip, minus } from './segments.ts'

export interface Straight {
  readonly s: Scalars
  readonly instantiate: Instantiate
  /** The taps that lie inside, by their index in the full window. */
  readonly taps: readonly number[]
  /** The position of the element that a tap of a window reads. */
  readonly position: (w: number, t: number) => string
  /** The address of a position; channels-last, it has a name of its own that `addresses` declares. */
  readonly address: (position: string) => Scalar
  readonly window: (w: number) => string
  /** The output coordinates of a window. */
  readonly coordinates: (w: number) => string[]
  readonly elementKey: (at: At) => string
  /** The position that an argmax or argmin of a window chose. */
  readonly chosen: (node: Node, w: number) => Scalar
  /** The bits of the maximum or minimum of a stored float32 tensor. */
  readonly bits: (side: Side, tensor: NodeOf<'tensor'>, w: number) => Scalar
  /** How far apart the windows' own shifts lie, for each shift that the block shares; none where it shares none. */
  readonly spreads: () => Scalar[]
  /** Lines that stand before the loop over channels. */
  readonly addresses: string[]
}

/** A block of windows whose taps lie inside as `clips` say; `scope` is where the names of its rows are declared. */
export const straight = (
  ctx: Context,
  scope: Names,
  axes: readonly SlidingAxis[],
  clips: readonly Clip[],
  { rows: rowsInBlock, inRow }: BlockSize,
  hoists: Hoists,
): Straight => {
  const s = ctx.scalars()
  const inner = axes.at(-1)!
  const outer = axes.slice(0, -1)
  const innerName = ctx.axes.at(-1)!.o
  const digitsOf = new Map<number, readonly number[]>()
  const collect = (d: number, head: readonly number[], flat: number): void => {
    if (d === axes.length) {
      digitsOf.set(flat, head)
      return
    }
    for (let t = clips[d]!.from; t < clips[d]!.to; t++) collect(d + 1, [...head, t], flat * axes[d]!.kernel + t)
  }
  collect(0, [], 0)
  const taps = [...digitsOf.keys()]
  const several = rowsInBlock * inRow > 1
  /** Which row of the block a window stands in, and where in it. */
  const rowOf = (w: number): number => Math.floor(w / inRow)
  const along = (w: number): number => w % inRow
  const headOf = (t: number): readonly number[] => digitsOf.get(t)!.slice(0, -1)
  /** How far below the block's first element a tap's row lies, along each outer axis, and how far right its column. */
  const below = (w: number, t: number): readonly number[] =>
    headOf(t).map((x, d) => x * outer[d]!.dilation + (d === outer.length - 1 ? rowOf(w) * outer[d]!.stride : 0))
  const column = (w: number, t: number): number => along(w) * inner.stride + digitsOf.get(t)!.at(-1)! * inner.dilation
  const order = ctx.schedule.fold
  /** The taps whose values are put together first, part by part. */
  const parts = partsOf(order, taps, (t) => ({ row: headOf(t).join(','), column: digitsOf.get(t)!.at(-1)! }))
  const addresses: string[] = []
  const rows = new Map<string, string>()
  const named = new Map<string, string>()

  /** The position of the block's first window's first column in a row of the input, so far below the first. */
  const row = (steps: readonly number[]): string => {
    const key = steps.join(',')
    const known = rows.get(key)
    if (known) return known
    const name = scope.fresh(steps.length === 0 ? 'row' : `row${steps.join('')}`)
    const extents = ctx.axes.map((a) => a.extent)
    // Taps further down lie whole rows (planes) behind the first.
    let down = ''
    steps.forEach((n, d) => {
      down = down === '' ? (n ? String(n) : '') : `(${down}) * ${extents[d]!} + ${n}`.replace(/^\((\d+)\)/, '$1')
    })
    const offset =
      down === '' || down === '0'
        ? ''
        : ` + ${/^\d+$/.test(down) ? (down === '1' ? '' : `${down} * `) : `(${down}) * `}${extents.at(-1)!}`
    const along = inner.stride === 1 ? innerName : `${innerName} * ${inner.stride}`
    addresses.push(`const ${name} = start + ${along}${offset}`)
    rows.set(key, name)
    return name
  }
  const position = (w: number, t: number): string => {
    const name = row(below(w, t))
    const col = column(w, t)
    return col === 0 ? name : `${name} + ${col}`
  }
  const elementKey = ({ w, t }: At): string => `${below(w, t).join(',')}:${column(w, t)}`
  const address = (at: string): Scalar => {
    if (ctx.first) return s.atom(at, 'int')
    let name = named.get(at)
    if (!name) {
      name = scope.fresh('at')
      addresses.push(`const ${name} = ${/^\w+$/.test(at) ? at : `(${at})`} * channels`)
      named.set(at, name)
    }
    return s.atom(`${name} + c`, 'int')
  }
  const outRows = new Map<number, string>([[0, 'outRow']])
  /** The first window of a row of the block. */
  const outRow = (k: number): string => {
    let name = outRows.get(k)
    if (!name) {
      name = scope.fresh(`outRow${k}`)
      addresses.push(`const ${name} = outRow + ${k === 1 ? '' : `${k} * `}${ctx.axes.at(-1)!.out}`)
      outRows.set(k, name)
    }
    return name
  }
  const window = (w: number): string => minus(`${outRow(rowOf(w))} + ${innerName}`, -along(w))
  const coordinates = (w: number): string[] =>
    ctx.axes.map((a, d) => minus(a.o, d === axes.length - 1 ? -along(w) : d === axes.length - 2 ? -rowOf(w) : 0))
  const digitSuffix = (w: number, t: number): string => {
    const digits = [...below(w, t), column(w, t)]
    return digits.every((x) => x < 10) ? digits.join('') : digits.join('_')
  }
  const bitsAt = (tensor: NodeOf<'tensor'>, w: number, t: number): Scalar => {
    const bits = s.load(ctx.bitsOf(ctx.bufferOf(tensor)), address(position(w, t)), 'int')
    bits.hint ??= `bits${digitSuffix(w, t)}`
    return bits
  }
  const folds = new Map<string, Folded>()
  const folded = (node: TapReduction, w: number): Folded => {
    const side = sideOf(node)
    const key = `${side}${node.a.id}w${w}`
    const known = folds.get(key)
    if (known) return known
    const stored = isStored(node.a) ? node.a : undefined
    const candidates = taps.map(
      (t): Candidate => ({
        value: () => instantiate(node.a, { w, t, e: 0 }),
        ...(stored && ctx.byKeys.straight && { bits: bitsAt(stored, w, t) }),
        tap: s.constant(t, 'int'),
        position: s.atom(position(w, t), 'int'),
      }),
    )
    const made =
      stored === undefined || ctx.schedule.extrema === 'branch'
        ? foldComputed(s, side, candidates)
        : foldStored(s, side, candidates, (at) => s.load(ctx.arrayOf(ctx.bufferOf(stored)), ctx.addressOf(s, at), 'float'))
    folds.set(key, made)
    return made
  }
  const bits = (side: Side, tensor: NodeOf<'tensor'>, w: number): Scalar => {
    const keys = parts.map((part) =>
      part.map((t) => {
        const key = keyOf(s, side, bitsAt(tensor, w, t))
        key.hint ??= `key${digitSuffix(w, t)}`
        return key
      }),
    )
    return bitsOf(s, side, foldKeys(s, order, keys))
  }
  const savedAt = (node: Node, w: number): Scalar | undefined => {
    const saved = ctx.saved.get(node)
    return saved && s.load(ctx.arrayOf(saved), address(window(w)), node.type)
  }
  const windows = Array.from({ length: rowsInBlock * inRow }, (_, w) => w)
  /** The greatest (least) of the windows' own greatest exponents. */
  const ofBlock = (greatest: Node, side: Side): Scalar =>
    windows.map((w) => instantiate(greatest, { w, t: 0, e: 0 })).reduce((a, b) => s.op(side, [a, b]))
  const sharedShift = (node: Node): Scalar | undefined => {
    const greatest = several ? ctx.shifts.get(node) : undefined
    if (!greatest) return undefined
    const shift = ofBlock(greatest, 'max')
    shift.hint ??= 'greatest'
    shift.named = true
    return shift
  }
  const spreads = (): Scalar[] =>
    several ? [...ctx.shifts.values()].map((x) => s.op('sub', [ofBlock(x, 'max'), ofBlock(x, 'min')])) : []
  const count = s.constant(taps.length, 'int')
  const divisor = (): Scalar => {
    const { geometry } = ctx.program
    if (geometry.kind === 'sliding' && !geometry.countIncludePad) return s.constant(Math.max(1, taps.length), 'int')
    return s.constant(
      clips.reduce((n, clip) => n * clip.counted, 1),
      'int',
    )
  }
  const frame: Frame = {
    elementKey,
    given: (node, at) => hoists.given(s, node) ?? savedAt(node, at.w) ?? sharedShift(node),
    tensor: (node, at) => {
      const array = ctx.arrayOf(ctx.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') return s.load(array, address(position(at.w, at.t)), 'float')
      if (node.role === 'cotangent' || node.role === 'carrier') return s.load(array, address(window(at.w)), node.type)
      const index = randomIndex(ctx, node, coordinates(at.w), String(at.t), () => position(at.w, at.t))
      return s.load(array, s.atom(index, 'int'), 'float')
    },
    geometry: (what, at) => (what === 'tap' ? s.constant(at.t, 'int') : what === 'divisor' ? divisor() : count),
    random: (node, at) =>
      ctx.random(
        s,
        node,
        randomIndex(ctx, node, coordinates(at.w), String(at.t), () => position(at.w, at.t)),
      ),
    taps: (node, at) => {
      if (node.by === 'sum') {
        const terms = parts.map((part) => part.map((t) => instantiate(node.a, { w: at.w, t, e: 0 })))
        return foldSum(s, order, terms, node.type)
      }
      const fold = folded(node, at.w)
      return node.by === 'max' || node.by === 'min' ? fold.value : fold.tap()
    },
    covers: (node) => {
      throw new Error(`node ${node.id} sums over covers in a window`)
    },
    flatIndex: (node, at) => s.op('sub', [chosen(node.a, at.w), s.atom('inPlane', 'int')], 'int'),
    suffix: (node, at) => {
      const window = several ? String(at.w) : ''
      switch (node.level.place) {
        case 'none':
          return ''
        case 'tap':
          return String(at.t)
        case 'out':
          return window
        case 'in':
          return digitSuffix(at.w, at.t)
        case 'window':
          return digitSuffix(0, at.t) + (window === '' ? '' : `_${window}`)
        default:
          return node.level.place satisfies never
      }
    },
  }
  const instantiate = instantiator(s, frame, ctx.labels)
  /** The position of a tap that is known at run time only: its rows are counted off, for want of a division. */
  const positionOf = (tap: Scalar, w: number): Scalar => {
    const add = (x: Scalar, y: Scalar): Scalar => s.op('add', [x, y], 'int')
    const times = (x: Scalar, n: number): Scalar => s.op('mul', [x, s.constant(n, 'int')], 'int')
    let at = s.atom(`start + ${inner.stride === 1 ? innerName : `${innerName} * ${inner.stride}`}`, 'int')
    if (along(w) > 0) at = add(at, s.constant(along(w) * inner.stride, 'int'))
    let rest = tap
    let rows: Scalar = s.constant(0, 'int')
    outer.forEach(({ kernel, stride, dilation }, d) => {
      const taps = axes.slice(d + 1).reduce((n, x) => n * x.kernel, 1)
      const passed = Array.from({ length: kernel - 1 }, (_, k) => s.op('ge', [rest, s.constant((k + 1) * taps, 'int')], 'int'))
      const index = s.sum(passed, 'int')
      const inBlock = d === outer.length - 1 ? rowOf(w) * stride : 0
      const down = add(times(index, dilation), s.constant(inBlock, 'int'))
      rows = d === 0 ? down : add(s.op('mul', [rows, s.atom(ctx.axes[d]!.extent, 'int')], 'int'), down)
      rest = s.op('sub', [rest, times(index, taps)], 'int')
    })
    if (outer.length > 0) at = add(at, s.op('mul', [rows, s.atom(ctx.axes.at(-1)!.extent, 'int')], 'int'))
    return add(at, times(rest, inner.dilation))
  }
  const chosen = (node: Node, w: number): Scalar => {
    const saved = savedAt(node, w)
    if (saved) return positionOf(saved, w)
    if (node.op !== 'reduce' || node.over !== 'taps') throw new Error('only an argmax chooses a tap')
    return folded(node, w).position()
  }
  return { s, instantiate, taps, position, address, window, coordinates, elementKey, chosen, bits, spreads, addresses }
}

/** The counter of a random value, and where one that is handed in stands, or a parameter: row-major, channels-first, over the axes that vary, taps last. */
export const randomIndex = (
  ctx: Context,
  node: Extract<Node, { op: 'random' | 'tensor' }>,
  o: readonly string[],
  tap: string,
  position: () => string,
): string => {
  const { level } = node
  if (level.place === 'in') {
    const points = ctx.axes.map((a) => a.extent).join(' * ')
    return ctx.first ? position() : `(n * channels + c) * (${points}) + ${position()} - inPlane`
  }
  if (level.place === 'window') return `(${ctx.levelIndex(levels.output, o, tap)}) * ${ctx.taps()} + ${tap}`
  return ctx.levelIndex(level, o, tap)
}
