/**
 * The elements' stage: each input element gathers from the windows that cover it. Elements of one phase (i + low modulo the
 * stride) are covered by the same taps at the same distances, so each phase of rows and of columns is written out, in blocks
 * that share what they load. Near the border some of the covers do not exist; elements that miss the same ones are of a kind.
 */
import { type Geometry, outputSize } from '../../dsl/geometry.ts'
import { type Cover, phasesOf, spanOf } from '../covers.ts'
import type { AxisNames } from '../emit/axes.ts'
import type { Block } from '../emit/block.ts'
import { instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import type { Store } from '../program.ts'
import { callsOf, type KernelFunction, nested, type StageCode, walk } from './bands.ts'
import type { Context } from './context.ts'
import { bracketed, elementStatements, flat, gatherFrame } from './gather.ts'
import { gatherByLoops } from './gather-border.ts'
import type { Hoists } from './hoist.ts'
import { foldSum, partsOf } from './parts.ts'
import { minus, type Segments } from './segments.ts'
import type { Locals } from './work.ts'

type Sliding = Extract<Geometry, { kind: 'sliding' }>

/** The covers that exist for elements of one kind along an axis; windows stand `offset` from the element's place. */
type Covers = readonly Cover[]

/** Covers that all kinds of elements together may have where they are written out. */
const borderBudget = 512

/** How far elements can lie past the last whose covers all exist, over all extents: it repeats with the stride. */
const mostPast = (geometry: Sliding, d: number, past: (extent: number, out: number) => number): number => {
  const axis = geometry.axes[d]!
  const base = 2 * (spanOf(axis) + axis.low + axis.high + axis.stride)
  const one: Geometry = { ...geometry, dims: 1, axes: [axis] }
  return Math.max(0, ...Array.from({ length: axis.stride }, (_, h) => past(base + h, outputSize(one, [base + h])[0]!)))
}

/** What is left of the covers at a place below, or so far past what is inside. */
const belowPlace = (covers: Covers, place: number): Covers => covers.filter((x) => place + x.offset >= 0)
const beyond = (covers: Covers, greatest: number, past: number): Covers => covers.filter((x) => x.offset <= greatest - past)

interface RowPhase extends Segments<Covers> {
  /** The element at place 0; further ones follow by strides. */
  readonly first: number
  /** The least output and input for which the segments hold. */
  readonly leastOut: number
  readonly leastIn: number
}

/** The rows of one phase of an outer axis. */
const rowPhase = (geometry: Sliding, d: number, r: number, names: AxisNames, variable: string): RowPhase => {
  const { stride, low } = geometry.axes[d]!
  const q0 = Math.max(0, Math.ceil((low - r) / stride))
  const first = q0 * stride + r - low
  const covers = phasesOf(geometry.axes[d]!)[r]!.map(({ tap, offset }) => ({ tap, offset: offset + q0 }))
  const places = (extent: number): number => Math.ceil((extent - first) / stride)
  const last = stride === 1 ? minus(names.extent, first) : `Math.ceil(${bracketed(minus(names.extent, first))} / ${stride})`
  if (covers.length === 0) return { lows: [], inside: [], end: last, highs: [], past: '', last, first, leastOut: 0, leastIn: 0 }
  const offsets = covers.map((x) => x.offset)
  const greatest = Math.max(...offsets)
  const lows = Array.from({ length: Math.max(0, -Math.min(...offsets)) }, (_, p) => belowPlace(covers, p))
  const most = mostPast(geometry, d, (extent, out) => places(extent) + greatest - out)
  return {
    lows,
    inside: covers,
    end: `Math.min(${last}, ${minus(names.out, greatest)})`,
    highs: Array.from({ length: most }, (_, k) => beyond(covers, greatest, k + 1)),
    past: `${variable} - ${names.out} + ${greatest + 1}`.replace('+ -', '- '),
    last,
    first,
    leastOut: lows.length + Math.max(0, greatest),
    leastIn: lows.length > 0 ? first + (lows.length - 1) * stride + 1 : 0,
  }
}

/** All combinations of one phase of each outer axis. */
const combinations = (geometry: Sliding): number[][] =>
  geometry.axes
    .slice(0, -1)
    .reduce<number[][]>((all, axis) => all.flatMap((head) => Array.from({ length: axis.stride }, (_, r) => [...head, r])), [[]])

const product = (lists: readonly Covers[]): Cover[][] =>
  lists.reduce<Cover[][]>((all, list) => all.flatMap((head) => list.map((x) => [...head, x])), [[]])

/** The elements of a row: which stand before the blocks, where blocks end, and what lies after. */
const columnsOf = (ctx: Context, geometry: Sliding) => {
  const d = geometry.axes.length - 1
  const axis = geometry.axes[d]!
  const { stride, low } = axis
  const { extent, out } = ctx.axes[d]!
  const phases = phasesOf(axis)
  const offsets = phases.flat().map((x) => x.offset)
  const greatest = Math.max(0, ...offsets)
  const firstBlock = Math.max(Math.ceil(low / stride), -Math.min(0, ...offsets))
  const before = Array.from({ length: firstBlock * stride - low }, (_, i) => {
    const q = Math.floor((i + low) / stride)
    return { q, r: i + low - q * stride }
  })
  const blocks = stride === 1 ? minus(extent, -low) : `Math.floor(${bracketed(minus(extent, -low))} / ${stride})`
  const most = mostPast(geometry, d, (n, o) => Math.floor((n - 1 + low) / stride) + greatest - o + 1)
  return { phases, greatest, firstBlock, before, most, endBlock: `Math.min(${minus(out, greatest)}, ${blocks})`, stride, low }
}

export const emitElements = (ctx: Context, stores: readonly Store[], hoists: Hoists): StageCode => {
  const { geometry } = ctx.program
  if (geometry.kind !== 'sliding') throw new Error('only sliding windows are gathered')
  const { axes } = geometry
  const inner = ctx.axes.at(-1)!
  const outerAxes = ctx.axes.slice(0, -1)
  const rest = gatherByLoops(ctx, axes, stores, hoists)
  const call = callsOf(ctx, hoists)
  const allByLoops = nested(
    outerAxes.map(({ i, extent }) => [i, extent]),
    call(
      rest,
      outerAxes.map((x) => x.i),
      '0',
      inner.extent,
    ),
  )
  if (ctx.schedule.unroll !== 'all') return { lines: allByLoops, functions: [rest] }

  const { phases, greatest, firstBlock, before, most, endBlock, stride, low } = columnsOf(ctx, geometry)
  const several = ctx.schedule.outputsPerThread
  const variables = outerAxes.map((x) => `q${x.letter.toUpperCase()}`)
  const rowPhases = combinations(geometry).map((combination) =>
    combination.map((r, d) => rowPhase(geometry, d, r, ctx.axes[d]!, variables[d]!)),
  )
  const inBlock = phases.reduce((n, x) => n + x.length, 0)
  const columnCovers = before.reduce(
    (n, { r }) => n + phases[r]!.length,
    inBlock * (several > 1 ? several + 1 : 1) + inBlock * (most + (stride > 1 ? 1 : 0)),
  )
  const rowCovers = rowPhases.reduce(
    (n, list) =>
      n + list.reduce((k, { lows, inside, highs }) => k * [...lows, inside, ...highs].reduce((x, y) => x + y.length, 0), 1),
    0,
  )
  const { fold } = ctx.schedule
  const looping = ctx.schedule.border === 'looped' || columnCovers * rowCovers > borderBudget

  /** Elements at places of the block or beside it; each with the covers that exist for it along the row. */
  const blockOf = (
    into: Block,
    locals: Locals,
    kinds: readonly Covers[],
    elements: readonly { readonly e: number; readonly covers: Covers }[],
    base: string,
  ): string[] => {
    const s = ctx.scalars()
    const block = into.child()
    const heads = product(kinds)
    const windows: { head: number; column: number }[] = []
    const windowOf = (head: number, column: number): number => {
      const known = windows.findIndex((x) => x.head === head && x.column === column)
      return known >= 0 ? known : windows.push({ head, column }) - 1
    }
    const addresses: string[] = []
    const named = new Map<string, string>()
    const address = (text: string): Scalar => {
      if (ctx.first) return s.atom(text, 'int')
      let name = named.get(text)
      if (!name) {
        name = block.fresh('at')
        addresses.push(`const ${name} = (${text}) * channels`)
        named.set(text, name)
      }
      return s.atom(`${name} + c`, 'int')
    }
    const window = (w: number): string => {
      const { head, column } = windows[w]!
      const row = heads[head]!.length > 0 ? `window${head} + ` : ''
      if (base !== '') return row + minus(base, -column)
      return column === 0 && row !== '' ? row.slice(0, -3) : `${row}${column}`
    }
    const position = (e: number): string => {
      if (base === '') return minus('row', -e)
      return minus(`row + ${base}${stride === 1 ? '' : ` * ${stride}`}`, -e)
    }
    const coordinates = (w: number): string[] => {
      // A value per element stands at no window.
      const at = windows[w]
      if (!at) return []
      const outer = heads[at.head]!.map((x, d) => minus(variables[d]!, -x.offset))
      return [...outer, base === '' ? String(at.column) : minus(base, -at.column)]
    }
    const many = elements.length > 1
    const frame = gatherFrame(
      ctx,
      s,
      hoists,
      {
        element: (e) => address(position(e)),
        output: (w, inPlane) => address(inPlane ? window(w) : `outPlane + ${window(w)}`),
        tap: (t) => s.atom(String(t), 'int'),
        o: coordinates,
        position,
        suffix: (node, at) => {
          const { place } = node.level
          if (place === 'in') return many ? String(at.e + low).replace('-', '_') : ''
          if (place !== 'out' && place !== 'window') return ''
          const { head, column } = windows[at.w]!
          const from = Math.min(...windows.map((x) => x.column))
          return `${heads[head]!.map((x, d) => x.offset - Math.min(...kinds[d]!.map((y) => y.offset))).join('')}${column - Math.min(from, 0)}`
        },
      },
      (node, e) => {
        const { covers } = elements.find((x) => x.e === e)!
        const terms = covers.flatMap(({ tap, offset }) =>
          heads.map((head, k) => {
            const t = [...head.map((x) => x.tap), tap].reduce((sum, x, d) => sum * axes[d]!.kernel + x, 0)
            return { k, offset, value: instantiate(node.a, { w: windowOf(k, offset), t, e }) }
          }),
        )
        const parts = partsOf(fold, terms, ({ k, offset }) => ({ row: String(k), column: offset }))
        return foldSum(
          s,
          fold,
          parts.map((part) => part.map((x) => x.value)),
        )
      },
    )
    const instantiate = instantiator(s, frame, ctx.labels)
    const statements = elements.flatMap(({ e }) => elementStatements(ctx, stores, instantiate, e, address(position(e)), locals))
    const body = block.child()
    body.write(statements)
    if (ctx.first) return body.lines
    return [...addresses, 'for (let c = 0; c < channels; c++) {', ...body.lines, '}']
  }

  const rowOf =
    (list: readonly RowPhase[]) =>
    (into: Block, locals: Locals, kinds: readonly Covers[], loopsAtBorder: boolean): string[] => {
      const coordinate = list.map(({ first }, d) => {
        const along = axes[d]!.stride === 1 ? variables[d]! : `${variables[d]!} * ${axes[d]!.stride}`
        return minus(along, -first)
      })
      const rowStart = flat(
        coordinate,
        ctx.axes.map((x) => x.extent),
      )
      const lines = [
        `const row = inPlane${rowStart === '' ? '' : ` + ${bracketed(rowStart)} * ${inner.extent}`}${low > 0 ? ` - ${low}` : ''}`,
      ]
      product(kinds).forEach((head, k) => {
        if (head.length === 0) return
        const at = flat(
          head.map((x, d) => minus(variables[d]!, -x.offset)),
          ctx.axes.map((x) => x.out),
        )
        lines.push(`const window${k} = ${bracketed(at)} * ${inner.out}`)
      })
      // The few rows at the border take their elements by single strides: a quarter of the text for little time.
      const m = kinds.every((kind, d) => kind === list[d]!.inside) ? several : 1
      const write = (elements: readonly { readonly e: number; readonly covers: Covers }[], base: string): string[] =>
        blockOf(into, locals, kinds, elements, base)
      const whole = (n: number) =>
        Array.from({ length: n * stride }, (_, e) => {
          const j = Math.floor(e / stride)
          return { e, covers: phases[e % stride]!.map(({ tap, offset }) => ({ tap, offset: offset + j })) }
        })
      if (loopsAtBorder) {
        if (before.length > 0) lines.push(call(rest, coordinate, '0', String(before.length)))
      } else if (before.length > 0) {
        const elements = before.map(({ q, r }) => ({
          e: q * stride + r,
          covers: belowPlace(phases[r]!, q).map(({ tap, offset }) => ({ tap, offset: offset + q })),
        }))
        lines.push('{', ...write(elements, ''), '}')
      }
      lines.push(`let q = ${firstBlock}`)
      if (m > 1) lines.push(`for (; q < endBlock - ${m - 1}; q += ${m}) {`, ...write(whole(m), 'q'), '}')
      lines.push('for (; q < endBlock; q++) {', ...write(whole(1), 'q'), '}')
      const at = stride === 1 ? 'q' : `q * ${stride}`
      if (loopsAtBorder) return [...lines, call(rest, coordinate, minus(at, low), inner.extent)]
      if (most === 0 && stride === 1) return lines
      lines.push(`for (; ${minus(at, low)} < ${inner.extent}; q++) {`)
      const pasts = [...(stride > 1 ? [0] : []), ...Array.from({ length: most }, (_, k) => k + 1)]
      if (pasts.length > 1) lines.push(`const past = ${`q - ${inner.out} + ${greatest + 1}`}`)
      pasts.forEach((past, k) => {
        if (pasts.length > 1)
          lines.push(
            `${k > 0 ? '} else ' : ''}${k < pasts.length - 1 ? `if (past ${past === 0 ? '<' : '='}== ${past}) `.replace('<==', '<=') : ''}{`,
          )
        for (let r = 0; r < stride; r++) {
          const one = write([{ e: r, covers: beyond(phases[r]!, greatest, past) }], 'q')
          if (r === 0 && stride === 1) lines.push(...one)
          else lines.push(r === 0 ? '{' : `if (${minus(at, low - r)} < ${inner.extent}) {`, ...one, '}')
        }
      })
      if (pasts.length > 1) lines.push('}')
      return [...lines, '}']
    }

  const functions: KernelFunction[] = []
  const lines: string[] = []
  rowPhases.forEach((list, k) => {
    const code = walk(ctx, hoists, {
      outer: list,
      variables,
      setup: [`const endBlock = ${endBlock}`],
      writes: stores,
      row: rowOf(list),
      rows: 1,
      looping,
      rest: {
        function: rest,
        end: inner.extent,
        coordinate: (d, variable) =>
          minus(axes[d]!.stride === 1 ? variable : `${variable} * ${axes[d]!.stride}`, -list[d]!.first),
      },
      name: rowPhases.length > 1 ? `elements${k}` : 'elements',
      comment: (kinds) => {
        const missing = kinds.some((x, d) => x !== list[d]!.inside)
        return missing
          ? 'rows of elements that some windows would cover from outside the output'
          : 'rows of elements with all their covers'
      },
    })
    // What two phases of rows declare alike stands in a block of its own.
    const declares = code.lines.some((line) => /^(const|let) /.test(line))
    lines.push(...(rowPhases.length > 1 && declares ? ['{', ...code.lines, '}'] : code.lines))
    functions.push(...code.functions)
  })
  const small = ctx.axes.flatMap(({ extent, out }, d) => {
    const isInner = d === axes.length - 1
    const leastOut = isInner ? firstBlock + greatest : Math.max(...rowPhases.map((list) => list[d]!.leastOut))
    const leastIn = isInner ? before.length : Math.max(...rowPhases.map((list) => list[d]!.leastIn))
    return [...(leastOut > 1 ? [`${out} < ${leastOut}`] : []), ...(leastIn > 1 ? [`${extent} < ${leastIn}`] : [])]
  })
  const isUsed = looping || small.length > 0
  return {
    lines: small.length > 0 ? [`if (${small.join(' || ')}) {`, ...allByLoops, '} else {', ...lines, '}'] : lines,
    functions: isUsed ? [rest, ...functions] : functions,
  }
}
