/**
 * The elements' stage: each input element gathers from the windows that cover it. Elements of one phase (i + low modulo the
 * stride) are covered by the same taps at the same distances, so each phase of rows and of columns is written out; elements
 * whose covers stick out of the output go by loops, in a function beside the kernel.
 */
import type { SlidingAxis } from '../../dsl/geometry.ts'
import { type Cover, phasesOf } from '../covers.ts'
import type { Block, Statement } from '../emit/block.ts'
import { type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { type CoverSum, operands } from '../ir.ts'
import { coverSums, type Store } from '../program.ts'
import { type Context, frontierOf } from './context.ts'
import { randomIndex } from './straight.ts'
import { type EdgeFunction, type Hoists, kernelScalars, type StageCode } from './windows.ts'

const never = (what: string) => (): never => {
  throw new Error(`an element reads ${what}`)
}

const flat = (coordinates: readonly string[], extents: readonly string[]): string =>
  coordinates.reduce((at, x, d) => (at === '' ? x : `(${at}) * ${extents[d]!} + ${x}`), '').replace(/\((\w+)\)/g, '$1')

/** Reads a carrier or a cotangent at a window, by the frame's own address of it. */
interface Addresses {
  readonly element: (e: number) => Scalar
  readonly output: (w: number) => Scalar
  readonly carrier: (w: number) => Scalar
  readonly tap: (t: number) => Scalar
  readonly o: (w: number) => readonly string[]
  readonly position: (e: number) => string
}

const frameOf = (ctx: Context, hoists: Hoists, a: Addresses, covers: (node: CoverSum, e: number) => Scalar): Frame => ({
  elementKey: (at) => at.e,
  given: (node, at) => {
    const carrier = ctx.carriers.get(node)
    return carrier ? ctx.s.load(ctx.arrayOf(carrier), a.carrier(at.w), node.type) : hoists.given(node)
  },
  tensor: (node, at) => {
    const array = ctx.arrayOf(ctx.bufferOf(node))
    if (node.role === 'input' || node.role === 'tensor') return ctx.s.load(array, a.element(at.e), 'float')
    if (node.role === 'cotangent') return ctx.s.load(array, a.output(at.w), 'float')
    return ctx.s.load(array, ctx.int(randomIndex(ctx, node, a.o(at.w), a.tap(at.t).text, a.position(at.e))), 'float')
  },
  geometry: (what, at) => (what === 'tap' ? a.tap(at.t) : never(what)()),
  random: (node, at) => ctx.random(node, randomIndex(ctx, node, a.o(at.w), a.tap(at.t).text, a.position(at.e))),
  taps: never('taps'),
  covers: (node, at) => covers(node, at.e),
  flatIndex: never('a flat index'),
})

const statementsOf = (ctx: Context, stores: readonly Store[], instantiate: Instantiate, e: number, index: Scalar): Statement[] =>
  stores.map((store) => {
    const value = instantiate(store.value, { w: 0, t: 0, e })
    const to = store.to.role === 'gradient' ? index : ctx.int(ctx.levelIndex(store.to.level, [], '0'))
    return {
      values: [value],
      line: (text) => `${ctx.arrayOf(store.to)}[${text(to)}] ${store.how === 'add' ? '+=' : '='} ${text(value)}`,
    }
  })

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Elements first..end of a row, each by loops over its covers. */
const borderFunction = (
  ctx: Context,
  axes: readonly SlidingAxis[],
  stores: readonly Store[],
  hoists: Hoists,
  name: string,
): EdgeFunction => {
  const { s } = ctx
  const last = axes.length - 1
  const block = hoists.block.child()
  const tables: string[] = []
  /** The first tap of an element's phase along an axis, the window that it belongs to, and how both go on. */
  const along = (d: number, into: Block): string => {
    const { kernel, stride, dilation, low } = axes[d]!
    const { letter, i, o, out } = ctx.axes[d]!
    const upper = letter.toUpperCase()
    const shared = gcd(stride, dilation)
    const padded = low > 0 ? `${i} + ${low}` : i
    let tap = '0'
    let window = `q${upper}`
    if (stride === 1) into.line(`const q${upper} = ${padded}`)
    else {
      into.line(`const q${upper} = Math.floor((${padded}) / ${stride}), r${upper} = ${padded} - q${upper} * ${stride}`)
      if (dilation === 1) tap = `r${upper}`
      else {
        const phases = phasesOf(axes[d]!)
        const firsts = phases.map((covers) => covers.at(-1) ?? { tap: kernel, offset: 0 })
        const table = `phase${upper}`
        into.line(`const ${table} = r${upper} * 2`)
        tables.push(`const taps${upper} = [${firsts.flatMap((x) => [x.tap, x.offset]).join(', ')}]`)
        tap = `taps${upper}[${table}]`
        window = `q${upper} + taps${upper}[${table} + 1]`
      }
    }
    const tapStep = stride / shared
    const windowStep = dilation / shared
    into.line(`const last${upper} = ${window}`)
    const over = `last${upper} - ${out} + 1`
    into.line(`const skip${upper} = Math.max(0, ${windowStep === 1 ? over : `Math.ceil((${over}) / ${windowStep})`})`)
    const start = tap === '0' ? `skip${upper} * ${tapStep}` : `${tap} + skip${upper} * ${tapStep}`
    const t = `t${letter}`
    const from = `let ${t} = ${start}, ${o} = last${upper} - skip${upper}${windowStep === 1 ? '' : ` * ${windowStep}`}`
    const step = (x: string, sign: string, n: number): string => (n === 1 ? `${x}${sign}${sign}` : `${x} ${sign}= ${n}`)
    return `for (${from}; ${t} < ${kernel} && ${o} >= 0; ${step(t, '+', tapStep)}, ${step(o, '-', windowStep)}) {`
  }
  const loops = axes.slice(0, -1).map((_, d) => along(d, block))
  const inner = ctx.axes[last]!
  const extents = ctx.axes.map((x) => x.extent)
  block.line(`for (let ${inner.i} = first; ${inner.i} < end; ${inner.i}++) {`)
  loops.push(along(last, block))
  const position = `inPlane + ${flat(
    ctx.axes.map((x) => x.i),
    extents,
  )}`
  block.line(`const at = ${ctx.first ? position : `(${position}) * channels`}`)
  const element = ctx.int(ctx.first ? 'at' : 'at + c')
  const body = ctx.first ? block : block.child()
  if (!ctx.first) body.line('for (let c = 0; c < channels; c++) {')
  const window = flat(
    ctx.axes.map((x) => x.o),
    ctx.axes.map((x) => x.out),
  )
  const kernels = axes.map((x) => String(x.kernel))
  const tap = flat(
    ctx.axes.map((x) => `t${x.letter}`),
    kernels,
  )
  const sums = new Map<CoverSum, Scalar>()
  const at = (text: string): Scalar => ctx.int(ctx.first ? text : `(${text}) * channels + c`)
  const frame = frameOf(
    ctx,
    hoists,
    {
      element: () => element,
      output: () => at(`outPlane + ${window}`),
      carrier: () => at(ctx.schedule.phases === 'plane' ? window : `outPlane + ${window}`),
      tap: () => ctx.int(tap),
      o: () => ctx.axes.map((x) => x.o),
      position: () => position,
    },
    (node) => sums.get(node)!,
  )
  const nodes = [...new Set(stores.flatMap((x) => coverSums(x.value)))]
  const here = { w: 0, t: 0, e: 0 }
  const outside = instantiator(s, frame, ctx.labels)
  const fixed = frontierOf(
    nodes.map((x) => x.a),
    (x) => x.level.place === 'in' || x.level.place === 'none' || ctx.carriers.has(x),
    operands,
  ).filter((x) => x.op !== 'const' && !ctx.carriers.has(x))
  body.name(fixed.map((x) => outside(x, here)))
  for (const node of nodes) {
    const sum = body.fresh('sum')
    body.line(`let ${sum} = 0`)
    sums.set(node, s.atom(sum, 'float'))
  }
  const inside = body.child()
  const perCover = instantiator(s, frame, ctx.labels)
  inside.write(
    nodes.map((node) => {
      const value = perCover(node.a, here)
      return { values: [value], line: (text) => `${sums.get(node)!.text} += ${text(value)}` }
    }),
  )
  body.lines.push(...loops, ...inside.lines, ...loops.map(() => '}'))
  body.write(statementsOf(ctx, stores, instantiator(s, frame, ctx.labels), 0, element))
  if (!ctx.first) block.lines.push(...body.lines, '}')
  block.line('}')
  return { name, parameters: [], lines: block.lines, comment: 'elements by loops over the windows that cover them', tables }
}

/** All combinations of one phase of each outer axis. */
const combinations = (axes: readonly SlidingAxis[]): number[][] =>
  axes.reduce<number[][]>((all, axis) => all.flatMap((head) => Array.from({ length: axis.stride }, (_, r) => [...head, r])), [[]])

/** The covers of an element in the given phases, tap and offset along each axis. */
const coverProduct = (lists: readonly (readonly Cover[])[]): Cover[][] =>
  lists.reduce<Cover[][]>((all, list) => all.flatMap((head) => list.map((x) => [...head, x])), [[]])

const offsets = (covers: readonly Cover[]): { least: number; greatest: number } => ({
  least: Math.min(0, ...covers.map((x) => x.offset)),
  greatest: Math.max(...covers.map((x) => x.offset), Number.NEGATIVE_INFINITY),
})

export const emitElements = (ctx: Context, stores: readonly Store[], hoists: Hoists): StageCode => {
  const { geometry } = ctx.program
  if (geometry.kind !== 'sliding') throw new Error('only sliding windows are gathered')
  const { axes } = geometry
  const { s } = ctx
  const last = axes.length - 1
  const lines: string[] = []
  const border = ctx.names.fresh('gatherBorder')
  const edge = borderFunction(ctx, axes, stores, hoists, border)
  const inner = ctx.axes[last]!
  const innerAxis = axes[last]!
  const innerPhases = phasesOf(innerAxis)
  const call = (first: string, end: string): string => `${border}(@, ${first}, ${end})`
  const all = innerPhases.flat()
  const reach = offsets(all)
  // Blocks first..end of a stride's length each have every element and every cover inside.
  const firstBlock = Math.max(Math.ceil(innerAxis.low / innerAxis.stride), -reach.least)
  const greatest = Number.isFinite(reach.greatest) ? reach.greatest : 0
  const room = `${inner.extent} + ${innerAxis.low - innerAxis.stride}`
  const blocks = innerAxis.stride === 1 ? `${room} + 1` : `Math.floor((${room}) / ${innerAxis.stride}) + 1`
  const limit = greatest === 0 ? inner.out : `${inner.out} - ${greatest}`
  const firstElement = firstBlock * innerAxis.stride - innerAxis.low
  const looping = ctx.schedule.unroll !== 'all'
  if (!looping) lines.push(`const endBlock = Math.max(${firstBlock}, Math.min(${limit}, ${blocks}))`)
  const straightBlock = (m: number, outerCovers: readonly Cover[][], rows: readonly string[]): string[] => {
    const block = hoists.block.child()
    const windows: { row: number; column: number }[] = []
    const windowOf = (row: number, column: number): number => {
      const known = windows.findIndex((x) => x.row === row && x.column === column)
      return known >= 0 ? known : windows.push({ row, column }) - 1
    }
    const addresses: string[] = []
    const named = new Map<string, string>()
    const address = (text: string): Scalar => {
      if (ctx.first) return ctx.int(text)
      let name = named.get(text)
      if (!name) {
        name = block.fresh('at')
        addresses.push(`const ${name} = (${text}) * channels`)
        named.set(text, name)
      }
      return ctx.int(`${name} + c`)
    }
    const window = (w: number): string => {
      const { row, column } = windows[w]!
      return `${rows[row]!} + q${column === 0 ? '' : ` ${column < 0 ? '-' : '+'} ${Math.abs(column)}`}`
    }
    const position = (e: number): string =>
      (e === 0 ? 'row + q * @' : `row + q * @ + ${e}`).replace(' * @', innerAxis.stride === 1 ? '' : ` * ${innerAxis.stride}`)
    const kernels = axes.map((x) => x.kernel)
    const frame = frameOf(
      ctx,
      hoists,
      {
        element: (e) => address(position(e)),
        output: (w) => address(`outPlane + ${window(w)}`),
        carrier: (w) => address(ctx.schedule.phases === 'plane' ? window(w) : `outPlane + ${window(w)}`),
        tap: (t) => s.constant(t, 'int'),
        o: (w) => {
          // A value per element stands at no window.
          const at = windows[w]
          if (!at) return []
          const { row, column } = at
          const outer = outerCovers[row]!.map((x, d) =>
            `q${ctx.axes[d]!.letter.toUpperCase()} + ${x.offset}`.replace('+ -', '- '),
          )
          return [...outer, `q + ${column}`.replace('+ -', '- ')]
        },
        position,
      },
      (node, e) => {
        const j = Math.floor(e / innerAxis.stride)
        const terms = outerCovers.flatMap((head, row) =>
          innerPhases[e % innerAxis.stride]!.map(({ tap, offset }) => {
            const t = [...head.map((x) => x.tap), tap].reduce((sum, x, d) => sum * kernels[d]! + x, 0)
            return instantiate(node.a, { w: windowOf(row, j + offset), t, e })
          }),
        )
        return s.sum(terms)
      },
    )
    const instantiate = instantiator(s, frame, ctx.labels)
    const statements = Array.from({ length: m * innerAxis.stride }, (_, e) =>
      statementsOf(ctx, stores, instantiate, e, address(position(e))),
    ).flat()
    const body = block.child()
    body.write(statements)
    if (ctx.first) return body.lines
    return [...addresses, 'for (let c = 0; c < channels; c++) {', ...body.lines, '}']
  }
  const m = ctx.schedule.outputsPerThread
  for (const phases of looping ? [[]] : combinations(axes.slice(0, -1))) {
    const outer = looping ? axes.slice(0, -1) : []
    outer.forEach((_, d) => {
      const { i, extent } = ctx.axes[d]!
      lines.push(`for (let ${i} = 0; ${i} < ${extent}; ${i}++) {`)
    })
    if (looping) {
      lines.push(call('0', inner.extent))
      lines.push(...outer.map(() => '}'))
      continue
    }
    const covers = phases.map((r, d) => phasesOf(axes[d]!)[r]!)
    const tests: string[] = []
    phases.forEach((r, d) => {
      const { stride, low } = axes[d]!
      const { i, extent, letter, out } = ctx.axes[d]!
      const q = Math.max(0, Math.ceil((low - r) / stride))
      const upper = letter.toUpperCase()
      lines.push(`for (let ${i} = ${q * stride + r - low}, q${upper} = ${q}; ${i} < ${extent}; ${i} += ${stride}, q${upper}++) {`)
      const { least, greatest: most } = offsets(covers[d]!)
      if (q + least < 0) tests.push(`q${upper} >= ${-least}`)
      if (Number.isFinite(most)) tests.push(`q${upper} < ${most === 0 ? out : `${out} - ${most}`}`.replace('- -', '+ '))
    })
    const outerCovers = coverProduct(covers)
    const rows = outerCovers.map((head, k) => (head.length === 0 ? '0' : `window${k}`))
    lines.push(`if (${[`endBlock > ${firstBlock}`, ...tests].join(' && ')}) {`)
    if (firstElement > 0) lines.push(call('0', String(firstElement)))
    const rowStart = flat(
      ctx.axes.slice(0, -1).map((x) => x.i),
      ctx.axes.map((x) => x.extent),
    )
    lines.push(
      `const row = inPlane${rowStart === '' ? '' : ` + (${rowStart}) * ${inner.extent}`}${innerAxis.low > 0 ? ` - ${innerAxis.low}` : ''}`,
    )
    outerCovers.forEach((head, k) => {
      if (head.length === 0) return
      const at = flat(
        head.map((x, d) => `(q${ctx.axes[d]!.letter.toUpperCase()} + ${x.offset})`.replace('+ -', '- ')),
        ctx.axes.map((x) => x.out),
      )
      lines.push(`const ${rows[k]!} = (${at}) * ${inner.out}`)
    })
    lines.push(`let q = ${firstBlock}`)
    if (m > 1) lines.push(`for (; q + ${m - 1} < endBlock; q += ${m}) {`, ...straightBlock(m, outerCovers, rows), '}')
    lines.push('for (; q < endBlock; q++) {', ...straightBlock(1, outerCovers, rows), '}')
    const after = innerAxis.stride === 1 ? 'endBlock' : `endBlock * ${innerAxis.stride}`
    lines.push(call(innerAxis.low > 0 ? `${after} - ${innerAxis.low}` : after, inner.extent))
    lines.push('} else {', call('0', inner.extent), '}')
    lines.push(...phases.map(() => '}'))
  }
  const given = [
    ...ctx.arguments.map((x) => x.name),
    ...kernelScalars(ctx),
    ...(ctx.first ? ['n', 'c', 'plane'] : ['n']),
    'inPlane',
    'outPlane',
    ...hoists.names,
    ...ctx.axes.slice(0, -1).map((x) => x.i),
  ]
  return {
    lines: lines.map((line) => line.replace('(@,', `(${given.join(', ')},`)),
    functions: [{ ...edge, parameters: [...given, 'first', 'end'] }],
  }
}
