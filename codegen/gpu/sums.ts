/**
 * What is summed over planes: the gradients of parameters. Each window (or element) leaves its term in memory; the terms of
 * a plane are summed by one block, the planes' sums by another, each in an order that the launch alone decides: nothing is
 * added from two places at once, and a sum has the same bits each time.
 */
import { allDims, type Level } from '../../dsl/level.ts'
import type { Statement } from '../emit/block.ts'
import { type Frame, instantiator } from '../emit/instantiate.ts'
import type { Buffer, Store } from '../program.ts'
import type { EmittedKernel } from './cells.ts'
import { flat } from './flat.ts'
import { type Declaration, Kernel } from './kernel.ts'
import type { WarpsOf } from './launch.ts'
import type { Shared } from './shared.ts'
import { apart, type Factor, partsOf, pointsOf, threadOf } from './stand.ts'

/** Threads that share one sum: most planes have some hundred terms, or parts of warps, and a wider block would wait at more barriers. */
const threads = 64

const here = { w: 0, t: 0, e: 0 }

const varies = (level: Level, of: Shared, d: number): boolean =>
  level.place === 'out' && (level.dims === allDims || (level.dims & (1 << (of.axes.length - 1 - d))) !== 0)

/** Whether every place of a window's level is apart: nothing is summed within a plane. */
const isWhole = (level: Level, of: Shared): boolean =>
  of.axes.every((axis, d) => axis.out === '1' || varies(level, of, d)) && level.place === 'out'

/** A sum is written where it is wanted: as what later kernels read, or as a gradient that is nothing else. */
const holdsOf = (to: Buffer): 'sum' | 'tensor' => (to.role === 'sum' ? 'sum' : 'tensor')

/** The factors that a level's index is made of, outermost first: the variable, and its size. */
const factorsOf = (level: Level, of: Shared): Factor[] => [
  ...(level.n ? [{ variable: 'n', size: 'samples' }] : []),
  ...(level.c ? [{ variable: 'c', size: 'channels' }] : []),
  ...(level.place === 'tap' ? [{ variable: 't', size: tapsIn(of) }] : []),
  ...of.axes.flatMap((axis, d) => (varies(level, of, d) && axis.out !== '1' ? [{ variable: axis.o, size: axis.out }] : [])),
]

/** As Kernel.tapCount gives it. */
const tapsIn = ({ program: { geometry } }: Shared): string =>
  geometry.kind === 'sliding' ? String(geometry.axes.reduce((n, a) => n * a.kernel, 1)) : 'points'

/** The variables of an index of a level, and `plane` where there are both sample and channel. */
const placeIn = (k: Kernel, level: Level, item: string): Declaration[] => [
  ...apart(k, item, k.unsigned, factorsOf(level, k.of)),
  k.constant('plane', k.of.index, `${k.dialect.cast(k.of.index, 'n')} * channels + c`),
]

/** The end of threads, or of whole blocks, beyond the last element of a level: a launch that is laid out in rows has more. */
const endOf = (k: Kernel, level: Level): Declaration => {
  const sizes = factorsOf(level, k.of).map((x) => x.size)
  const total = sizes.length === 0 ? '1' : sizes.map((x, f) => (f === 0 ? k.dialect.cast(k.unsigned, x) : x)).join(' * ')
  return { name: '', line: k.dialect.when(`item >= ${total}`, 'return;') }
}

/** The address of a term: laid out as the tensors of its level are. */
const termAddress = (k: Kernel, level: Level, place: string, tap: string): string => {
  const points = level.place === 'in' ? 'points' : 'outPoints'
  const n = k.dialect.cast(k.of.index, 'n')
  const at = k.of.first ? `(${n} * channels + c) * ${points} + ${place}` : `(${n} * ${points} + ${place}) * channels + c`
  return level.place === 'window' ? `(${at}) * ${tapsIn(k.of)} + ${tap}` : at
}

/** The place of a window in its plane. */
const placeOf = ({ axes }: Shared): string =>
  flat(
    axes.map((a) => a.o),
    axes.map((a) => a.out),
  )

/** The windows of a plane. */
const outPointsOf = (k: Kernel): Declaration => {
  const outs = k.of.axes.map((a) => a.out)
  return k.constant('outPoints', 'int', outs.join(' * '))
}

/** What a sum is made of: a term for each window or element, or a part for each warp that stands in a plane. */
export interface Terms {
  readonly buffer: Buffer
  readonly warpsOf?: WarpsOf
}

/** The warps that stand in a plane. */
const warpsIn = (k: Kernel, { items, per, each }: WarpsOf): Declaration => {
  const counts = items.map((x, d) => partsOf(k.of.axes[d]![x.of === 'extents' ? 'extent' : 'out'], x.plus, x.per))
  const all = counts.map((x) => (counts.length > 1 ? `(${x})` : x)).join(' * ')
  const parts = per === 1 ? all : `(${all} + ${per - 1}) / ${per}`
  return k.constant('warps', 'int', each === 1 ? parts : `${parts} * ${each}`)
}

/** The threads of a block put their shares together, and one of them writes the sum. */
const totalOfBlock = (k: Kernel, to: string): string[] => {
  const { sumOf, thread, block, when } = k.dialect
  return [`total = ${sumOf('Block', threads, 'total', k.of.storage.real)};`, when(`${thread} == 0`, `${to}[${block}] = total;`)]
}

/** Whether each plane has one term. */
const isOnly = ({ buffer: { level }, warpsOf }: Terms, of: Shared): boolean =>
  !warpsOf && level.place === 'out' && of.axes.every((axis) => axis.out === '1')

/** The terms of each plane to one value of each place that the sum varies with. */
const emitPlaneSums = (
  of: Shared,
  name: string,
  { buffer: terms, warpsOf }: Terms,
  parts: Buffer,
  holds: 'terms' | 'sum' | 'tensor',
): EmittedKernel => {
  const k = new Kernel(of, name)
  const from = k.array(terms, 'terms', false, warpsOf)
  const to = k.array(parts, holds, true)
  const block: string[] = [k.dialect.variables(['total'], of.storage.real, '0')]
  const { loop, thread } = k.dialect
  const level = terms.level
  let braces = 0
  let place = 'p'
  let address: string | undefined
  if (warpsOf) {
    block.push(loop('p', thread, 'warps', threads))
    braces++
    const at = `(${k.dialect.cast(of.index, 'n')} * channels + c) * warps + p`
    address = terms.level.place === 'tap' ? `(${at}) * ${tapsIn(of)} + t` : at
  } else if (parts.level.place === 'out') {
    // Some dimensions are summed over, the others lie apart; the last that is summed over is shared by the threads.
    const summed = of.axes.map((_, d) => d).filter((d) => !varies(parts.level, of, d))
    for (const d of summed) {
      const { o, out } = of.axes[d]!
      const last = d === summed.at(-1)
      block.push(last ? loop(o, thread, out, threads) : loop(o, '0', out))
      braces++
    }
    place = placeOf(of)
  } else {
    const points = level.place === 'in' ? 'points' : 'outPoints'
    block.push(loop('p', thread, points, threads))
    braces++
  }
  block.push(`total += ${from}[${address ?? termAddress(k, level, place, 't')}];`, ...Array.from({ length: braces }, () => '}'))
  block.push(...totalOfBlock(k, to))
  const item = k.constant('item', 'unsigned', k.dialect.block)
  const stand = [
    pointsOf(k),
    outPointsOf(k),
    ...(warpsOf ? [warpsIn(k, warpsOf)] : []),
    item,
    endOf(k, parts.level),
    ...placeIn(k, parts.level, 'item'),
  ]
  return {
    ...k.finish(stand, block),
    name,
    comment: 'the terms of each plane, summed by a block',
    launch: { threads, lanes: threads, items: parts.level },
  }
}

/** The planes' sums (or, where each place lies apart, the terms themselves) to the finished sum. */
const emitTotal = (of: Shared, name: string, source: Buffer, to: Buffer): EmittedKernel => {
  const k = new Kernel(of, name)
  const from = k.array(source, 'terms')
  const target = k.array(to, holdsOf(to), true)
  const { n, c } = to.level
  const isTerms = source.level.place === 'in' || (source.level.place === 'out' && isWhole(to.level, of))
  const factors = factorsOf({ ...source.level, n: true, c: true }, of)
  const inParts = flat(
    factors.map(({ variable }, f) => (f === 0 ? k.dialect.cast(of.index, variable) : variable)),
    factors.map((x) => x.size),
  )
  const address = isTerms ? termAddress(k, source.level, placeOf(of), 't') : inParts
  const loops = [...(n ? [] : ['n']), ...(c ? [] : ['c'])]
  // Where each place or channel lies apart there are sums enough for a thread each, which read side by side.
  const alone = isWhole(to.level, of) || c
  const { loop, thread } = k.dialect
  const body: string[] = [k.dialect.variables(['total'], of.storage.real, '0')]
  loops.forEach((variable, x) => {
    const size = variable === 'n' ? 'samples' : 'channels'
    const isShared = !alone && x === loops.length - 1
    body.push(isShared ? loop(variable, thread, size, threads) : loop(variable, '0', size))
  })
  body.push(`total += ${from}[${address}];`, ...loops.map(() => '}'))
  if (alone) body.push(`${target}[item] = total;`)
  else body.push(...totalOfBlock(k, target))
  const item = k.constant('item', k.unsigned, alone ? threadOf(k, threads) : k.dialect.block)
  // The plane of a term is that of the loops, not the item's.
  const own = placeIn(k, to.level, 'item').filter((x) => x.name !== 'plane')
  const stand = [pointsOf(k), outPointsOf(k), item, endOf(k, to.level), ...own]
  return {
    ...k.finish(stand, body),
    name,
    comment: 'the sums of all planes',
    launch: { threads, lanes: alone ? 1 : threads, items: to.level },
  }
}

/** The kernels that finish a sum whose terms are in memory. */
export const emitSum = (of: Shared, name: (part: string) => string, store: Store, terms: Terms): EmittedKernel[] => {
  const { to } = store
  if (isWhole(to.level, of)) return [emitTotal(of, name(`${to.name}Total`), terms.buffer, to)]
  // With one window in a plane its term is the plane's sum.
  if (isOnly(terms, of)) return [emitTotal(of, name(`${to.name}Total`), terms.buffer, to)]
  // With a sum for each plane nothing is left to add.
  if (to.level.n && to.level.c) return [emitPlaneSums(of, name(`${to.name}Total`), terms, to, holdsOf(to))]
  const parts: Buffer = { ...to, name: `${to.name}OfPlanes`, level: { ...to.level, n: true, c: true } }
  return [emitPlaneSums(of, name(parts.name), terms, parts, 'terms'), emitTotal(of, name(`${to.name}Total`), parts, to)]
}

/** A stage over parameters: a thread for each element of what is written, which adds up what else the stage varies with. */
export const emitParameters = (of: Shared, name: string, domain: Level, store: Store): EmittedKernel => {
  const k = new Kernel(of, name)
  const { s } = k
  const { to } = store
  const o = of.axes.map((a) => a.o)
  const never = (what: string) => (): never => {
    throw new Error(`a parameter's gradient reads ${what}`)
  }
  const frame: Frame = {
    elementKey: () => 0,
    given: () => undefined,
    tensor: (node) =>
      s.load(k.array(k.bufferOf(node), node.role === 'sum' ? 'sum' : 'tensor'), k.int(k.levelIndex(node.level, o, 't')), 'float'),
    geometry: (what) => (what === 'tap' ? k.int('t') : never(`a window's ${what}`)()),
    random: (node) => k.random(s, node, k.drawIndex(node, o, 't', never('an element'))),
    taps: never('taps'),
    covers: never('covers'),
    flatIndex: never('a flat index'),
    suffix: () => '',
  }
  const block = k.block()
  const array = k.array(to, holdsOf(to), true)
  const instantiate = instantiator(s, frame, of.labels)
  const value = instantiate(store.value, here)
  const own = new Set(factorsOf(to.level, of).map((x) => x.variable))
  const summed = factorsOf(domain, of).filter((x) => !own.has(x.variable))
  const stand = placeIn(k, to.level, 'item')
  const statement = (line: (text: string) => string): Statement => ({ values: [value], line: (text) => line(text(value)) })
  if (store.how === 'set') block.write([statement((text) => k.store(array, 'item', value, text))])
  else {
    block.line(k.dialect.variables(['total'], of.storage.real, '0'))
    for (const { variable, size } of summed) block.line(k.dialect.loop(variable, '0', size))
    const inside = block.child()
    if (domain.n && domain.c && of.first && !(to.level.n && to.level.c))
      inside.line(k.dialect.constant('plane', of.index, `${k.dialect.cast(of.index, 'n')} * channels + c`))
    inside.write([statement((text) => `total += ${text};`)])
    block.lines.push(...inside.lines, ...summed.map(() => '}'), `${array}[item] = total;`)
  }
  const item = k.constant('item', k.unsigned, threadOf(k, threads))
  const isOwnPlane = to.level.n && to.level.c
  return {
    ...k.finish([pointsOf(k), item, endOf(k, to.level), ...stand.filter((x) => x.name !== 'plane' || isOwnPlane)], block.lines),
    name,
    comment: store.how === 'set' ? 'gradients of parameters' : 'sums over parameters',
    launch: { threads, lanes: 1, items: to.level },
  }
}
