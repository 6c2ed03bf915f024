/**
 * Kernels whose windows are written out: each thread takes a cell of windows, or the elements between the starts of such
 * windows, and writes what belongs to them.
 */
import { levels, sameLevel } from '../../dsl/level.ts'
import { reachOf, spanOf } from '../covers.ts'
import type { Block, Statement } from '../emit/block.ts'
import { type Scalar, Scalars } from '../emit/scalar.ts'
import type { Store } from '../program.ts'
import { type Access, accessOf, type Touched } from './access.ts'
import { type Cell, cellOf } from './cell.ts'
import { type Edges, edgesOf, type Standing } from './edges.ts'
import { bracketed, plus } from './flat.ts'
import { type Ground, groundOf, type Vector } from './ground.ts'
import { type FinishedKernel, Kernel, withDeclarations } from './kernel.ts'
import { type Counted, type LaunchShape, type WarpsOf, warp } from './launch.ts'
import { vectorsBelow } from './places.ts'
import type { Shared } from './shared.ts'
import { stagePlanes, stageTile, tileShape } from './staging.ts'
import { partsOf, standOf, standOfPlanes, standOfTiles, standOfWarps, threadOf } from './stand.ts'
import { gatherWarps, type WarpPlace, type WarpSums, warpSumsOf } from './warp-sums.ts'

export interface EmittedKernel extends FinishedKernel {
  readonly name: string
  readonly comment: string
  readonly launch: LaunchShape
}

/** What a kernel writes: for each window, and for each element. */
export interface Work {
  readonly windows: readonly Store[]
  readonly elements: readonly Store[]
}

/** Where the terms of a sum stand: one a window, one a window and tap, or one an element. */
export const termsOf = (store: Store, of: 'windows' | 'elements'): Store['to'] => ({
  ...store.to,
  level: of === 'elements' ? levels.input : store.to.level.place === 'tap' ? levels.window : levels.output,
})

/** Writes what belongs to a cell, for one channel. What has a place of its own in no tensor of the network is returned. */
const writeCell = (
  k: Kernel,
  s: Scalars,
  ground: Ground,
  { cell, access, edges, channel }: { cell: Cell; access: Access; edges: Edges; channel: number },
  work: Work,
  { sums, mayStay }: { sums: WarpSums | undefined; mayStay: boolean },
): Statement[] => {
  const outputs = k.of.schedule.outputsPerThread
  const statements: Statement[] = []
  const live = (condition: Scalar | undefined): Scalar | undefined => {
    if (!mayStay) return condition
    const own = s.atom('live', 'int')
    return condition ? s.op('and', [own, condition], 'int') : own
  }
  const windowIsLive = (w: Vector): Scalar | undefined => live(edges.window(w))
  const elementIsLive = (e: Vector): Scalar | undefined => live(edges.element(e))
  const only = (condition: Scalar | undefined, value: Scalar): Scalar =>
    condition ? s.op('choose', [condition, value, s.constant(0)]) : value
  const put = (name: string, value: Scalar): void => {
    statements.push({ values: [value], line: (text) => `${name} = ${text(value)};` })
  }
  const windows = vectorsBelow(outputs)
  const elements = vectorsBelow(ground.axes.map((a, d) => outputs[d]! * a.stride))
  const tapOf = (w: Vector, t: Vector): Vector => ground.axes.map((a, d) => w[d]! * a.stride + t[d]! * a.dilation)
  for (const { store, parts } of sums?.windows ?? []) {
    const isPerTap = parts.length > 1 || store.to.level.place === 'tap'
    parts.forEach((name, at) => {
      const t = cell.taps[at]!
      const terms = windows.map((w) =>
        isPerTap
          ? only(edges.window(w), only(edges.element(tapOf(w, t)), cell.ofTap(store.value, w, t)))
          : only(edges.window(w), cell.ofWindow(store.value, w)),
      )
      put(name, s.sum(terms))
    })
  }
  for (const { store, parts } of sums?.elements ?? [])
    put(parts[0]!, s.sum(elements.map((e) => only(edges.element(e), cell.ofElement(store.value, e)))))
  const isSummed = (store: Store): boolean => sums?.has(store) ?? false
  const set = (condition: Scalar | undefined, array: string, index: string, value: Scalar): void => {
    statements.push({
      values: condition ? [condition, value] : [value],
      line: (text) => k.where(condition && text(condition), k.store(array, index, value, text(value))),
    })
  }
  for (const w of windows) {
    for (const store of work.windows) {
      if (isSummed(store)) continue
      const { to, value } = store
      const terms = store.how === 'add' ? termsOf(store, 'windows') : undefined
      if (terms && !sameLevel(terms.level, levels.output)) {
        const array = k.array(terms, 'terms', true)
        for (const t of cell.taps) {
          const at = plus(ground.windowAddress(w), channel)
          const index = `${bracketed(at)} * ${cell.taps.length} + ${cell.tapIndex(t)}`
          // A tap outside adds nothing, but its term is read all the same.
          set(windowIsLive(w), array, index, only(edges.element(tapOf(w, t)), cell.ofTap(value, w, t)))
        }
      } else if (store.how === 'set' && to.of !== undefined) {
        const index = k.levelIndex(to.level, cell.coordinates(w), '0', plus('c', channel))
        set(windowIsLive(w), k.array(to, 'tensor', true), index, cell.ofWindow(value, w))
      } else {
        const array = terms
          ? k.array(terms, 'terms', true)
          : to.role === 'carrier'
            ? k.carrier(to, true)
            : k.array(to, 'tensor', true)
        access.write(array, 'out', w, windowIsLive, cell.ofWindow(value, w))
      }
    }
  }
  if (work.elements.length === 0) return statements
  for (const e of elements) {
    for (const store of work.elements) {
      if (isSummed(store)) continue
      const array = store.how === 'add' ? k.array(termsOf(store, 'elements'), 'terms', true) : k.array(store.to, 'tensor', true)
      access.write(array, 'row', e, elementIsLive, cell.ofElement(store.value, e))
    }
  }
  return statements
}

/** The elements of the last axis that a cell reads or writes. */
const touchedBy = (ground: Ground, outputs: Vector, gathers: boolean, fused: boolean): Touched => {
  const last = ground.axes.length - 1
  const { kernel, stride, dilation } = ground.axes[last]!
  const m = outputs[last]!
  const before = gathers ? Math.floor(((kernel - 1) * dilation) / stride) : 0
  const windows = Array.from({ length: m + before }, (_, x) => x - before)
  const own = gathers ? Array.from({ length: m * stride }, (_, x) => x) : []
  const read =
    gathers && !fused ? [] : windows.flatMap((w) => Array.from({ length: kernel }, (_, t) => w * stride + t * dilation))
  return { row: new Set([...own, ...read]), out: new Set(windows) }
}

/** The condition under which nothing around a cell is missing: every window that it reads, and every element of those. */
const interiorOf = (k: Kernel, ground: Ground, outputs: Vector, gathers: boolean): string =>
  ground.axes
    .flatMap((axis, d) => {
      const names = k.of.axes[d]!
      const before = gathers ? -Math.floor((spanOf(axis) - 1) / axis.stride) : 0
      const least = before * axis.stride
      const most = Math.max(reachOf(axis, outputs[d]!), gathers ? outputs[d]! * axis.stride : 0)
      const conditions = [`${ground.window(d, outputs[d]!)} <= ${names.out}`, `${ground.element(d, most)} <= ${names.extent}`]
      if (before < 0) conditions.push(`${ground.window(d, before)} >= 0`)
      if (least - axis.low < 0) conditions.push(`${ground.element(d, least)} >= 0`)
      return conditions
    })
    .join(' && ')

export const emitCells = (of: Shared, name: string, comment: string, work: Work): EmittedKernel => {
  const { geometry } = of.program
  if (geometry.kind !== 'sliding') throw new Error('only sliding windows are written out')
  const k = new Kernel(of, name)
  const gathers = work.elements.length > 0
  const outputs = of.schedule.outputsPerThread
  const ground = groundOf(k, geometry.axes)
  const values = [...work.windows, ...work.elements].map((x) => x.value)
  const sums = warpSumsOf(
    k,
    work,
    geometry.axes.reduce((n, x) => n * x.kernel, 1),
  )
  const { vectors } = of
  const { threads } = of.schedule
  const items: Counted[] = geometry.axes.map((axis, d) =>
    gathers ? { of: 'extents', plus: axis.low, per: axis.stride * outputs[d]! } : { of: 'outExtents', plus: 0, per: outputs[d]! },
  )
  const axes = items.map(({ plus, per }, d) => ({
    variable: of.axes[d]!.o,
    step: outputs[d]!,
    count: partsOf(gathers ? of.axes[d]!.extent : of.axes[d]!.out, plus, per),
  }))
  // Elements that gather what is carried read no windows: there is nothing to share.
  const fused = of.carriers.size === 0
  const staging = gathers && !fused ? 'none' : of.staging
  const staged =
    staging === 'none'
      ? undefined
      : 'tile' in staging
        ? stageTile(k, ground, staging.tile, tileShape(geometry.axes, outputs, staging.tile, gathers))
        : stagePlanes(k, staging.planes)
  const isTiled = staging !== 'none' && 'tile' in staging
  const mayStay = sums !== undefined || isTiled
  const channels = Array.from({ length: vectors.channels }, (_, j) => j)
  const touched = touchedBy(ground, outputs, gathers, fused)
  const text = (into: Block, standing: Standing): string[] => {
    const block = into.child()
    const s = new Scalars()
    const edges = edgesOf(k, s, ground, standing)
    const access = accessOf(k, s, ground, touched, staged)
    const apart = channels.flatMap((j) => {
      const own = access(j)
      const cell = cellOf(k, s, ground, { edges, access: own, gathers, channel: j, channels: channels.length, roots: values })
      return writeCell(k, s, ground, { cell, access: own, edges, channel: j }, work, { sums, mayStay })
    })
    block.write([...apart, ...access(0).statements()])
    return block.lines
  }
  const block = k.block()
  const standing = gathers ? 'elements' : 'windows'
  const border = text(block, standing)
  const body =
    of.schedule.border === 'split'
      ? [`if (${interiorOf(k, ground, outputs, gathers)}) {`, ...text(block, 'interior'), '} else {', ...border, '}']
      : border
  const withSums = (lines: readonly string[], warpsOf: WarpsOf, place: WarpPlace): string[] => {
    if (!sums) return [...lines]
    const shares = [...sums.windows, ...sums.elements].flatMap((x) => x.parts)
    const begin = k.dialect.variables(shares, of.storage.real, '0')
    return [begin, ...lines, ...gatherWarps(k, sums, warpsOf, place)]
  }
  if (staged && staging !== 'none' && 'tile' in staging) {
    const { tile } = staging
    const { before, own } = standOfTiles(k, axes, tile)
    const tiles = items.map((x, d) => ({ ...x, per: x.per * tile[d]! }))
    const warpsOf: WarpsOf = { items: tiles, per: 1, each: threads / warp }
    const index = `${k.dialect.block} * ${threads / warp} + ${k.dialect.thread} / ${warp}`
    const lines = withSums(body, warpsOf, { index, condition: [] })
    const inner = withDeclarations([...own, ...ground.declarations(), staged.base], lines)
    return {
      ...k.finish(before, [...staged.fill(), ...inner]),
      name,
      comment,
      launch: { threads, lanes: threads, items: tiles },
    }
  }
  if (staged && staging !== 'none' && 'planes' in staging) {
    const { before, own } = standOfPlanes(k, axes, staging.planes)
    const inner = withDeclarations([...own, ...ground.declarations(), staged.base], body)
    const lines = [...staged.fill(), k.dialect.loop('item', k.dialect.thread, 'planes * cells', threads), ...inner, '}']
    const bytes = staged.count() * (of.storage.real === 'float' ? 4 : 8)
    return {
      ...k.finish(before, lines),
      name,
      comment,
      launch: { threads, lanes: threads, items: [], planes: { count: staging.planes, bytes } },
    }
  }
  const thread = threadOf(k, threads)
  const stand = sums
    ? standOfWarps(k, axes, thread)
    : standOf(k, axes, { cell: thread, stays: false, channels: vectors.channels })
  const condition = k.dialect.together ? ['cell < slots'] : []
  const lines = withSums(body, { items, per: warp, each: 1 }, { index: `cell / ${warp}`, condition })
  return {
    ...k.finish([...stand, ...ground.declarations()], lines),
    name,
    comment,
    launch: { threads, lanes: 1, items, channels: vectors.channels, ...(sums && { multiple: warp }) },
  }
}
