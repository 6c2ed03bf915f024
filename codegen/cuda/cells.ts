/**
 * Kernels whose windows are written out: each thread takes a cell of windows, or the elements between the starts of such
 * windows, and writes what belongs to them.
 */
import { levels, sameLevel } from '../../dsl/level.ts'
import { spanOf } from '../covers.ts'
import type { Block, Statement } from '../emit/block.ts'
import type { Scalar } from '../emit/scalar.ts'
import type { Store } from '../program.ts'
import { type Cell, cellOf, vectorsBelow } from './cell.ts'
import type { Standing } from './edges.ts'
import { type Ground, groundOf, type Vector } from './ground.ts'
import { type FinishedKernel, Kernel, type Shared } from './kernel.ts'
import type { Counted, LaunchShape } from './launch.ts'
import { partsOf, standOf, threadOf } from './stand.ts'

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

/** The statements of one text. */
const statementsOf = (k: Kernel, ground: Ground, cell: Cell, standing: Standing, outputs: Vector, work: Work): Statement[] => {
  const { edges, s } = cell
  const statements: Statement[] = []
  const set = (condition: Scalar | undefined, array: string, index: Scalar, value: Scalar): void => {
    statements.push({
      values: condition ? [condition, value] : [value],
      line: (text) =>
        `${condition ? `if (${text(condition)}) ` : ''}${array}[${text(index)}] = ${k.stored(array, value, text(value))};`,
    })
  }
  const int = (text: string): Scalar => s.atom(text, 'int')
  for (const w of vectorsBelow(outputs)) {
    const exists = edges.window(w)
    const at = ground.windowAddress(w)
    for (const store of work.windows) {
      const { to, value } = store
      if (to.role === 'carrier') set(exists, k.carrier(to, true), int(at), cell.ofWindow(value, w))
      else if (store.how === 'set') {
        const index = to.of === undefined ? at : k.levelIndex(to.level, cell.coordinates(w), '0')
        set(exists, k.array(to, 'tensor', true), int(index), cell.ofWindow(value, w))
      } else {
        const terms = termsOf(store, 'windows')
        const array = k.array(terms, 'terms', true)
        if (sameLevel(terms.level, levels.output)) set(exists, array, int(at), cell.ofWindow(value, w))
        else {
          for (const t of cell.taps) {
            const index = `(${at}) * ${cell.taps.length} + ${cell.tapIndex(t)}`.replace(/\((\w+)\)/g, '$1')
            const valid = edges.element(ground.axes.map((a, d) => w[d]! * a.stride + t[d]! * a.dilation))
            const term = cell.ofTap(value, w, t)
            // A tap outside adds nothing, but its term is read all the same.
            set(exists, array, int(index), valid ? s.op('choose', [valid, term, s.constant(0)]) : term)
          }
        }
      }
    }
  }
  if (work.elements.length === 0) return statements
  for (const e of vectorsBelow(ground.axes.map((a, d) => outputs[d]! * a.stride))) {
    const exists = standing === 'interior' ? undefined : edges.element(e)
    for (const store of work.elements) {
      const terms = store.how === 'add'
      const array = terms ? k.array(termsOf(store, 'elements'), 'terms', true) : k.array(store.to, 'tensor', true)
      set(exists, array, int(ground.elementAddress(e)), cell.ofElement(store.value, e))
    }
  }
  return statements
}

/** The condition under which nothing around a cell is missing: every window that it reads, and every element of those. */
const interiorOf = (k: Kernel, ground: Ground, outputs: Vector, gathers: boolean): string =>
  ground.axes
    .flatMap((axis, d) => {
      const names = k.of.axes[d]!
      const before = gathers ? -Math.floor((spanOf(axis) - 1) / axis.stride) : 0
      const least = before * axis.stride
      const most = Math.max((outputs[d]! - 1) * axis.stride + spanOf(axis), gathers ? outputs[d]! * axis.stride : 0)
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
  const text = (into: Block, standing: Standing): string[] => {
    const block = into.child()
    const cell = cellOf(k, ground, standing, gathers, values)
    block.write(statementsOf(k, ground, cell, standing, outputs, work))
    return block.lines
  }
  const items: Counted[] = geometry.axes.map((axis, d) =>
    gathers ? { of: 'extents', plus: axis.low, per: axis.stride * outputs[d]! } : { of: 'outExtents', plus: 0, per: outputs[d]! },
  )
  const { threads } = of.schedule
  const stand = standOf(
    k,
    items.map(({ plus, per }, d) => ({
      variable: of.axes[d]!.o,
      step: outputs[d]!,
      count: partsOf(gathers ? of.axes[d]!.extent : of.axes[d]!.out, plus, per),
    })),
    { cell: threadOf(k, threads), stays: false },
  )
  const block = k.block()
  const standing = gathers ? 'elements' : 'windows'
  const border = text(block, standing)
  const body =
    of.schedule.border === 'split'
      ? [`if (${interiorOf(k, ground, outputs, gathers)}) {`, ...text(block, 'interior'), '} else {', ...border, '}']
      : border
  const finished = k.finish([...stand, ...ground.declarations()], body)
  return { ...finished, name, comment, launch: { threads, lanes: 1, items } }
}
