/** Kernels whose windows are looped over: one over the windows, and one over the elements that gathers from them. */
import { type Level, levels } from '../../dsl/level.ts'
import type { Statement } from '../emit/block.ts'
import { frontierOf } from '../emit/frontier.ts'
import { type Frame, instantiator } from '../emit/instantiate.ts'
import type { Scalar } from '../emit/scalar.ts'
import { type CoverSum, type Node, topological } from '../ir.ts'
import type { Store } from '../program.ts'
import { coversAlong } from './bounds.ts'
import { type EmittedKernel, termsOf, type Work } from './cells.ts'
import { flat } from './flat.ts'
import { Kernel } from './kernel.ts'
import type { Counted } from './launch.ts'
import { looped } from './loops.ts'
import { lanesOf, lanesOfBlocks, type Parts } from './running.ts'
import type { Shared } from './shared.ts'
import { standOf, threadOf } from './stand.ts'

const here = { w: 0, t: 0, e: 0 }

/** A value for each plane, which is a window of global pooling. */
const perPlane: Level = { n: true, c: true, place: 'none', dims: 0 }

/** Where a sum's terms are kept for each window and tap. */
const isPerTap = (store: Store): boolean => store.how === 'add' && store.to.level.place === 'tap'

/** Where the parts of a window stand that several blocks leave: one array a reduction. */
const partsOfBlocks = (k: Kernel, count: number, written: boolean): Parts => ({
  count,
  array: (name, type) =>
    k.array({ name: `${name}OfBlocks`, role: 'sum', level: perPlane, type }, 'terms', written, {
      items: [],
      per: 1,
      each: count,
    }),
})

/** The kernels that leave each block's part of each sweep. */
const emitParts = (of: Shared, name: string, values: readonly Node[], blocks: number): EmittedKernel[] => {
  const { threads } = of.schedule
  const kernels: EmittedKernel[] = []
  for (let number = 0; ; number++) {
    const k = new Kernel(of, `${name}Sweep${number + 1}`)
    const code = looped(k, lanesOfBlocks(blocks, threads))
    const sweeps = code.sweepsFor(values)
    const own = sweeps[number]
    if (!own) return kernels
    const block = k.block()
    for (const sweep of sweeps.slice(0, number)) code.takeUp(block, sweep, partsOfBlocks(k, blocks, false))
    code.sweep(block, own)
    block.line('if (lane == 0) {')
    for (const line of code.putDown(own, partsOfBlocks(k, blocks, true))) block.line(line)
    block.line('}')
    const stand = standOf(
      k,
      of.axes.map((a) => ({ variable: a.o, step: 1, count: a.out })),
      { cell: `${k.dialect.block} / ${blocks}`, stays: false },
    )
    const place = [k.constant('part', 'int', `${k.dialect.block} % ${blocks}`), k.constant('lane', 'int', k.dialect.thread)]
    kernels.push({
      ...k.finish([...stand, ...place, ...code.declarations], block.lines),
      name: k.name,
      comment: `sweep ${number + 1} of each window, a part by each of ${blocks} blocks`,
      launch: { threads, lanes: threads * blocks, items: outputs(of) },
    })
  }
}

const outputs = (of: Shared): Counted[] =>
  Array.from({ length: of.program.geometry.dims }, () => ({ of: 'outExtents', plus: 0, per: 1 }))

/** The kernels over windows: one, or, where blocks share a window, one for each sweep before it. */
export const emitLoopedWindows = (of: Shared, name: string, comment: string, work: Work): EmittedKernel[] => {
  const { lanes } = of.schedule
  if (typeof lanes !== 'object') return [emitWindowLoop(of, name, comment, work, undefined)]
  const values = work.windows.map((x) => x.value)
  return [...emitParts(of, name, values, lanes.blocks), emitWindowLoop(of, name, comment, work, lanes.blocks)]
}

const emitWindowLoop = (of: Shared, name: string, comment: string, work: Work, blocks: number | undefined): EmittedKernel => {
  const k = new Kernel(of, name)
  const { geometry } = of.program
  const { threads } = of.schedule
  // Where blocks have left the parts, a thread puts them together.
  const lanes = lanesOf(typeof of.schedule.lanes === 'object' ? 1 : of.schedule.lanes, threads)
  const isShared = lanes.count > 1
  const when = (statement: string): string => k.where(isShared ? 'live' : undefined, statement)
  const code = looped(k, lanes)
  const block = k.block()
  const perWindow = work.windows.filter((x) => !isPerTap(x))
  const perTap = work.windows.filter(isPerTap)
  for (const sweep of code.sweepsFor([...work.windows, ...work.elements].map((x) => x.value))) {
    if (blocks === undefined) code.sweep(block, sweep)
    else code.takeUp(block, sweep, partsOfBlocks(k, blocks, false))
  }
  // Where lanes share a window one of them writes, in a scope of its own.
  const inside = isShared ? block.child() : block
  inside.write(
    perWindow.map((store): Statement => {
      const { to } = store
      const array =
        to.role === 'carrier'
          ? k.carrier(to, true)
          : store.how === 'add'
            ? k.array(termsOf(store, 'windows'), 'terms', true)
            : k.array(to, 'tensor', true)
      const isOwn = store.how === 'set' && to.of !== undefined
      const index = isOwn
        ? k.levelIndex(
            to.level,
            of.axes.map((a) => a.o),
            '0',
          )
        : code.windowAddress
      const value = code.ofWindow(store.value)
      return { values: [value], line: (text) => k.store(array, index, value, text(value)) }
    }),
  )
  if (isShared && inside.lines.length > 0) block.lines.push('if (live && lane == 0) {', ...inside.lines, '}')
  for (const store of perTap) {
    const array = k.array(termsOf(store, 'windows'), 'terms', true)
    const taps = k.tapCount()
    const target = (tap: string): string => `${array}[${code.windowAddress} * ${taps} + ${tap}]`
    code.overTaps(
      block,
      [store.value],
      (into, instantiate) => {
        const value = instantiate(store.value, here)
        into.write([{ values: [value], line: (text) => when(`${target(code.tapIndex)} = ${text(value)};`) }])
      },
      geometry.kind === 'sliding' ? when(`${target(code.tapIndex)} = 0;`) : undefined,
    )
    // Windows of any size have terms for as many taps as the largest could have.
    if (geometry.kind === 'adaptive') {
      const [first, step] = isShared ? [`${code.tapCount} + lane`, lanes.count] : [code.tapCount, 1]
      block.lines.push(...k.dialect.loopOver('t', first, taps, step, when(`${target('t')} = 0;`)))
    }
  }
  if (work.elements.length > 0) {
    code.overTaps(
      block,
      work.elements.map((x) => x.value),
      (into, instantiate) => {
        into.write(
          work.elements.map((store): Statement => {
            const terms = store.how === 'add'
            const array = terms ? k.array(termsOf(store, 'elements'), 'terms', true) : k.array(store.to, 'tensor', true)
            const value = instantiate(store.value, here)
            return {
              values: [value],
              line: (text) => when(k.store(array, code.elementAddress, value, text(value))),
            }
          }),
        )
      },
    )
  }
  const thread = threadOf(k, threads)
  const item = lanes.of === 'Block' ? k.dialect.block : isShared ? `(${thread}) / ${lanes.count}` : thread
  const lane = lanes.of === 'Block' ? k.dialect.thread : `${k.dialect.thread} % ${lanes.count}`
  const stand = standOf(
    k,
    of.axes.map((a) => ({ variable: a.o, step: 1, count: a.out })),
    { cell: item, stays: isShared },
  )
  const declarations = [...stand, k.constant('lane', 'int', lane), ...code.declarations]
  return {
    ...k.finish(declarations, block.lines),
    name,
    comment,
    launch: {
      threads,
      lanes: lanes.count,
      items: outputs(of),
    },
  }
}

/** Each element gathers from the windows that cover it. */
export const emitLoopedElements = (of: Shared, name: string, comment: string, stores: readonly Store[]): EmittedKernel => {
  const k = new Kernel(of, name)
  const { s } = k
  const { axes, program, schedule } = of
  const { geometry } = program
  const i = axes.map((a) => a.i)
  const o = axes.map((a) => a.o)
  const covers = axes.map((names, d) => coversAlong(k.dialect, geometry, d, names))
  const tap = flat(
    covers.map((x) => x.tap),
    covers.map((x) => x.kernel),
  )
  const inPlane = k.inPlane(i)
  const sums = new Map<CoverSum, Scalar>()
  const atWindow = (array: string, node: Node): Scalar => s.load(array, k.int('outAt'), node.type)
  const draw = (node: Parameters<Frame['random']>[0] | Parameters<Frame['tensor']>[0]): string =>
    k.drawIndex(node, o, tap, () => inPlane)
  const never = (what: string) => (): never => {
    throw new Error(`an element reads ${what}`)
  }
  const frame: Frame = {
    elementKey: () => 0,
    given: (node) => {
      const buffer = of.carriers.get(node)
      return buffer && atWindow(k.carrier(buffer), node)
    },
    tensor: (node) => {
      const array = k.array(k.bufferOf(node))
      if (node.role === 'input' || node.role === 'tensor') return s.load(array, k.int('at'), 'float')
      if (node.role === 'cotangent') return atWindow(array, node)
      return s.load(array, k.int(draw(node)), 'float')
    },
    geometry: (what) => (what === 'tap' ? k.int(tap) : never(`a window's ${what}`)()),
    random: (node) => k.random(s, node, draw(node)),
    taps: never('a reduction that nobody carries'),
    covers: (node) => sums.get(node)!,
    flatIndex: never('a flat index'),
    suffix: () => '',
  }
  const block = k.block()
  const nodes = topological(stores.map((x) => x.value)).filter((x): x is CoverSum => x.op === 'reduce' && x.over === 'covers')
  const outside = instantiator(s, frame, of.labels)
  const isFixed = (x: Node): boolean => x.level.place === 'in' || x.level.place === 'none'
  const fixed = frontierOf(
    nodes.map((x) => x.a),
    (x) => isFixed(x) || of.carriers.has(x),
  ).filter((x) => isFixed(x) && x.op !== 'const')
  block.name(fixed.map((x) => outside(x, here)))
  for (const node of nodes) {
    const sum = block.fresh('sum')
    block.line(k.dialect.variables([sum], of.storage.real, '0'))
    sums.set(node, s.atom(sum, 'float'))
  }
  if (nodes.length > 0) {
    for (const { lines } of covers) for (const line of lines) block.line(line)
    const inside = block.child()
    const within = [k.dialect.constant('outAt', of.index, k.address(k.position('out', o)))]
    const instantiate = instantiator(s, frame, of.labels)
    inside.write(
      nodes.map((node): Statement => {
        const value = instantiate(node.a, here)
        return { values: [value], line: (text) => `${text(sums.get(node)!)} += ${text(value)};` }
      }),
    )
    const braces = covers.reduce((n, x) => n + x.braces, 0)
    // One window covers all of a plane: no loop, and yet a scope.
    if (braces === 0) block.line('{')
    block.lines.push(...within, ...inside.lines, ...Array.from({ length: Math.max(1, braces) }, () => '}'))
  }
  const finished = instantiator(s, frame, of.labels)
  block.write(
    stores.map((store): Statement => {
      const array =
        store.how === 'add' ? k.array({ ...store.to, level: levels.input }, 'terms', true) : k.array(store.to, 'tensor', true)
      const value = finished(store.value, here)
      return { values: [value], line: (text) => k.store(array, 'at', value, text(value)) }
    }),
  )
  const { threads } = schedule
  const stand = standOf(
    k,
    axes.map((a) => ({ variable: a.i, step: 1, count: a.extent })),
    { cell: threadOf(k, threads), stays: false },
  )
  const address = k.constant('at', of.index, k.address(k.position('extent', i)))
  return {
    ...k.finish([...stand, address], block.lines),
    name,
    comment,
    launch: { threads, lanes: 1, items: Array.from({ length: geometry.dims }, () => ({ of: 'extents', plus: 0, per: 1 })) },
  }
}
