/**
 * The windows' stage: rows of windows, their interior written out in blocks, their border by loops in a function of its own,
 * so that it stands in the kernel once. Gradients of elements are written from here when the schedule scatters.
 */
import { levels, sameLevel } from '../../dsl/level.ts'
import { isDisjoint, spanOf } from '../covers.ts'
import type { Block, Statement } from '../emit/block.ts'
import type { Scalar } from '../emit/scalar.ts'
import { isConst, type Node, operands, topological } from '../ir.ts'
import type { Store } from '../program.ts'
import { type Context, frontierOf } from './context.ts'
import { foldKeys } from './fold.ts'
import { boundsOf, type Looped, looped } from './looped.ts'
import { type Shares, sharesOf } from './scatter.ts'
import { isStored, type Straight, straight } from './straight.ts'

/** Code of a stage: lines inside the loops over planes (or samples), and functions beside the kernel. */
export interface StageCode {
  readonly lines: readonly string[]
  readonly functions: readonly EdgeFunction[]
}

export interface EdgeFunction {
  readonly name: string
  readonly parameters: readonly string[]
  readonly lines: readonly string[]
  readonly comment: string
  /** Constants beside the function. */
  readonly tables?: readonly string[]
}

/** What the windows write besides their own stores: gradients of elements, or sums over elements. */
interface Scattered {
  readonly store: Store
  readonly shares: Shares
}

export const emitWindows = (
  ctx: Context,
  stores: readonly Store[],
  elementStores: readonly Store[],
  hoists: Hoists,
): StageCode => {
  const scattered = elementStores.map((store): Scattered => ({ store, shares: sharesOf(ctx.program.builder, store.value) }))
  const needed = (): Node[] => [
    ...stores.map((x) => x.value),
    ...scattered.flatMap(({ shares }) => [shares.dense, ...shares.single.flatMap((x) => [x.chosen, x.amount])]),
  ]
  const lines = rowsOf(ctx, stores, scattered, hoists, needed())
  return lines
}

/** Values that are the same for a plane, named before its loops. */
export interface Hoists {
  readonly block: Block
  readonly names: readonly string[]
  readonly given: (node: Node) => Scalar | undefined
}

/** How an element's gradient is written: windows that share no element own theirs. */
const assignment = (ctx: Context, store: Store): string => {
  if (store.how === 'add') return '+='
  return ctx.schedule.phases === 'owner' ? '=' : '+='
}

/** A result that is the maximum of a stored float32 tensor and nothing else: found among integer keys. */
const keyed = (ctx: Context, store: Store, all: readonly Node[]): 'max' | 'min' | undefined => {
  const { value } = store
  if (ctx.dtype !== 'float32' || store.to.role !== 'result' || value.op !== 'reduce' || value.over !== 'taps') return undefined
  if ((value.by !== 'max' && value.by !== 'min') || !isStored(value.a)) return undefined
  const also = topological(all).some(
    (x) => x !== value && x.op === 'reduce' && x.over === 'taps' && x.a === value.a && x.by !== 'sum',
  )
  const used = all.some((root) => root !== value && topological([root]).includes(value))
  return also || used ? undefined : value.by
}

const straightStatements = (
  ctx: Context,
  code: Straight,
  m: number,
  stores: readonly Store[],
  scattered: readonly Scattered[],
  all: readonly Node[],
): Statement[] => {
  const { s } = ctx
  const statements: Statement[] = []
  const set = (target: string, index: Scalar, how: string, value: Scalar): void => {
    statements.push({ values: [value], line: (text) => `${target}[${text(index)}] ${how} ${text(value)}` })
  }
  const o = (w: number): string[] => ctx.axes.map((a, d) => (d < ctx.axes.length - 1 || w === 0 ? a.o : `${a.o} + ${w}`))
  for (let w = 0; w < m; w++) {
    for (const store of stores) {
      const array = (): string => ctx.arrayOf(store.to)
      const side = keyed(ctx, store, all)
      if (side && store.value.op === 'reduce' && store.value.a.op === 'tensor') {
        const bits = ctx.bitsOf(ctx.bufferOf(store.value.a))
        const candidates = code.taps.map((_, t) => s.load(bits, code.address(code.position(w, t)), 'int'))
        set(ctx.bitsOf(store.to), code.address(code.window(w)), '=', foldKeys(s, side, candidates))
      } else if (store.to.role === 'carrier') {
        const window = ctx.first
          ? ctx.int(ctx.carrierIndex(code.window(w)))
          : code.address(ctx.schedule.phases === 'plane' ? `${code.window(w)} - outPlane` : code.window(w))
        set(array(), window, '=', code.instantiate(store.value, { w, t: 0, e: 0 }))
      } else if (store.to.level.place === 'tap') {
        for (const t of code.taps.keys()) {
          const to = ctx.int(ctx.levelIndex(store.to.level, o(w), String(t)))
          set(array(), to, '+=', code.instantiate(store.value, { w, t, e: 0 }))
        }
      } else if (store.how === 'add' || !sameLevel(store.to.level, levels.output) || store.to.of !== undefined) {
        const how = store.how === 'add' ? '+=' : '='
        set(array(), ctx.int(ctx.levelIndex(store.to.level, o(w), '0')), how, code.instantiate(store.value, { w, t: 0, e: 0 }))
      } else set(array(), code.address(code.window(w)), '=', code.instantiate(store.value, { w, t: 0, e: 0 }))
    }
  }
  for (const { store, shares } of scattered) {
    const array = ctx.arrayOf(store.to)
    const how = assignment(ctx, store)
    for (let w = 0; w < m; w++) {
      for (const { chosen, amount } of shares.single) {
        const position = code.chosen(chosen, w)
        const index = ctx.first
          ? position
          : s.op('add', [s.op('mul', [position, ctx.int('channels')], 'int'), ctx.int('c')], 'int')
        const value = code.instantiate(amount, { w, t: 0, e: 0 })
        // The other taps of a window that owns its elements keep the zero that they were cleared to.
        const to = store.to.role === 'sum' ? ctx.int(ctx.levelIndex(store.to.level, o(w), '0')) : index
        statements.push({ values: [value, to], line: (text) => `${array}[${text(to)}] += ${text(value)}` })
      }
    }
    if (isConst(shares.dense, 0)) continue
    if (store.to.role === 'sum') {
      const terms = code.taps.flatMap((_, t) =>
        Array.from({ length: m }, (_x, w) => code.instantiate(shares.dense, { w, t, e: 0 })),
      )
      set(array, ctx.int(ctx.levelIndex(store.to.level, o(0), '0')), '+=', s.sum(terms))
      continue
    }
    // Windows of a block that share an element add their shares first: one write an element.
    const byElement = new Map<string, { at: string; terms: Scalar[] }>()
    for (let w = 0; w < m; w++) {
      code.taps.forEach((_, t) => {
        const key = code.elementKey({ w, t, e: 0 })
        const entry = byElement.get(key) ?? { at: code.position(w, t), terms: [] }
        entry.terms.push(code.instantiate(shares.dense, { w, t, e: 0 }))
        byElement.set(key, entry)
      })
    }
    const single = shares.single.length > 0
    for (const { at, terms } of byElement.values()) set(array, code.address(at), single ? '+=' : how, s.sum(terms))
  }
  return statements
}

/** Writes one window by loops into a block. */
const loopedWindow = (
  ctx: Context,
  block: Block,
  code: Looped,
  stores: readonly Store[],
  scattered: readonly Scattered[],
  all: readonly Node[],
): void => {
  const { s } = ctx
  const at = { w: 0, t: 0, e: 0 }
  const o = ctx.axes.map((a) => a.o)
  const window = ctx.address(`outRow + ${ctx.axes.at(-1)!.o}`)
  const perTap = stores.filter((x) => x.to.level.place === 'tap')
  code.sweep(block, all)
  for (const store of stores) {
    if (perTap.includes(store)) continue
    const atOutput = store.how === 'set' && store.to.of === undefined
    const carrier = ctx.carrierIndex(`outRow + ${ctx.axes.at(-1)!.o}`)
    const index = store.to.role === 'carrier' ? carrier : atOutput ? window : ctx.levelIndex(store.to.level, o, '0')
    const value = code.instantiate(store.value, at)
    block.write([
      {
        values: [value],
        line: (text) => `${ctx.arrayOf(store.to)}[${index}] ${store.how === 'add' ? '+=' : '='} ${text(value)}`,
      },
    ])
  }
  for (const { store, shares } of scattered) {
    for (const { chosen, amount } of shares.single) {
      const place = code.chosen(chosen)
      const value = code.instantiate(amount, at)
      const index = store.to.role === 'sum' ? ctx.levelIndex(store.to.level, o, '0') : ctx.address(place)
      block.write([
        { values: [value], line: (text) => `if (${place} >= 0) ${ctx.arrayOf(store.to)}[${index}] += ${text(value)}` },
      ])
    }
  }
  const dense = scattered.filter((x) => !isConst(x.shares.dense, 0))
  if (dense.length + perTap.length === 0) return
  const used = [...dense.map((x) => x.shares.dense), ...perTap.map((x) => x.value)]
  code.overTaps(block, used, (inside, instantiate, taps) => {
    const statements: Statement[] = []
    for (const t of taps) {
      for (const { store, shares } of dense) {
        const value = instantiate(shares.dense, { w: 0, t, e: 0 })
        const how = shares.single.length > 0 ? '+=' : assignment(ctx, store)
        const index = store.to.role === 'sum' ? ctx.levelIndex(store.to.level, o, '0') : code.address(t)
        statements.push({ values: [value], line: (text) => `${ctx.arrayOf(store.to)}[${index}] ${how} ${text(value)}` })
      }
      for (const store of perTap) {
        const value = instantiate(store.value, { w: 0, t, e: 0 })
        const tap = instantiate(ctx.program.builder.geometry('tap'), { w: 0, t, e: 0 })
        statements.push({
          values: [value],
          line: (text) => `${ctx.arrayOf(store.to)}[${ctx.levelIndex(store.to.level, o, text(tap))}] += ${text(value)}`,
        })
      }
    }
    s.constant(0)
    inside.write(statements)
  })
}

const rowsOf = (
  ctx: Context,
  stores: readonly Store[],
  scattered: readonly Scattered[],
  hoists: Hoists,
  all: readonly Node[],
): StageCode => {
  const { geometry } = ctx.program
  const { axes } = ctx
  const last = axes.length - 1
  const inner = axes[last]!
  const lines: string[] = []
  const functions: EdgeFunction[] = []
  const edge = ctx.names.fresh('border')
  const inLoops = last === 0 ? [] : axes.slice(0, -1).map((a) => a.o)
  const parameters = (): string[] => [
    ...ctx.arguments.map((x) => x.name),
    ...kernelScalars(ctx),
    ...(ctx.first ? ['n', 'c', 'plane'] : ['n']),
    'inPlane',
    'outPlane',
    ...hoists.names,
    ...inLoops,
    'first',
    'end',
  ]
  const withChannels = (block: Block, write: (inside: Block) => void): void => {
    if (ctx.first) {
      write(block)
      return
    }
    block.line('for (let c = 0; c < channels; c++) {')
    const inside = block.child()
    write(inside)
    block.lines.push(...inside.lines, '}')
  }
  const loopedFunction = (name: string, unrolled: number, comment: string): EdgeFunction => {
    const block = hoists.block.child()
    const outer = axes.slice(0, -1).map((_, d) => d)
    for (const text of boundsOf(ctx, outer).lines) block.line(text)
    block.line(`const outRow = ${outRowOf(ctx)}`)
    block.line(`for (let ${inner.o} = first; ${inner.o} < end; ${inner.o}++) {`)
    const bounds = boundsOf(ctx, [last])
    for (const text of bounds.lines) block.line(text)
    withChannels(block, (inside) =>
      loopedWindow(ctx, inside, looped(ctx, bounds, unrolled, hoists.given), stores, scattered, all),
    )
    block.line('}')
    return { name, parameters: [], lines: block.lines, comment }
  }
  const edgeCall = (name: string, first: string, end: string): string => `${name}(@${name}, ${first}, ${end})`
  const bodyEdge = loopedFunction(edge, 0, 'windows by loops over the taps that lie inside')
  const openOuter = (): void => {
    for (const axis of axes.slice(0, -1)) lines.push(`for (let ${axis.o} = 0; ${axis.o} < ${axis.out}; ${axis.o}++) {`)
  }
  const closeOuter = (): void => {
    for (let d = 0; d < last; d++) lines.push('}')
  }
  const finish = (): StageCode => {
    const given = parameters()
    const plain = given.slice(0, -2)
    const filled = lines.map((line) => line.replace(/@\w+/, plain.join(', ')))
    return { lines: filled, functions: functions.map((f) => ({ ...f, parameters: given })) }
  }
  if (geometry.kind !== 'sliding' || ctx.schedule.unroll === 'none') {
    functions.push(bodyEdge)
    openOuter()
    lines.push(edgeCall(edge, '0', inner.out))
    closeOuter()
    return finish()
  }
  const sliding = geometry.axes
  const clipped = sliding.map((axis) => geometry.ceilMode || axis.low > 0 || axis.high > 0)
  const innerAxis = sliding[last]!
  const isAll = ctx.schedule.unroll === 'all'
  const rows = ctx.names.fresh('rows')
  let usesEdge = false
  let usesRows = false
  // Windows first..end of an axis have all their taps inside.
  const setup: string[] = []
  const insideOf = sliding.map((axis, d) => {
    const { letter, out, extent } = axes[d]!
    const upper = letter.toUpperCase()
    const first = Math.ceil(axis.low / axis.stride)
    if (!clipped[d]) return { first: '0', end: out, test: '' }
    const reach = spanOf(axis) - axis.low
    const from = first > 0 ? `first${upper}` : '0'
    if (first > 0) setup.push(`const ${from} = Math.min(${out}, ${first})`)
    const fitting = axis.stride === 1 ? `${extent} - ${reach - 1}` : `Math.floor((${extent} - ${reach}) / ${axis.stride}) + 1`
    setup.push(`const end${upper} = Math.max(${from}, Math.min(${out}, ${fitting}))`)
    const o = axes[d]!.o
    return { first: from, end: `end${upper}`, test: `${first > 0 ? `${o} >= ${from} && ` : ''}${o} < end${upper}` }
  })
  const middle = insideOf[last]!
  const straightBlock = (m: number): string[] => {
    const block = hoists.block.child()
    const code = straight(ctx, block.names, sliding, hoists.given)
    const body = block.child()
    body.write(straightStatements(ctx, code, m, stores, scattered, all))
    block.lines.push(...code.addresses)
    if (ctx.first) block.lines.push(...body.lines)
    else block.lines.push('for (let c = 0; c < channels; c++) {', ...body.lines, '}')
    return block.lines
  }
  lines.push(...setup)
  openOuter()
  const borders = (name: string): void => {
    if (name === rows) usesRows = true
    lines.push(edgeCall(name, middle.first, middle.end))
  }
  const test = insideOf
    .slice(0, -1)
    .map((x) => x.test)
    .filter((x) => x !== '')
    .join(' && ')
  if (clipped[last]) {
    usesEdge = true
    if (innerAxis.low > 0) lines.push(edgeCall(edge, '0', middle.first))
    lines.push(edgeCall(edge, middle.end, inner.out))
  }
  if (isAll) {
    if (test !== '') lines.push(`if (${test}) {`)
    lines.push(`const outRow = ${outRowOf(ctx)}`)
    lines.push(`const start = ${startOf(ctx)}`)
    const m = ctx.schedule.outputsPerThread
    lines.push(`let ${inner.o} = ${middle.first}`)
    if (m > 1) lines.push(`for (; ${inner.o} + ${m - 1} < ${middle.end}; ${inner.o} += ${m}) {`, ...straightBlock(m), '}')
    lines.push(`for (; ${inner.o} < ${middle.end}; ${inner.o}++) {`, ...straightBlock(1), '}')
    if (test !== '') {
      lines.push('} else {')
      borders(rows)
      lines.push('}')
    }
  } else borders(rows)
  closeOuter()
  if (usesEdge) functions.push(bodyEdge)
  if (usesRows)
    functions.push(loopedFunction(rows, innerAxis.kernel, 'windows whose rows may leave the input, but not their columns'))
  return finish()
}

/** The launch's own numbers, in the order of the kernel's parameters. */
export const kernelScalars = (ctx: Context): string[] => {
  const seed = ctx.s.used.has('normal') || ctx.s.used.has('uniform') ? ['seedLow', 'seedHigh'] : []
  const spatial = ctx.schedule.extents === 'dynamic' ? [...ctx.axes.map((a) => a.extent), ...ctx.axes.map((a) => a.out)] : []
  return ['samples', 'channels', ...spatial, ...seed]
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
  const row = flat === '' ? '' : ` + (${flat}) * ${ctx.axes.at(-1)!.extent}`
  return `inPlane${row}${at.at(-1) === '' ? '' : ` ${at.at(-1)!}`}`
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

/** The values of a plane that are worth a name before its loops: none varies with a window, a tap or an element. */
export const hoist = (ctx: Context, values: readonly Node[]): Hoists => {
  const block = ctx.block()
  if (!ctx.first) return { block, names: [], given: () => undefined }
  const nodes = frontierOf(values, (x) => x.level.place === 'none', operands).filter((x) => x.op !== 'const')
  const given = new Map<Node, Scalar>()
  const make = (node: Node): Scalar =>
    straight(ctx, block.names, [{ kernel: 1, stride: 1, low: 0, high: 0, dilation: 1 }], () => undefined).instantiate(node, {
      w: 0,
      t: 0,
      e: 0,
    })
  for (const node of nodes) given.set(node, make(node))
  for (const [node, scalar] of given) scalar.hint ??= node.op === 'tensor' ? node.name : 'p'
  const names = block.name([...given.values()])
  return { block, names: [...new Set(names)], given: (node) => given.get(node) }
}
