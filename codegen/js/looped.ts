/**
 * One window by loops over its valid taps: where windows are too large to be written out, and for adaptive and global ones,
 * whose size is known at run time only. Reductions are done in sweeps, each after those that it depends on. The innermost
 * loop may be written out where the window's row is known to lie inside. A global window is one long row: several taps a
 * turn, in as many partial reductions as the schedule's `split` says, so that one addition need not wait for the last.
 */

import type { Block } from '../emit/block.ts'
import { type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { type Node, type NodeOf, operands, type TapReduction } from '../ir.ts'
import { alwaysInside } from '../lower.ts'
import { type Context, frontierOf } from './context.ts'
import { bitsOf, keyOf, placeKeyOf, type Side } from './fold.ts'
import type { Hoists } from './hoist.ts'
import { isStored, randomIndex, sideOf } from './straight.ts'

/** The bounds of a window's taps along each axis, as lines and names. */
export interface Bounds {
  readonly lines: readonly string[]
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly start: readonly string[]
}

const letterOf = (letter: string, what: string): string =>
  letter === '' ? what : `${letter}${what[0]!.toUpperCase()}${what.slice(1)}`

/** Bounds of the taps of the window at the loops' coordinates that lie inside the input. */
export const boundsOf = (ctx: Context, which: readonly number[]): Bounds => {
  const { geometry } = ctx.program
  const lines: string[] = []
  const start: string[] = []
  const from: string[] = []
  const to: string[] = []
  ctx.axes.forEach((axis, d) => {
    const names = { start: letterOf(axis.letter, 'start'), from: letterOf(axis.letter, 'from'), to: letterOf(axis.letter, 'to') }
    if (geometry.kind === 'global') {
      start.push('0')
      from.push('0')
      to.push(axis.extent)
      return
    }
    start.push(names.start)
    if (geometry.kind === 'adaptive') {
      from.push('0')
      to.push(names.to)
      if (!which.includes(d)) return
      lines.push(`const ${names.start} = Math.floor(${axis.o} * ${axis.extent} / ${axis.out})`)
      lines.push(
        `const ${names.to} = Math.floor(((${axis.o} + 1) * ${axis.extent} + ${axis.out} - 1) / ${axis.out}) - ${names.start}`,
      )
      return
    }
    const { kernel, stride, low, dilation } = geometry.axes[d]!
    const along = stride === 1 ? axis.o : `${axis.o} * ${stride}`
    from.push(low > 0 ? names.from : '0')
    to.push(names.to)
    if (!which.includes(d)) return
    lines.push(`const ${names.start} = ${along}${low > 0 ? ` - ${low}` : ''}`)
    if (low > 0) {
      lines.push(
        dilation === 1
          ? `const ${names.from} = Math.max(0, -${names.start})`
          : `const ${names.from} = Math.max(0, Math.ceil(-${names.start} / ${dilation}))`,
      )
    }
    const left = dilation === 1 ? `${axis.extent} - ${names.start}` : `Math.ceil((${axis.extent} - ${names.start}) / ${dilation})`
    lines.push(`const ${names.to} = Math.min(${kernel}, ${left})`)
  })
  return { lines, from, to, start }
}

const depths = (roots: readonly Node[], isGiven: (node: Node) => boolean): TapReduction[][] => {
  const depth = new Map<Node, number>()
  const sweeps: TapReduction[][] = []
  const visit = (node: Node): number => {
    const known = depth.get(node)
    if (known !== undefined) return known
    let below = 0
    if (!isGiven(node)) for (const x of operands(node)) below = Math.max(below, visit(x))
    const own = node.op === 'reduce' && node.over === 'taps' && !isGiven(node) ? below + 1 : below
    depth.set(node, own)
    if (own > below && node.op === 'reduce' && node.over === 'taps') {
      sweeps[own - 1] ??= []
      sweeps[own - 1]!.push(node)
    }
    return own
  }
  roots.forEach(visit)
  return sweeps
}

/** The position of the window that the loops are at. */
export const windowOf = (ctx: Context): string =>
  ctx.program.geometry.kind === 'global' ? 'outPlane' : `outRow + ${ctx.axes.at(-1)!.o}`

const perWindow = (node: Node): boolean => node.level.place === 'out' || node.level.place === 'none'

/** A maximum or minimum of a stored tensor of which only the bits are wanted. */
export interface Keyed {
  readonly side: Side
  readonly tensor: NodeOf<'tensor'>
}

export interface Looped {
  readonly instantiate: Instantiate
  /** Writes the sweeps that these values need, and those that find the keys. */
  readonly sweep: (block: Block, values: readonly Node[], keys: readonly Keyed[]) => void
  /** Writes a loop over the valid taps; `body` is called in it for each tap that the loop writes out. */
  readonly overTaps: (
    block: Block,
    used: readonly Node[],
    body: (inside: Block, instantiate: Instantiate, taps: readonly number[]) => void,
  ) => void
  /** The bits of a maximum or minimum, after its sweep. */
  readonly bits: (side: Side, tensor: NodeOf<'tensor'>) => Scalar
  /** The tap that an argmax or argmin chose, -1 where there is none, and the position of the element it reads. */
  readonly chosen: (block: Block, node: Node) => { readonly tap: string; readonly position: string }
  /** Whether a window may have no valid tap. */
  readonly mayBeEmpty: boolean
  readonly address: (t: number) => string
}

/** Taps that a turn of a loop over a global window takes for each partial reduction. */
const tapsPerPart = 4

/**
 * @param unrolled how many taps of the innermost axis are written out; 0 for a loop
 */
export const looped = (ctx: Context, bounds: Bounds, unrolled: number, hoists: Hoists): Looped => {
  const { s } = ctx
  const { geometry } = ctx.program
  const done = new Map<Node, Scalar>()
  const tops = new Map<string, Scalar>()
  const positions = new Map<string, string>()
  const axes = ctx.axes
  const last = axes.length - 1
  const parts = geometry.kind === 'global' ? ctx.schedule.split : 1
  const stride = parts > 1 ? parts * tapsPerPart : 1
  const mayBeEmpty = geometry.kind === 'sliding' && !alwaysInside(geometry) && geometry.axes.some((x) => x.dilation > 1)
  const tapName = (d: number): string => `t${axes[d]!.letter}`
  const dilation = (d: number): number => (geometry.kind === 'sliding' ? geometry.axes[d]!.dilation : 1)
  const kernel = (d: number): string => (geometry.kind === 'sliding' ? String(geometry.axes[d]!.kernel) : bounds.to[d]!)
  const scaled = (text: string, d: number): string => (dilation(d) === 1 ? text : `${text} * ${dilation(d)}`)
  const position = (t: number): string => {
    const base = unrolled > 0 ? 'row' : 'at'
    const offset = unrolled > 0 ? t * dilation(last) : t
    return offset === 0 ? base : `${base} + ${offset}`
  }
  const address = (t: number): string => ctx.address(position(t))
  const flatTap = (coordinates: readonly string[]): string =>
    coordinates.reduce((flat, t, d) => {
      if (flat === '' || flat === '0') return t
      const row = /^\w+$/.test(flat) ? `${flat} * ${kernel(d)}` : `(${flat}) * ${kernel(d)}`
      return t === '0' ? row : `${row} + ${t}`
    }, '')
  const tapText = (t: number): string => {
    if (geometry.kind === 'global') return t === 0 ? 'at - inPlane' : `at - inPlane + ${t}`
    return flatTap(axes.map((_, d) => (d === last && unrolled > 0 ? String(t) : tapName(d))))
  }
  const lengths = (): string[] =>
    axes.map((_, d) => {
      if (unrolled > 0 && d === last) return String(unrolled)
      if (bounds.from[d] === '0') return `Math.max(0, ${bounds.to[d]!})`
      return `Math.max(0, ${bounds.to[d]!} - ${bounds.from[d]!})`
    })
  const count = (): Scalar => {
    if (geometry.kind !== 'sliding') return ctx.int(axes.map((_, d) => bounds.to[d]!).join(' * '))
    return ctx.int(lengths().join(' * '))
  }
  const divisor = (): Scalar => {
    if (geometry.kind !== 'sliding') return count()
    if (!geometry.countIncludePad) return ctx.int(`Math.max(1, ${lengths().join(' * ')})`)
    const below = geometry.axes.map((axis, d) => {
      const room = `${axes[d]!.extent}${axis.high > 0 ? ` + ${axis.high}` : ''} - ${bounds.start[d]!}`
      return `Math.min(${axis.kernel}, ${axis.dilation === 1 ? room : `Math.ceil((${room}) / ${axis.dilation})`})`
    })
    return ctx.int(below.join(' * '))
  }
  const o = axes.map((a) => a.o)
  const window = windowOf(ctx)
  const savedAt = (node: Node): Scalar | undefined => {
    const saved = ctx.saved.get(node)
    return saved && s.load(ctx.arrayOf(saved), ctx.int(ctx.address(window)), node.type)
  }
  const frameFor = (): Frame => ({
    elementKey: (at) => at.t,
    given: (node) => hoists.given(s, node) ?? done.get(node) ?? savedAt(node),
    tensor: (node, at) => {
      const array = ctx.arrayOf(ctx.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') return s.load(array, ctx.int(address(at.t)), 'float')
      if (node.role === 'cotangent' || node.role === 'carrier') return s.load(array, ctx.int(ctx.address(window)), node.type)
      return s.load(array, ctx.int(randomIndex(ctx, node, o, tapText(at.t), () => position(at.t))), 'float')
    },
    geometry: (what, at) => (what === 'tap' ? ctx.int(tapText(at.t)) : what === 'divisor' ? divisor() : count()),
    random: (node, at) =>
      ctx.random(
        s,
        node,
        randomIndex(ctx, node, o, tapText(at.t), () => position(at.t)),
      ),
    taps: (node) => {
      throw new Error(`node ${node.id} is read before its sweep`)
    },
    covers: (node) => {
      throw new Error(`node ${node.id} sums over covers in a window`)
    },
    flatIndex: (node) => {
      if (node.a.op !== 'reduce') throw new Error('flatIndex of what is no argmax')
      const { tap, position: at } = placeOf(node.a)
      const index = ctx.int(`${at} - inPlane`)
      return mayBeEmpty ? s.choose('lt', ctx.int(tap), s.constant(0, 'int'), s.constant(-1, 'int'), index) : index
    },
    suffix: (node, at) => (at.t > 0 && (node.level.place === 'in' || node.level.place === 'window') ? String(at.t) : ''),
  })
  // Values per window are one for the whole window; those per tap are made anew in each loop.
  let current = instantiator(s, frameFor(), ctx.labels)
  /** The position of the element that a tap, by its index in the window, reads. */
  const positionOf = (tap: string): string => {
    if (geometry.kind === 'global') return `inPlane + ${tap}`
    const coordinates: string[] = []
    let rest = tap
    for (let d = last; d > 0; d--) {
      const head = `Math.floor(${/^\w+$/.test(rest) ? rest : `(${rest})`} / ${kernel(d)})`
      coordinates[d] = `(${rest} - ${head} * ${kernel(d)})`
      rest = head
    }
    coordinates[0] = rest
    const flat = coordinates.reduce((at, x, d) => {
      const here = bounds.start[d] === '0' ? scaled(x, d) : `${bounds.start[d]!} + ${scaled(x, d)}`
      return at === '' ? here : `(${at}) * ${axes[d]!.extent} + ${here}`
    }, '')
    return `inPlane + ${flat}`
  }
  const positionName = (block: Block, tap: string): string => {
    let at = positions.get(tap)
    if (!at) {
      at = block.fresh('chosen')
      block.line(`const ${at} = ${positionOf(tap)}`)
      positions.set(tap, at)
    }
    return at
  }
  let declaring: Block | undefined
  const placeOf = (node: Node): { tap: string; position: string } => {
    const tap =
      done.get(node)?.text ??
      (declaring && ctx.saved.has(node) ? declaring.name([current(node, { w: 0, t: 0, e: 0 })])[0] : undefined)
    if (tap === undefined || !declaring) throw new Error(`node ${node.id} is read before its sweep`)
    return { tap, position: positionName(declaring, tap) }
  }
  const overTaps: Looped['overTaps'] = (block, used, body) => {
    declaring = block
    // What is the same for all taps is computed before the loop.
    const fixed = frontierOf(used, perWindow, operands).filter((x) => x.op !== 'const' && !done.has(x) && !hoists.given(s, x))
    const fresh = fixed.filter((x) => !(x.op === 'reduce' && x.over !== 'taps'))
    block.name(fresh.map((x) => current(x, { w: 0, t: 0, e: 0 })))
    const loop = (head: readonly string[], taps: readonly number[], depth: number): void => {
      const inside = block.child()
      for (const text of head) inside.line(text)
      current = instantiator(s, frameFor(), ctx.labels)
      body(inside, current, taps)
      for (let d = 0; d < depth; d++) inside.line('}')
      block.lines.push(...inside.lines)
      current = instantiator(s, frameFor(), ctx.labels)
    }
    if (geometry.kind === 'global') {
      if (stride === 1) {
        loop([`for (let at = inPlane, end = inPlane + ${axes[0]!.extent}; at < end; at++) {`], [0], 1)
        return
      }
      block.line('{')
      block.line('let at = inPlane')
      block.line(`const end = inPlane + ${axes[0]!.extent}, whole = end - ${stride - 1}`)
      const several = Array.from({ length: stride }, (_, t) => t)
      loop([`for (; at < whole; at += ${stride}) {`], several, 1)
      loop(['for (; at < end; at++) {'], [0], 1)
      block.line('}')
      return
    }
    const outerLoops = unrolled > 0 ? last : last + 1
    const head: string[] = outerLoops === 0 ? ['{'] : []
    let line = 'inPlane'
    for (let d = 0; d < outerLoops; d++) {
      head.push(`for (let ${tapName(d)} = ${bounds.from[d]!}; ${tapName(d)} < ${bounds.to[d]!}; ${tapName(d)}++) {`)
      if (d === last - 1) {
        // The row of taps starts here; its columns follow.
        const flat = axes.slice(0, -1).reduce((at, axis, k) => {
          const here = `${bounds.start[k]!} + ${scaled(tapName(k), k)}`
          return at === '' ? here : `(${at}) * ${axis.extent} + ${here}`
        }, '')
        const from = bounds.start[last] === '0' ? '' : ` + ${bounds.start[last]!}`
        head.push(`const row = inPlane + (${flat}) * ${axes[last]!.extent}${from}`)
        line = 'row'
      }
    }
    if (unrolled > 0 && last === 0) head.push(`const row = inPlane + ${bounds.start[0]!}`)
    if (unrolled === 0) {
      const base = line === 'row' || bounds.start[last] === '0' ? line : `${line} + ${bounds.start[last]!}`
      head.push(`const at = ${base} + ${scaled(tapName(last), last)}`)
    }
    loop(head, unrolled > 0 ? Array.from({ length: unrolled }, (_, t) => t) : [0], Math.max(1, outerLoops))
  }

  /** The tap that wins where none is greater than -inf: the first; -1 where there is none. */
  const firstTap = (): string => {
    if (geometry.kind === 'global') return '0'
    const first = flatTap(bounds.from)
    if (!mayBeEmpty) return first
    return `${axes.map((_, d) => `${bounds.from[d]!} < ${bounds.to[d]!}`).join(' && ')} ? ${first} : -1`
  }
  const least = '-2147483648'

  /** One running reduction: how it starts, takes in the taps of a turn, and is finished. */
  interface Running {
    readonly of: Node
    readonly start: (block: Block) => void
    readonly take: (inside: Block, instantiate: Instantiate, taps: readonly number[]) => void
    readonly finish: (block: Block) => void
  }
  const names = (block: Block, wanted: string, n: number): string[] => Array.from({ length: n }, () => block.fresh(wanted))
  const statement = (inside: Block, value: Scalar, line: (text: string) => string): void =>
    inside.write([{ values: [value], line: (text) => line(text(value)) }])

  const summing = (block: Block, node: TapReduction): Running => {
    const own = names(block, ctx.labels.name(node) ?? 'sum', parts)
    done.set(node, s.atom(own[0]!, node.type))
    return {
      of: node.a,
      start: (into) => into.line(`let ${own.map((name) => `${name} = 0`).join(', ')}`),
      take: (inside, instantiate, taps) => {
        const n = Math.min(parts, taps.length)
        for (let part = 0; part < n; part++) {
          const mine = taps.filter((_tap, k) => k % n === part)
          const sum = s.sum(
            mine.map((t) => instantiate(node.a, { w: 0, t, e: 0 })),
            node.type,
          )
          statement(inside, sum, (text) => `${own[part]!} += ${text}`)
        }
      },
      finish: (into) => {
        if (parts > 1) into.line(`${own[0]!} += ${own.slice(1).join(' + ')}`)
      },
    }
  }
  const bitsAt = (tensor: NodeOf<'tensor'>, t: number): Scalar => {
    const bits = s.load(ctx.bitsOf(ctx.bufferOf(tensor)), ctx.int(address(t)), 'int')
    bits.hint ??= 'bits'
    return bits
  }
  const named = (hint: string, scalar: Scalar): Scalar => {
    scalar.hint ??= hint
    return scalar
  }
  /** The largest of keys, two and two. */
  const largest = (keys: readonly Scalar[]): Scalar => {
    if (keys.length === 1) return keys[0]!
    const half = Math.ceil(keys.length / 2)
    return named('top', s.op('larger', [largest(keys.slice(0, half)), largest(keys.slice(half))], 'int'))
  }
  const finding = (block: Block, { side, tensor }: Keyed): Running => {
    const own = names(block, 'top', parts)
    tops.set(`${side}${tensor.id}`, ctx.int(own[0]!))
    return {
      of: tensor,
      start: (into) => into.line(`let ${own.map((name) => `${name} = ${least}`).join(', ')}`),
      take: (inside, _, taps) => {
        const n = Math.min(parts, taps.length)
        for (let part = 0; part < n; part++) {
          const keys = taps.filter((_tap, k) => k % n === part).map((t) => named('key', keyOf(s, side, bitsAt(tensor, t))))
          const best = largest([ctx.int(own[part]!), largest(keys)])
          statement(inside, best, (text) => `${own[part]!} = ${text}`)
        }
      },
      finish: (into) => {
        for (const name of own.slice(1))
          statement(into, largest([ctx.int(own[0]!), ctx.int(name)]), (text) => `${own[0]!} = ${text}`)
      },
    }
  }
  /** The value that a tap stands for; that of no tap where the window may be empty. */
  const valueAt = (block: Block, side: Side, tensor: NodeOf<'tensor'>, tap: string): Scalar => {
    const at = ctx.int(ctx.address(positionName(block, tap)))
    const load = s.load(ctx.arrayOf(ctx.bufferOf(tensor)), at, 'float')
    const empty = s.constant(side === 'max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
    return mayBeEmpty ? s.choose('lt', ctx.int(tap), s.constant(0, 'int'), empty, load) : load
  }
  const placing = (block: Block, side: Side, tensor: NodeOf<'tensor'>, group: readonly TapReduction[]): Running => {
    const best = block.fresh('best')
    const tap = block.fresh('tap')
    const start = firstTap()
    for (const node of group) if (node.by.startsWith('arg')) done.set(node, ctx.int(tap))
    return {
      of: tensor,
      start: (into) => into.line(`let ${best} = ${least}, ${tap} = ${start}`),
      take: (inside, _, turn) => {
        for (const t of turn) {
          const key = named('key', placeKeyOf(s, side, bitsAt(tensor, t)))
          const mask = named('later', s.op('later', [key, ctx.int(best)], 'int'))
          mask.named = true
          const chosen = s.op('pick', [mask, ctx.int(tap), ctx.int(tapText(t))], 'int')
          const top = s.op('pick', [mask, ctx.int(best), key], 'int')
          inside.write([
            { values: [chosen], line: (text) => `${tap} = ${text(chosen)}` },
            { values: [top], line: (text) => `${best} = ${text(top)}` },
          ])
        }
      },
      finish: (into) => {
        for (const node of group) if (!node.by.startsWith('arg')) done.set(node, valueAt(into, side, tensor, tap))
      },
    }
  }
  /** In one long row only the turn of the loop that holds the best is noted; its tap is looked for afterwards. */
  const searching = (block: Block, side: Side, tensor: NodeOf<'tensor'>, group: readonly TapReduction[]): Running => {
    const best = block.fresh('best')
    const turn = block.fresh('turn')
    const tap = block.fresh('tap')
    for (const node of group) if (node.by.startsWith('arg')) done.set(node, ctx.int(tap))
    return {
      of: tensor,
      start: (into) => into.line(`let ${best} = ${least}, ${turn} = inPlane`),
      take: (inside, _, taps) => {
        const top = largest(taps.map((t) => named('key', placeKeyOf(s, side, bitsAt(tensor, t)))))
        const mask = named('later', s.op('exceeds', [top, ctx.int(best)], 'int'))
        mask.named = true
        const at = s.op('pick', [mask, ctx.int(turn), ctx.int('at')], 'int')
        const next = s.op('pick', [mask, ctx.int(best), top], 'int')
        inside.write([
          { values: [at], line: (text) => `${turn} = ${text(at)}` },
          { values: [next], line: (text) => `${best} = ${text(next)}` },
        ])
      },
      finish: (into) => {
        const row = [`${turn} - inPlane`, ctx.address('inPlane'), ctx.first ? '1' : 'channels', axes[0]!.extent]
        const sign = side === 'max' ? '0' : '-2147483648'
        const place = s.op(
          'tapOf',
          [ctx.bitsOf(ctx.bufferOf(tensor)), sign, best, ...row].map((x) => ctx.int(x)),
          'int',
        )
        statement(into, place, (text) => `const ${tap} = ${text}`)
        for (const node of group) if (!node.by.startsWith('arg')) done.set(node, valueAt(into, side, tensor, tap))
      },
    }
  }
  const comparing = (block: Block, side: Side, of: Node, group: readonly TapReduction[]): Running => {
    const best = block.fresh(side)
    const tap = group.some((x) => x.by.startsWith('arg')) ? block.fresh('tap') : undefined
    const start = firstTap()
    for (const node of group) done.set(node, node.by.startsWith('arg') ? ctx.int(tap!) : s.atom(best, node.type))
    return {
      of,
      start: (into) => {
        const from = side === 'max' ? '-Infinity' : 'Infinity'
        into.line(`let ${best} = ${from}${tap === undefined ? '' : `, ${tap} = ${start}`}`)
      },
      take: (inside, instantiate, taps) => {
        for (const t of taps) {
          const value = instantiate(of, { w: 0, t, e: 0 })
          value.named = true
          const sign = side === 'max' ? '>' : '<'
          statement(inside, value, (v) => {
            const test = `${v} ${sign} ${best} || ${v} !== ${v}`
            if (tap === undefined) return `if (${test}) ${best} = ${v}`
            return `if (${test}) { ${best} = ${v}; ${tap} = ${tapText(t)} }`
          })
        }
      },
      finish: () => {},
    }
  }
  const runningOf = (block: Block, reductions: readonly TapReduction[]): Running[] => {
    const sums = reductions.filter((x) => x.by === 'sum')
    // One running maximum serves the value and its place.
    const groups = new Map<string, TapReduction[]>()
    for (const node of reductions) {
      if (node.by === 'sum') continue
      const key = `${sideOf(node)}${node.a.id}`
      groups.set(key, [...(groups.get(key) ?? []), node])
    }
    return [
      ...sums.map((node) => summing(block, node)),
      ...[...groups.values()].map((group) => {
        const [first] = group as [TapReduction, ...TapReduction[]]
        const side = sideOf(first)
        if (ctx.dtype !== 'float32' || !isStored(first.a)) return comparing(block, side, first.a, group)
        return geometry.kind === 'global' ? searching(block, side, first.a, group) : placing(block, side, first.a, group)
      }),
    ]
  }
  const run = (block: Block, running: readonly Running[], comments: readonly (string | undefined)[]): void => {
    for (const comment of new Set(comments)) if (comment) block.line(`// ${comment}`)
    for (const each of running) each.start(block)
    overTaps(
      block,
      running.map((x) => x.of),
      (inside, instantiate, taps) => {
        for (const each of running) each.take(inside, instantiate, taps)
      },
    )
    for (const each of running) each.finish(block)
  }
  return {
    get instantiate() {
      return current
    },
    sweep: (block, values, keys) => {
      declaring = block
      const isDone = (node: Node): boolean => hoists.given(s, node) !== undefined || done.has(node) || ctx.saved.has(node)
      depths(values, isDone).forEach((reductions, k) => {
        const found = k === 0 ? keys.map((key) => finding(block, key)) : []
        run(
          block,
          [...found, ...runningOf(block, reductions)],
          reductions.map((node) => ctx.labels.comment(node)),
        )
      })
      if (keys.length > 0 && tops.size === 0)
        run(
          block,
          keys.map((key) => finding(block, key)),
          [],
        )
    },
    overTaps,
    bits: (side, tensor) => {
      const top = tops.get(`${side}${tensor.id}`)
      if (!top) throw new Error(`node ${tensor.id} is read before its sweep`)
      return bitsOf(s, side, top)
    },
    chosen: (block, node) => {
      declaring = block
      return placeOf(node)
    },
    mayBeEmpty,
    address,
  }
}
