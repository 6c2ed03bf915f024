/**
 * Reductions as they run along the taps of a window: how each starts, takes in the taps of a turn of the loop, and is finished.
 * A maximum of a stored float32 tensor runs among keys (fold.ts), with or without its place; others compare their values.
 */
import type { Block } from '../emit/block.ts'
import type { Instantiate } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { isStored, type Side, searchesOf, sideOf } from '../emit/sides.ts'
import type { Node, NodeOf, TapReduction } from '../ir.ts'
import type { Context } from './context.ts'
import { keyOf, placeKeyOf } from './fold.ts'
import type { Taps } from './taps.ts'

/** A maximum or minimum of a stored tensor of which only the bits are wanted. */
export interface Keyed {
  readonly side: Side
  readonly tensor: NodeOf<'tensor'>
}

export interface Running {
  readonly of: Node
  readonly start: (block: Block) => void
  readonly take: (inside: Block, instantiate: Instantiate, turn: readonly number[]) => void
  readonly finish: (block: Block) => void
}

/** Where finished reductions go. */
export interface Made {
  readonly done: (node: Node, value: Scalar) => void
  /** The best key of a maximum or minimum of which only the bits are wanted. */
  readonly top: (side: Side, tensor: NodeOf<'tensor'>, key: Scalar) => void
  /** The name of the position that a tap reads. */
  readonly position: (block: Block, tap: string) => string
}

/** The least integer: the key of -inf where only the value is wanted, and below all others' where the place is. */
const least = '-2147483648'

export interface Reductions {
  readonly finding: (block: Block, keyed: Keyed) => Running
  readonly of: (block: Block, reductions: readonly TapReduction[]) => Running[]
}

export const reductionsOf = (ctx: Context, taps: Taps, made: Made): Reductions => {
  const { s } = ctx
  const { parts } = taps
  const names = (block: Block, wanted: string, n: number): string[] => Array.from({ length: n }, () => block.fresh(wanted))
  const statement = (inside: Block, value: Scalar, line: (text: string) => string): void =>
    inside.write([{ values: [value], line: (text) => line(text(value)) }])

  const summing = (block: Block, node: TapReduction): Running => {
    const own = names(block, ctx.labels.name(node) ?? 'sum', parts)
    made.done(node, s.atom(own[0]!, node.type))
    return {
      of: node.a,
      start: (into) => into.line(`let ${own.map((name) => `${name} = 0`).join(', ')}`),
      take: (inside, instantiate, turn) => {
        const n = Math.min(parts, turn.length)
        for (let part = 0; part < n; part++) {
          const mine = turn.filter((_tap, k) => k % n === part)
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
    const bits = s.load(ctx.bitsOf(ctx.bufferOf(tensor)), ctx.int(taps.address(t)), 'int')
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
    made.top(side, tensor, ctx.int(own[0]!))
    return {
      of: tensor,
      start: (into) => into.line(`let ${own.map((name) => `${name} = ${least}`).join(', ')}`),
      take: (inside, _, turn) => {
        const n = Math.min(parts, turn.length)
        for (let part = 0; part < n; part++) {
          const keys = turn.filter((_tap, k) => k % n === part).map((t) => named('key', keyOf(s, side, bitsAt(tensor, t))))
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
    const at = ctx.int(ctx.address(made.position(block, tap)))
    const load = s.load(ctx.arrayOf(ctx.bufferOf(tensor)), at, 'float')
    const empty = s.constant(side === 'max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
    return taps.mayBeEmpty ? s.choose('lt', ctx.int(tap), s.constant(0, 'int'), empty, load) : load
  }
  const placing = (block: Block, side: Side, tensor: NodeOf<'tensor'>, group: readonly TapReduction[]): Running => {
    const best = block.fresh('best')
    const tap = block.fresh('tap')
    const start = taps.first
    for (const node of group) if (node.by.startsWith('arg')) made.done(node, ctx.int(tap))
    return {
      of: tensor,
      start: (into) => into.line(`let ${best} = ${least}, ${tap} = ${start}`),
      take: (inside, _, turn) => {
        for (const t of turn) {
          const key = named('key', placeKeyOf(s, side, bitsAt(tensor, t)))
          const mask = named('later', s.op('later', [key, ctx.int(best)], 'int'))
          mask.named = true
          const chosen = s.op('pick', [mask, ctx.int(tap), ctx.int(taps.index(t))], 'int')
          const top = s.op('pick', [mask, ctx.int(best), key], 'int')
          inside.write([
            { values: [chosen], line: (text) => `${tap} = ${text(chosen)}` },
            { values: [top], line: (text) => `${best} = ${text(top)}` },
          ])
        }
      },
      finish: (into) => {
        for (const node of group) if (!node.by.startsWith('arg')) made.done(node, valueAt(into, side, tensor, tap))
      },
    }
  }
  /** In one long row only the turn of the loop that holds the best is noted; its tap is looked for afterwards. */
  const searching = (block: Block, side: Side, tensor: NodeOf<'tensor'>, group: readonly TapReduction[]): Running => {
    const best = block.fresh('best')
    const place = block.fresh('turn')
    const tap = block.fresh('tap')
    for (const node of group) if (node.by.startsWith('arg')) made.done(node, ctx.int(tap))
    return {
      of: tensor,
      start: (into) => into.line(`let ${best} = ${least}, ${place} = inPlane`),
      take: (inside, _, turn) => {
        const top = largest(turn.map((t) => named('key', placeKeyOf(s, side, bitsAt(tensor, t)))))
        const mask = named('later', s.op('exceeds', [top, ctx.int(best)], 'int'))
        mask.named = true
        const at = s.op('pick', [mask, ctx.int(place), ctx.int('at')], 'int')
        const next = s.op('pick', [mask, ctx.int(best), top], 'int')
        inside.write([
          { values: [at], line: (text) => `${place} = ${text(at)}` },
          { values: [next], line: (text) => `${best} = ${text(next)}` },
        ])
      },
      finish: (into) => {
        const row = [`${place} - inPlane`, ctx.address('inPlane'), ctx.first ? '1' : 'channels', ctx.axes[0]!.extent]
        const sign = side === 'max' ? '0' : '-2147483648'
        const found = s.op(
          'tapOf',
          [ctx.bitsOf(ctx.bufferOf(tensor)), sign, best, ...row].map((x) => ctx.int(x)),
          'int',
        )
        statement(into, found, (text) => `const ${tap} = ${text}`)
        for (const node of group) if (!node.by.startsWith('arg')) made.done(node, valueAt(into, side, tensor, tap))
      },
    }
  }
  const comparing = (block: Block, side: Side, of: Node, group: readonly TapReduction[]): Running => {
    const best = block.fresh(side)
    const tap = group.some((x) => x.by.startsWith('arg')) ? block.fresh('tap') : undefined
    const start = taps.first
    for (const node of group) made.done(node, node.by.startsWith('arg') ? ctx.int(tap!) : s.atom(best, node.type))
    return {
      of,
      start: (into) => {
        const from = side === 'max' ? '-Infinity' : 'Infinity'
        into.line(`let ${best} = ${from}${tap === undefined ? '' : `, ${tap} = ${start}`}`)
      },
      take: (inside, instantiate, turn) => {
        for (const t of turn) {
          const value = instantiate(of, { w: 0, t, e: 0 })
          value.named = true
          const sign = side === 'max' ? '>' : '<'
          statement(inside, value, (v) => {
            const test = `${v} ${sign} ${best} || ${v} !== ${v}`
            if (tap === undefined) return `if (${test}) ${best} = ${v}`
            return `if (${test}) { ${best} = ${v}; ${tap} = ${taps.index(t)} }`
          })
        }
      },
      finish: () => {},
    }
  }
  const of = (block: Block, reductions: readonly TapReduction[]): Running[] => {
    const sums = reductions.filter((x) => x.by === 'sum')
    return [
      ...sums.map((node) => summing(block, node)),
      ...searchesOf(reductions).map((group) => {
        const [first] = group
        const side = sideOf(first)
        if (!ctx.byKeys.looped || !isStored(first.a)) return comparing(block, side, first.a, group)
        return ctx.program.geometry.kind === 'global'
          ? searching(block, side, first.a, group)
          : placing(block, side, first.a, group)
      }),
    ]
  }
  return { finding, of }
}
