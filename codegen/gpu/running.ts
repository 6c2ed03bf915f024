/**
 * Reductions as they run along the taps of a window: how each starts, takes a tap in, and is put together with the parts of
 * the lanes, or of the blocks, that share the window.
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Block } from '../emit/block.ts'
import type { Instantiate } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { type Side, searchesOf, sideOf } from '../emit/sides.ts'
import type { Node, TapReduction } from '../ir.ts'
import type { Real, Together } from './dialect.ts'
import { worst } from './fold.ts'
import type { Kernel } from './kernel.ts'

const here = { w: 0, t: 0, e: 0 }

/** The threads that share a window: how many put their parts together, where one begins in a row, and how far it goes on. */
export interface Lanes {
  readonly count: number
  readonly of: 'thread' | Together
  readonly first: string
  readonly step: number
}

export const lanesOf = (lanes: number | 'block', threads: number): Lanes => {
  if (lanes === 'block') return { count: threads, of: 'Block', first: 'lane', step: threads }
  return { count: lanes, of: lanes === 1 ? 'thread' : 'Lanes', first: lanes === 1 ? '' : 'lane', step: lanes }
}

/** Threads of several blocks share a window: each block leaves its part. */
export const lanesOfBlocks = (blocks: number, threads: number): Lanes => ({
  count: threads,
  of: 'Block',
  first: `part * ${threads} + lane`,
  step: blocks * threads,
})

/** Where the parts of a reduction are left: the element of an array that is the part's, and how many there are. */
export interface Parts {
  readonly count: number
  readonly array: (name: string, type: ValueType) => string
}

/** One running reduction: how it starts, takes a tap in, and is put together. */
export interface Running {
  readonly of: Node
  readonly start: string
  readonly take: (inside: Block, instantiate: Instantiate) => void
  readonly finish: string
  /** Takes in part `b` of those that others have left; and leaves one. */
  readonly takeUp: (parts: Parts) => string[]
  readonly putDown: (parts: Parts) => string[]
}

/** The running reductions of a sweep; `done` is told what each will be called. */
export const reductionsOf = (
  k: Kernel,
  lanes: Lanes,
  tapIndex: string,
  done: (node: Node, value: Scalar) => void,
): ((block: Block, sweep: readonly TapReduction[]) => Running[]) => {
  const { labels, storage } = k.of
  const { s } = k
  const { real } = storage
  const { dialect } = k
  const typeOf = (node: Node): 'int' | Real => (node.type === 'int' ? 'int' : real)
  const summing = (block: Block, node: TapReduction): Running => {
    const name = block.fresh(labels.name(node) ?? 'sum')
    done(node, s.atom(name, node.type))
    return {
      of: node.a,
      start: dialect.variables([name], typeOf(node), '0'),
      take: (inside, instantiate) => {
        const value = instantiate(node.a, here)
        inside.write([{ values: [value], line: (text) => `${name} += ${text(value)};` }])
      },
      finish: lanes.of === 'thread' ? '' : `${name} = ${dialect.sumOf(lanes.of, lanes.count, name, typeOf(node))};`,
      takeUp: (parts) => [`${name} += ${parts.array(`sum${node.id}`, node.type)}[outAt * ${parts.count} + b];`],
      putDown: (parts) => [`${parts.array(`sum${node.id}`, node.type)}[outAt * ${parts.count} + part] = ${name};`],
    }
  }
  const searching = (block: Block, side: Side, of: Node, group: readonly TapReduction[]): Running => {
    const best = block.fresh(side)
    const placed = group.some((x) => x.by === 'argmax' || x.by === 'argmin')
    const tap = placed ? block.fresh('tap') : undefined
    for (const node of group) {
      const isPlace = node.by === 'argmax' || node.by === 'argmin'
      done(node, isPlace ? k.int(tap!) : s.atom(best, node.type))
    }
    const larger = side === 'max' ? 'largest' : 'smallest'
    const from =
      of.type === 'int' ? (side === 'max' ? '-2147483647 - 1' : '2147483647') : dialect.literal(worst(side), 'float', real)
    return {
      of,
      start: `${dialect.variables([best], typeOf(of), from)}${tap ? ` ${dialect.variables([tap], 'int', '-1')}` : ''}`,
      take: (inside, instantiate) => {
        const value = instantiate(of, here)
        value.named = true
        const sign = side === 'max' ? '>' : '<'
        inside.write([
          {
            values: [value],
            line: (text) => {
              const v = text(value)
              const test = dialect.beats(sign, v, best, of.type)
              if (!tap) return dialect.when(test, `${best} = ${v};`)
              return dialect.when(`${test} || ${tap} < 0`, `{ ${best} = ${v}; ${tap} = ${tapIndex}; }`)
            },
          },
        ])
      },
      takeUp: (parts) => {
        const other = `${parts.array(`${side}${of.id}`, of.type)}[outAt * ${parts.count} + b]`
        const sign = side === 'max' ? '>' : '<'
        const type = typeOf(of)
        if (!tap)
          return [
            dialect.constant('other', type, other),
            dialect.when(dialect.beats(sign, 'other', best, of.type), `${best} = other;`),
          ]
        return [
          dialect.constant('other', type, other),
          dialect.constant('otherTap', 'int', `${parts.array(`${side}Tap${of.id}`, 'int')}[outAt * ${parts.count} + b]`),
          dialect.when(
            dialect.wins(sign, { best: 'other', tap: 'otherTap' }, { best, tap }, type),
            `{ ${best} = other; ${tap} = otherTap; }`,
          ),
        ]
      },
      putDown: (parts) => [
        `${parts.array(`${side}${of.id}`, of.type)}[outAt * ${parts.count} + part] = ${best};`,
        ...(tap ? [`${parts.array(`${side}Tap${of.id}`, 'int')}[outAt * ${parts.count} + part] = ${tap};`] : []),
      ],
      finish:
        lanes.of === 'thread'
          ? ''
          : tap
            ? dialect.placeOf(larger, lanes.of, lanes.count, { best, tap }, typeOf(of))
            : dialect.bestOf(larger, lanes.of, lanes.count, best, typeOf(of)),
    }
  }
  return (block, reductions) => [
    ...reductions.filter((x) => x.by === 'sum').map((node) => summing(block, node)),
    ...searchesOf(reductions).map((group) => searching(block, sideOf(group[0]), group[0].a, group)),
  ]
}
