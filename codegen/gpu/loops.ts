/**
 * One window by loops over its valid taps: where windows are too large to be written out, and for adaptive and global ones,
 * whose size is known at run time only. Reductions are done in sweeps, each after those that it depends on. Lanes that share
 * a window take every so many-th tap of a row, and put their parts together after each sweep.
 */
import type { Block } from '../emit/block.ts'
import { frontierOf, sweepsOf } from '../emit/frontier.ts'
import { type Frame, type Instantiate, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import type { Node, TapReduction } from '../ir.ts'
import { countOf, mayBeEmpty, type Span, spanAlong } from './bounds.ts'
import { bracketed, flat, times } from './flat.ts'
import type { Declaration, Kernel } from './kernel.ts'
import { type Lanes, type Parts, type Running, reductionsOf } from './running.ts'

const here = { w: 0, t: 0, e: 0 }

const perWindow = (node: Node): boolean => node.level.place === 'out' || node.level.place === 'none'

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

export const looped = (k: Kernel, lanes: Lanes): Looped => {
  const { axes, labels, program } = k.of
  const { geometry } = program
  const { s } = k
  const { constant, loop } = k.dialect
  const spans: Span[] = axes.map((names, d) => spanAlong(k.dialect, geometry, d, names))
  const last = axes.length - 1
  const tapName = (d: number): string => `t${axes[d]!.letter}`
  const inRow = times(tapName(last), spans[last]!.dilation)
  const elementPosition = `rowAt + ${inRow}`
  const elementAddress = k.address(elementPosition)
  const o = axes.map((a) => a.o)
  const tapIndex = flat(
    axes.map((_, d) => tapName(d)),
    spans.map((x) => x.kernel),
  )
  /** The position in its plane of the element that the tap at these coordinates reads. */
  const inPlane = (taps: readonly string[]): string =>
    k.inPlane(taps.map((t, d) => (spans[d]!.start === '0' ? t : `${spans[d]!.start} + ${times(t, spans[d]!.dilation)}`)))
  /** The coordinates of a tap that is known by its index. */
  const coordinatesOf = (tap: string): string[] => {
    const coordinates: string[] = []
    let rest = tap
    for (let d = last; d > 0; d--) {
      coordinates[d] = `${bracketed(rest)} % ${spans[d]!.kernel}`
      rest = `${rest} / ${spans[d]!.kernel}`
    }
    coordinates[0] = rest
    return coordinates.map(bracketed)
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
      const saved = k.of.saved.get(node.a)
      const tap = done.get(node.a) ?? (saved && k.int(k.load(k.carrier(saved), 'outAt')))
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
          x === last ? start : `${start === '0' ? '' : `${start} + `}${times(tapName(x), dilation)}`,
        )
        inside.line(constant('rowAt', k.of.index, k.position('extent', rows)))
        const at = lanes.first === '' ? begin : begin === '0' ? lanes.first : `${begin} + ${lanes.first}`
        open(loop(t, at, end, lanes.step))
      } else open(loop(t, begin, end))
    })
    if (outside !== undefined) {
      const valid = spans.map(({ from, to }, d) => `${from === '0' ? '' : `${tapName(d)} >= ${from} && `}${tapName(d)} < ${to}`)
      open(`if (${valid.join(' && ')}) {`)
    }
    current = fresh()
    body(inside, current)
    current = fresh()
    if (outside !== undefined) inside.line(k.dialect.otherwise(outside))
    for (let n = outside === undefined ? 0 : 1; n < braces; n++) inside.line('}')
    block.lines.push(...(axes.length === 1 ? ['{', ...inside.lines, '}'] : inside.lines))
  }

  const running = reductionsOf(k, lanes, tapIndex, (node, value) => done.set(node, value))
  const written = new Map<readonly TapReduction[], readonly Running[]>()
  return {
    declarations: [
      ...spans.flatMap((x) => x.declarations),
      { name: 'outAt', line: constant('outAt', k.of.index, k.address(k.position('out', o))) },
    ],
    ofWindow: (node) => current(node, here),
    sweepsFor: (values) => sweepsOf(values, (node) => done.has(node) || k.of.saved.has(node)),
    sweep: (block, sweep) => {
      const comments = new Set(sweep.flatMap((node) => labels.comment(node) ?? []))
      for (const comment of comments) block.line(`// ${comment}`)
      const all = running(block, sweep)
      written.set(sweep, all)
      for (const { start } of all) block.line(start)
      overTaps(
        block,
        all.map((x) => x.of),
        (inside, instantiate) => {
          for (const each of all) each.take(inside, instantiate)
        },
      )
      for (const { finish } of all) if (finish !== '') block.line(finish)
    },
    takeUp: (block, sweep, parts) => {
      for (const { start, takeUp } of running(block, sweep)) {
        block.line(start)
        block.line(loop('b', '0', String(parts.count)))
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
