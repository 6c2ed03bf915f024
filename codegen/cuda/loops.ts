/**
 * One window by loops over its valid taps: where windows are too large to be written out, and for adaptive and global ones,
 * whose size is known at run time only. Reductions are done in sweeps, each after those that it depends on. Lanes that share
 * a window take every so many-th tap of a row, and put their parts together after each sweep.
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Block } from '../emit/block.ts'
import { frontierOf, sweepsOf } from '../emit/frontier.ts'
import { type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { type Side, sideOf } from '../emit/sides.ts'
import type { Node, TapReduction } from '../ir.ts'
import { countOf, mayBeEmpty, type Span, spanAlong } from './bounds.ts'
import { worst } from './fold.ts'
import type { Declaration, Kernel } from './kernel.ts'
import { literal } from './spelling.ts'

const here = { w: 0, t: 0, e: 0 }

const perWindow = (node: Node): boolean => node.level.place === 'out' || node.level.place === 'none'

const flatten = (parts: readonly string[], extents: readonly string[]): string =>
  parts.reduce((at, x, d) => (d === 0 ? x : `${/^\w+$/.test(at) ? at : `(${at})`} * ${extents[d]!} + ${x}`))

/** Where the parts of a reduction are left: the element of an array that is the part's, and how many there are. */
export interface Parts {
  readonly count: number
  readonly array: (name: string, type: ValueType) => string
}

export interface Looped {
  readonly declarations: readonly Declaration[]
  /** The value of a node for the window, after the sweeps that it needs. */
  readonly ofWindow: (node: Node) => Scalar
  /** The sweeps that these values need, in order. */
  readonly sweepsFor: (values: readonly Node[]) => readonly (readonly TapReduction[])[]
  /** Writes one of them. */
  readonly sweep: (block: Block, sweep: readonly TapReduction[]) => void
  /** Writes how parts of a sweep that others have left are put together. */
  readonly takeUp: (block: Block, sweep: readonly TapReduction[], parts: Parts) => void
  /** Writes a part of a sweep down. */
  readonly putDown: (sweep: readonly TapReduction[], parts: Parts) => string[]
  /**
   * Writes a loop over the taps. `body` gets a block inside of it. With `outside`, the loop runs over all taps of the full
   * window, and those that are not valid meet that line instead.
   */
  readonly overTaps: (
    block: Block,
    used: readonly Node[],
    body: (inside: Block, instantiate: Instantiate) => void,
    outside?: string,
  ) => void
  readonly tapIndex: string
  /** The valid taps of the window. */
  readonly tapCount: string
  readonly elementAddress: string
  readonly windowAddress: string
}

/** The threads that share a window: how many put their parts together, where one begins in a row, and how far it goes on. */
export interface Lanes {
  readonly count: number
  readonly of: 'thread' | 'Lanes' | 'Block'
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

export const looped = (k: Kernel, lanes: Lanes): Looped => {
  const { axes, first, labels, program, storage } = k.of
  const { geometry } = program
  const { s } = k
  const { real } = storage
  const spans: Span[] = axes.map((names, d) => spanAlong(geometry, d, names))
  const isGlobal = geometry.kind === 'global'
  const last = axes.length - 1
  const tapName = (d: number): string => `t${axes[d]!.letter}`
  const planes = first ? 'plane' : 'n'
  const scaled = (text: string, n: number): string => (n === 1 ? text : `${text} * ${n}`)
  const inRow = scaled(tapName(last), spans[last]!.dilation)
  const elementPosition = `rowAt + ${inRow}`
  const elementAddress = first ? elementPosition : `(${elementPosition}) * channels + c`
  const o = axes.map((a) => a.o)
  const windowPosition = isGlobal ? planes : flatten([planes, ...o], ['', ...axes.map((a) => a.out)])
  const tapIndex = flatten(
    axes.map((_, d) => tapName(d)),
    spans.map((x) => x.kernel),
  )
  /** The position in its plane of the element that the tap at these coordinates reads. */
  const inPlane = (taps: readonly string[]): string =>
    flatten(
      taps.map((t, d) => (spans[d]!.start === '0' ? t : `${spans[d]!.start} + ${scaled(t, spans[d]!.dilation)}`)),
      axes.map((a) => a.extent),
    )
  /** The coordinates of a tap that is known by its index. */
  const coordinatesOf = (tap: string): string[] => {
    const coordinates: string[] = []
    let rest = tap
    for (let d = last; d > 0; d--) {
      coordinates[d] = `(${rest}) % ${spans[d]!.kernel}`.replace(/\((\w+)\)/g, '$1')
      rest = `${rest} / ${spans[d]!.kernel}`
    }
    coordinates[0] = rest
    return coordinates.map((x) => (/^\w+$/.test(x) ? x : `(${x})`))
  }
  const done = new Map<Node, Scalar>()
  const empty = mayBeEmpty(geometry)
  const divisor = (): string => {
    if (geometry.kind !== 'sliding' || !geometry.countIncludePad) {
      const count = countOf(spans, empty)
      return empty ? `max(1, ${count})` : count
    }
    return spans.map((x) => x.counted).join(' * ')
  }
  const frame: Frame = {
    elementKey: () => 0,
    given: (node) => {
      const buffer = k.of.saved.get(node)
      return done.get(node) ?? (buffer && s.load(k.carrier(buffer), k.int('outAt'), node.type))
    },
    tensor: (node) => {
      const array = k.array(k.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') return s.load(array, k.int(elementAddress), 'float')
      if (node.role === 'cotangent' || node.role === 'carrier') return s.load(array, k.int('outAt'), node.type)
      return s.load(array, k.int(draw(node)), 'float')
    },
    geometry: (what) => k.int(what === 'tap' ? tapIndex : what === 'divisor' ? divisor() : countOf(spans, empty)),
    random: (node) => k.random(s, node, draw(node)),
    taps: (node) => {
      throw new Error(`node ${node.id} is read before its sweep`)
    },
    // A window that owns its elements covers each of them once.
    covers: (node) => current(node.a, here),
    flatIndex: (node) => {
      const tap = done.get(node.a)
      if (!tap) throw new Error(`node ${node.a.id} is read before its sweep`)
      const index = k.int(inPlane(coordinatesOf(tap.text)))
      return empty ? s.choose('lt', tap, s.constant(0, 'int'), s.constant(-1, 'int'), index) : index
    },
    suffix: () => '',
  }
  const draw = (node: Parameters<Frame['random']>[0] | Parameters<Frame['tensor']>[0]): string =>
    k.drawIndex(node, o, tapIndex, () => inPlane(axes.map((_, d) => tapName(d))))
  const fresh = (): Instantiate => instantiator(s, frame, labels)
  // Values per window are one for the whole window; those per tap are made anew in each loop.
  let current = fresh()

  const overTaps: Looped['overTaps'] = (block, used, body, outside) => {
    const fixed = frontierOf(used, perWindow).filter((x) => x.op !== 'const' && !(x.op === 'reduce' && x.over !== 'taps'))
    block.name(fixed.map((x) => current(x, here)))
    const inside = block.child()
    let braces = 0
    const open = (line: string): void => {
      inside.line(line)
      braces++
    }
    axes.forEach((_, d) => {
      const { from, to, kernel } = spans[d]!
      const [begin, end] = outside === undefined ? [from, to] : ['0', kernel]
      const t = tapName(d)
      if (d === last) {
        const rows = spans.map(({ start, dilation }, x) =>
          x === last ? start : `${start === '0' ? '' : `${start} + `}${scaled(tapName(x), dilation)}`,
        )
        const extents = ['', ...axes.map((a) => a.extent)]
        inside.line(`const ${k.of.index} rowAt = ${flatten([planes, ...rows], extents).replace(/ \+ 0$/, '')};`)
        const at = lanes.first === '' ? begin : begin === '0' ? lanes.first : `${begin} + ${lanes.first}`
        open(`for (int ${t} = ${at}; ${t} < ${end}; ${lanes.step === 1 ? `${t}++` : `${t} += ${lanes.step}`}) {`)
      } else open(`for (int ${t} = ${begin}; ${t} < ${end}; ${t}++) {`)
    })
    if (outside !== undefined) {
      const valid = spans.map(({ from, to }, d) => `${from === '0' ? '' : `${tapName(d)} >= ${from} && `}${tapName(d)} < ${to}`)
      open(`if (${valid.join(' && ')}) {`)
    }
    current = fresh()
    body(inside, current)
    current = fresh()
    if (outside !== undefined) inside.line(`} else ${outside}`)
    for (let n = outside === undefined ? 0 : 1; n < braces; n++) inside.line('}')
    block.lines.push(...(axes.length === 1 ? ['{', ...inside.lines, '}'] : inside.lines))
  }

  /** One running reduction: how it starts, takes a tap in, and is put together. */
  interface Running {
    readonly of: Node
    readonly start: string
    readonly take: (inside: Block, instantiate: Instantiate) => void
    readonly finish: string
    /** Takes in part `b` of those that others have left; and leaves one. */
    readonly takeUp: (parts: Parts) => string[]
    readonly putDown: (parts: Parts) => string[]
  }
  const written = new Map<readonly TapReduction[], readonly Running[]>()
  const share = lanes.of === 'thread' ? undefined : (what: string): string => `${what}Of${lanes.of}<${lanes.count}>`
  const typeOf = (node: Node): string => (node.type === 'int' ? 'int' : real)
  const summing = (block: Block, node: TapReduction): Running => {
    const name = block.fresh(labels.name(node) ?? 'sum')
    done.set(node, s.atom(name, node.type))
    return {
      of: node.a,
      start: `${typeOf(node)} ${name} = 0;`,
      take: (inside, instantiate) => {
        const value = instantiate(node.a, here)
        inside.write([{ values: [value], line: (text) => `${name} += ${text(value)};` }])
      },
      finish: share ? `${name} = ${share('sum')}(${name});` : '',
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
      done.set(node, isPlace ? k.int(tap!) : s.atom(best, node.type))
    }
    const larger = side === 'max' ? 'largest' : 'smallest'
    const from = of.type === 'int' ? (side === 'max' ? '-2147483647 - 1' : '2147483647') : literal(worst(side), 'float', real)
    return {
      of,
      start: `${typeOf(of)} ${best} = ${from};${tap ? ` int ${tap} = -1;` : ''}`,
      take: (inside, instantiate) => {
        const value = instantiate(of, here)
        value.named = true
        const sign = side === 'max' ? '>' : '<'
        inside.write([
          {
            values: [value],
            line: (text) => {
              const v = text(value)
              const test = `${v} ${sign} ${best} || ${v} != ${v}`
              if (!tap) return `if (${test}) ${best} = ${v};`
              return `if (${test} || ${tap} < 0) { ${best} = ${v}; ${tap} = ${tapIndex}; }`
            },
          },
        ])
      },
      takeUp: (parts) => {
        const other = `${parts.array(`${side}${of.id}`, of.type)}[outAt * ${parts.count} + b]`
        const sign = side === 'max' ? '>' : '<'
        const type = typeOf(of)
        if (!tap) return [`const ${type} other = ${other};`, `if (other ${sign} ${best} || other != other) ${best} = other;`]
        return [
          `const ${type} other = ${other};`,
          `const int otherTap = ${parts.array(`${side}Tap${of.id}`, 'int')}[outAt * ${parts.count} + b];`,
          `if (wins(other ${sign} ${best}, other, otherTap, ${best}, ${tap})) { ${best} = other; ${tap} = otherTap; }`,
        ]
      },
      putDown: (parts) => [
        `${parts.array(`${side}${of.id}`, of.type)}[outAt * ${parts.count} + part] = ${best};`,
        ...(tap ? [`${parts.array(`${side}Tap${of.id}`, 'int')}[outAt * ${parts.count} + part] = ${tap};`] : []),
      ],
      finish: share ? (tap ? `${share(`${larger}Place`)}(${best}, ${tap});` : `${best} = ${share(larger)}(${best});`) : '',
    }
  }
  const runningOf = (block: Block, reductions: readonly TapReduction[]): Running[] => {
    // One running maximum serves the value and its place.
    const groups = new Map<string, TapReduction[]>()
    for (const node of reductions) {
      if (node.by === 'sum') continue
      const key = `${sideOf(node)}${node.a.id}`
      groups.set(key, [...(groups.get(key) ?? []), node])
    }
    const all = [
      ...reductions.filter((x) => x.by === 'sum').map((node) => summing(block, node)),
      ...[...groups.values()].map((group) => searching(block, sideOf(group[0]!), group[0]!.a, group)),
    ]
    written.set(reductions, all)
    return all
  }
  return {
    declarations: [
      ...spans.flatMap((x) => x.declarations),
      {
        name: 'outAt',
        line: `const ${k.of.index} outAt = ${first ? windowPosition : `(${windowPosition}) * channels + c`.replace(/\((\w+)\)/g, '$1')};`,
      },
    ],
    ofWindow: (node) => current(node, here),
    sweepsFor: (values) => sweepsOf(values, (node) => done.has(node) || k.of.saved.has(node)),
    sweep: (block, sweep) => {
      const comments = new Set(sweep.flatMap((node) => labels.comment(node) ?? []))
      for (const comment of comments) block.line(`// ${comment}`)
      const running = runningOf(block, sweep)
      for (const { start } of running) block.line(start)
      overTaps(
        block,
        running.map((x) => x.of),
        (inside, instantiate) => {
          for (const each of running) each.take(inside, instantiate)
        },
      )
      for (const { finish } of running) if (finish !== '') block.line(finish)
    },
    takeUp: (block, sweep, parts) => {
      for (const { start, takeUp } of runningOf(block, sweep)) {
        block.line(start)
        block.line(`for (int b = 0; b < ${parts.count}; b++) {`)
        for (const line of takeUp(parts)) block.line(line)
        block.line('}')
      }
    },
    putDown: (sweep, parts) => written.get(sweep)!.flatMap((x) => x.putDown(parts)),
    overTaps,
    tapIndex,
    tapCount: countOf(spans, empty),
    elementAddress,
    windowAddress: 'outAt',
  }
}
