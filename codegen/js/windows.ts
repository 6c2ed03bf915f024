/**
 * The windows' stage: which loops visit the windows, and what code each of them meets. Windows that lie inside are written
 * out in blocks; those that stick out are sorted by how they lie (segments.ts), and each kind is written out too, or, where
 * that would be too much text, done by loops. Windows too large to be written out loop over their taps.
 */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { isDisjoint } from '../covers.ts'
import type { Block } from '../emit/block.ts'
import { isConst } from '../ir.ts'
import type { Store } from '../program.ts'
import { callsOf, type KernelFunction, nested, type StageCode, walk } from './bands.ts'
import { boundsOf } from './bounds.ts'
import type { Context } from './context.ts'
import type { BlockSize } from './cost.ts'
import { bracketed } from './gather.ts'
import type { Hoists } from './hoist.ts'
import { looped } from './looped.ts'
import { sharesOf } from './scatter.ts'
import { type Clip, isClipped, minus, type WindowSegments, windowSegments, written } from './segments.ts'
import { widest } from './shift.ts'
import { straight } from './straight.ts'
import { Locals, loopedWindow, straightStatements, type Work, workOf } from './work.ts'

/** Taps that all kinds of windows together may have where they are written out; beyond, windows at the border loop. */
const borderBudget = 512

export const emitWindows = (
  ctx: Context,
  stores: readonly Store[],
  elementStores: readonly Store[],
  hoists: Hoists,
): StageCode => {
  const work = workOf(ctx, stores, elementStores)
  const { schedule } = ctx
  const { geometry } = ctx.program
  if (geometry.kind !== 'sliding' || schedule.unroll === 'none') return loopsInPlace(ctx, work, hoists)
  const segments = geometry.axes.map((_, d) => windowSegments(geometry, d, ctx.axes[d]!))
  return schedule.unroll === 'inner' ? rowsUnrolled(ctx, work, hoists, segments) : writtenOut(ctx, work, hoists, segments)
}

/** The sizes of blocks that a row is taken in, before what is left goes one by one: after large blocks much may be left. */
const blocksOf = (m: number): readonly number[] => (m > 4 ? [m, 2] : m > 1 ? [m] : [])

const withChannels = (ctx: Context, block: Block, write: (inside: Block) => void): void => {
  if (ctx.first) {
    write(block)
    return
  }
  block.line('for (let c = 0; c < channels; c++) {')
  const inside = block.child()
  write(inside)
  block.lines.push(...inside.lines, '}')
}

/** Windows `first` to `end` of the row that the outer loops are at, by loops over their taps. */
const loopedRow = (
  ctx: Context,
  block: Block,
  { work, hoists, locals, unrolled }: { work: Work; hoists: Hoists; locals: Locals; unrolled: number },
  first: string,
  end: string,
): void => {
  const last = ctx.axes.length - 1
  const inner = ctx.axes[last]!
  const outer = ctx.axes.slice(0, -1).map((_, d) => d)
  for (const text of boundsOf(ctx, outer).lines) block.line(text)
  block.line(`const outRow = ${outRowOf(ctx)}`)
  block.line(`for (let ${inner.o} = ${first}; ${inner.o} < ${end}; ${inner.o}++) {`)
  const bounds = boundsOf(ctx, [last])
  for (const text of bounds.lines) block.line(text)
  withChannels(ctx, block, (inside) => loopedWindow(ctx, inside, looped(ctx, bounds, unrolled, hoists), work, locals))
  block.line('}')
}

/** All windows by loops, inside the kernel. */
const loopsInPlace = (ctx: Context, work: Work, hoists: Hoists): StageCode => {
  const block = hoists.block.child()
  const locals = new Locals(ctx, block.names, work.writes)
  if (ctx.program.geometry.kind === 'global') {
    const bounds = boundsOf(ctx, [0])
    withChannels(ctx, block, (inside) => loopedWindow(ctx, inside, looped(ctx, bounds, 0, hoists), work, locals))
    return { lines: [...locals.before, ...block.lines, ...locals.after], functions: [] }
  }
  const outer = ctx.axes.slice(0, -1)
  for (const axis of outer) block.line(`for (let ${axis.o} = 0; ${axis.o} < ${axis.out}; ${axis.o}++) {`)
  loopedRow(ctx, block, { work, hoists, locals, unrolled: 0 }, '0', ctx.axes.at(-1)!.out)
  for (const _ of outer) block.line('}')
  return { lines: [...locals.before, ...block.lines, ...locals.after], functions: [] }
}

/** Windows `first` to `end` of one row by loops, as a function. */
const rowFunction = (ctx: Context, work: Work, hoists: Hoists, name: string, unrolled: number): KernelFunction => {
  const block = hoists.block.child()
  const locals = new Locals(ctx, block.names, work.writes)
  loopedRow(ctx, block, { work, hoists, locals, unrolled }, 'first', 'end')
  return {
    name: ctx.names.fresh(name),
    own: [...ctx.axes.slice(0, -1).map((a) => a.o), 'first', 'end'],
    lines: [...locals.before, ...block.lines, ...locals.after],
    comment:
      unrolled > 0
        ? 'windows whose rows may leave the input, but not their columns'
        : 'windows by loops over the taps that lie inside',
  }
}

/** Rows of taps written out, the rest by loops: for windows that are too large otherwise. */
const rowsUnrolled = (ctx: Context, work: Work, hoists: Hoists, segments: readonly WindowSegments[]): StageCode => {
  const { lows, inside, end, highs, last, least } = segments.at(-1)!
  const middle = rowFunction(ctx, work, hoists, 'rows', inside.to)
  const border = rowFunction(ctx, work, hoists, 'border', 0)
  const call = callsOf(ctx, hoists)
  const rows = ctx.axes.slice(0, -1).map((a) => a.o)
  const lines = ctx.axes.slice(0, -1).map(({ o, out }) => `for (let ${o} = 0; ${o} < ${out}; ${o}++) {`)
  const clipped = lows.length + highs.length > 0
  const from = String(lows.length)
  if (least > 0) lines.push(`if (${ctx.axes.at(-1)!.extent} < ${least}) {`, call(border, rows, '0', last), '} else {')
  if (lows.length > 0) lines.push(call(border, rows, '0', from))
  lines.push(call(middle, rows, from, end))
  if (highs.length > 0) lines.push(call(border, rows, end, last))
  if (least > 0) lines.push('}')
  return { lines: [...lines, ...rows.map(() => '}')], functions: clipped ? [border, middle] : [middle] }
}

const outRowOf = (ctx: Context): string => {
  const flat = ctx.axes.slice(0, -1).reduce((at, axis) => (at === '' ? axis.o : `(${at}) * ${axis.out} + ${axis.o}`), '')
  return flat === '' ? 'outPlane' : `outPlane + (${flat}) * ${ctx.axes.at(-1)!.out}`.replace(/\((\w+)\)/g, '$1')
}

/** The position of the first tap of the row's window 0, which may lie outside; later windows follow by strides. */
const startOf = (ctx: Context): string => {
  const { geometry } = ctx.program
  if (geometry.kind !== 'sliding') return 'inPlane'
  const at = geometry.axes.map(({ stride, low }, d) => {
    const o = ctx.axes[d]!.o
    const along = d === geometry.axes.length - 1 ? '' : stride === 1 ? o : `${o} * ${stride}`
    if (low === 0) return along
    return along === '' ? `- ${low}` : `${along} - ${low}`
  })
  const flat = at.slice(0, -1).reduce((sum, x, d) => (sum === '' ? x : `(${sum}) * ${ctx.axes[d]!.extent} + ${x}`), '')
  const row = flat === '' ? '' : ` + ${bracketed(flat)} * ${ctx.axes.at(-1)!.extent}`
  return `inPlane${row}${at.at(-1) === '' ? '' : ` ${at.at(-1)!}`}`
}

/** Every kind of window written out, by rows of one kind. */
const writtenOut = (ctx: Context, work: Work, hoists: Hoists, segments: readonly WindowSegments[]): StageCode => {
  const { geometry } = ctx.program
  if (geometry.kind !== 'sliding') throw new Error('only sliding windows are written out')
  const { outputsPerThread: inBlock, rows: rowsInBlock } = ctx.schedule
  const columns = segments.at(-1)!
  const inner = ctx.axes.at(-1)!
  const sideBySide = [rowsInBlock, inBlock]
  const taps = segments.reduce(
    (n, axis, d) => n * written(axis, sideBySide[d - segments.length + 2] ?? 1, (x) => x.to - x.from),
    1,
  )
  const border = rowFunction(ctx, work, hoists, 'border', 0)
  const call = callsOf(ctx, hoists)

  const outerNames = ctx.axes.slice(0, -1).map((a) => a.o)
  /** Windows `first` to `end` of so many rows, by loops. */
  const byLoops = (down: number, first: string, end: string): string[] =>
    Array.from({ length: down }, (_, k) => {
      const coordinates = outerNames.map((o, d) => minus(o, d === outerNames.length - 1 ? -k : 0))
      return call(border, coordinates, first, end)
    })
  const blockOf = (into: Block, locals: Locals, clips: readonly Clip[], size: BlockSize): string[] => {
    const block = into.child()
    const code = straight(ctx, block.names, geometry.axes, clips, size, hoists)
    const body = block.child()
    const statements = straightStatements(ctx, code, size.rows * size.inRow, work, locals)
    const spreads = code.spreads()
    if (spreads.length === 0) body.write(statements)
    else {
      const inside = body.child()
      body.write([{ values: spreads, line: (text) => `if (${spreads.map((x) => `${text(x)} <= ${widest}`).join(' && ')}) {` }])
      inside.write(statements)
      const apart = byLoops(size.rows, inner.o, minus(inner.o, -size.inRow))
      body.lines.push(
        ...inside.lines,
        '} else {',
        '// too far apart to subtract one number from the exponents of all',
        ...apart,
        '}',
      )
    }
    if (ctx.first) return [...code.addresses, ...body.lines]
    return [...code.addresses, 'for (let c = 0; c < channels; c++) {', ...body.lines, '}']
  }
  /** The windows of so many rows whose outer axes lie as `clips` say. */
  const row = (into: Block, locals: Locals, clips: readonly Clip[], looping: boolean, down: number): string[] => {
    const { o } = inner
    const one = { rows: down, inRow: 1 }
    const { lows, inside, end, highs, past, last } = columns
    // The few rows at the border take their windows one by one: a quarter of the text for little time.
    const m = clips.every((clip, d) => clip === segments[d]!.inside) ? inBlock : 1
    const lines = [`const outRow = ${outRowOf(ctx)}`, `const start = ${startOf(ctx)}`]
    if (looping && lows.length > 0) lines.push(...byLoops(down, '0', String(lows.length)))
    lines.push(`let ${o} = ${looping ? lows.length : 0}`)
    if (!looping) for (const kind of lows) lines.push('{', ...blockOf(into, locals, [...clips, kind], one), '}', `${o}++`)
    const bound = isClipped(columns) ? `end${inner.letter.toUpperCase()}` : end
    for (const n of blocksOf(m))
      lines.push(
        `for (; ${o} < ${bound} - ${n - 1}; ${o} += ${n}) {`,
        ...blockOf(into, locals, [...clips, inside], { rows: down, inRow: n }),
        '}',
      )
    lines.push(`for (; ${o} < ${bound}; ${o}++) {`, ...blockOf(into, locals, [...clips, inside], one), '}')
    if (highs.length === 0) return lines
    if (looping) return [...lines, ...byLoops(down, bound, last)]
    const [only] = highs
    if (highs.length === 1) return [...lines, `if (${o} < ${last}) {`, ...blockOf(into, locals, [...clips, only!], one), '}']
    lines.push(`for (; ${o} < ${last}; ${o}++) {`, `const past = ${past}`)
    highs.forEach((kind, k) => {
      const test = k < highs.length - 1 ? `if (past === ${k + 1}) ` : ''
      lines.push(`${k > 0 ? '} else ' : ''}${test}{`, ...blockOf(into, locals, [...clips, kind], one))
    })
    return [...lines, '}', '}']
  }
  const setup = isClipped(columns) ? [`const end${inner.letter.toUpperCase()} = ${columns.end}`] : []
  const looping = ctx.schedule.border === 'looped' || taps > borderBudget
  const { lines, functions } = walk(ctx, hoists, {
    outer: segments.slice(0, -1),
    variables: ctx.axes.slice(0, -1).map((a) => a.o),
    looping,
    setup,
    // Sums kept in variables are those of windows that are all written out here.
    writes: ctx.shifts.size > 0 ? [] : work.writes,
    row,
    rows: rowsInBlock,
    rest: { function: border, end: inner.out, coordinate: (_, variable) => variable },
    name: 'windows',
    comment: (kinds) => describe(kinds, geometry.axes),
  })
  const small = segments.flatMap(({ least }, d) => (least > 1 ? [`${ctx.axes[d]!.extent} < ${least}`] : []))
  const isUsed = small.length > 0 || ctx.shifts.size > 0 || (looping && segments.some(isClipped))
  const outer = ctx.axes.slice(0, -1)
  const allByLoops = nested(
    outer.map(({ o, out }) => [o, out]),
    call(
      border,
      outer.map((x) => x.o),
      '0',
      inner.out,
    ),
  )
  return {
    lines: small.length > 0 ? [`if (${small.join(' || ')}) {`, ...allByLoops, '} else {', ...lines, '}'] : lines,
    functions: isUsed ? [border, ...functions] : functions,
  }
}

/** What sets the windows of a band of rows apart, for a reader. */
const describe = (clips: readonly Clip[], axes: readonly SlidingAxis[]): string => {
  const parts = clips.flatMap(({ from, to }, d) => {
    const what = d === clips.length - 1 ? 'row' : 'plane'
    if (from > 0) return [`without their first ${from === 1 ? what : `${from} ${what}s`} of taps`]
    const missing = axes[d]!.kernel - to
    return missing > 0 ? [`without their last ${missing === 1 ? what : `${missing} ${what}s`} of taps`] : []
  })
  return parts.length === 0 ? 'rows of windows with all rows of taps inside' : `rows of windows ${parts.join(', ')}`
}

/**
 * When a gradient has to be cleared first: `always` where shares are added; where each window sets its own elements, only
 * if some element belongs to none, which the extents decide (the text of the test), or `never`.
 */
export const clearingOf = (ctx: Context, store: Store): string => {
  const { geometry } = ctx.program
  const shares = sharesOf(ctx.program.builder, store.value)
  if (shares.single.length > 0 || isConst(shares.dense, 0) || ctx.schedule.phases !== 'owner') return 'always'
  if (geometry.kind === 'global') return 'never'
  if (geometry.kind !== 'sliding' || !geometry.axes.every((axis) => isDisjoint(axis) && axis.stride === axis.kernel))
    return 'always'
  return geometry.axes
    .map((axis, d) => `${ctx.axes[d]!.out} * ${axis.stride}${axis.low > 0 ? ` - ${axis.low}` : ''} < ${ctx.axes[d]!.extent}`)
    .join(' || ')
}
