/**
 * How much text a window takes when it is written out, in operations of about one machine instruction each: what bounds the
 * windows that a thread takes, and what is looped over instead. NVRTC's time grows faster than the text.
 */

import { reachOf, spanOf } from '../covers.ts'
import { type Node, topological } from '../ir.ts'
import type { Program } from '../program.ts'
import type { GpuSchedule } from './schedule.ts'

/** Taps that a window may have when written out; NVRTC's time grows faster than the text beyond. */
export const unrollBudget = 128

/** Operations that a kernel's text may have by default, and at the most. */
export const textBudget = { usual: 2000, most: 4000 } as const

/** Machine instructions of one operation, from the PTX of NVRTC 13. */
const costOf = (node: Node): number => {
  switch (node.op) {
    case 'const':
    case 'geometry':
      return 0
    case 'tensor':
    case 'select':
    case 'flatIndex':
      return 2
    case 'random':
      return node.kind === 'normal' ? 150 : 90
    case 'reduce':
      return node.over === 'taps' && node.by !== 'sum' ? 3 : 1
    case 'unary':
      switch (node.fn) {
        case 'exp':
        case 'sigmoid':
          return 12
        case 'log':
        case 'tanh':
          return 25
        case 'softplus':
          return 40
        case 'sqrt':
          return 8
        case 'neg':
        case 'abs':
        case 'sign':
        case 'detach':
          return 1
        default:
          return node satisfies never
      }
    case 'binary':
      return node.fn === 'pow' ? (node.b.op === 'const' ? 40 : 90) : node.fn === 'div' ? 10 : 1
    default:
      return node satisfies never
  }
}

/** How often a value is made: for each tap of a window, since a reduction takes each tap in; for each element or window; or once. */
const timesOf = (node: Node): 'tap' | 'element' | 'window' | 'once' => {
  if (node.op === 'reduce') return node.over === 'batch' ? 'once' : 'tap'
  switch (node.level.place) {
    case 'window':
      return 'tap'
    case 'in':
      return 'element'
    case 'tap':
      return node.op === 'random' ? 'tap' : 'once'
    case 'out':
      return 'window'
    case 'none':
      return 'once'
    default:
      return node.level.place satisfies never
  }
}

/** Operations that are written for each window, each of its taps, and each element, over all that a program computes. */
interface Operations {
  readonly perTap: number
  readonly perElement: number
  readonly perWindow: number
}

const operationsOf = (program: Program): Operations => {
  const stores = program.stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))
  const values = [...stores.map((x) => x.value), ...program.carriers.map((x) => x.value)]
  const sums = { tap: 0, element: 0, window: 0, once: 0 }
  for (const node of topological(values)) sums[timesOf(node)] += costOf(node)
  return { perTap: sums.tap, perElement: sums.element, perWindow: sums.window }
}

/** Whether elements get gradients. */
export const isDense = (program: Program): boolean => program.stages.some((s) => s.visits === 'elements')

/** The taps of a window, where their number is known. */
export const tapsOf = (program: Program): number =>
  program.geometry.kind === 'sliding' ? program.geometry.axes.reduce((k, a) => k * a.kernel, 1) : Number.POSITIVE_INFINITY

/** What a text is made for, as far as its length goes. */
export interface TextSize {
  readonly outputsPerThread: readonly number[]
  readonly phases: GpuSchedule['phases']
  readonly border: GpuSchedule['border']
  /** Neighbouring channels that one text is for. */
  readonly channels: number
}

/** Windows whose values a thread makes: its own, and, where it makes those that its elements need, their neighbours. */
const windowsOf = (program: Program, outputs: readonly number[], phases: GpuSchedule['phases']): number => {
  const { geometry } = program
  if (geometry.kind !== 'sliding') return 1
  const before = (d: number): number =>
    phases === 'fused' && isDense(program) ? Math.floor((spanOf(geometry.axes[d]!) - 1) / geometry.axes[d]!.stride) : 0
  return outputs.reduce((n, m, d) => n * (m + before(d)), 1)
}

/** Elements that windows of so many taps read, each made once however many read it; and those that a thread gathers for. */
const elementsOf = (program: Program, outputs: readonly number[], taps: number): number => {
  const { geometry } = program
  if (geometry.kind !== 'sliding') return taps
  const spanned = geometry.axes.reduce((n, axis, d) => n * reachOf(axis, outputs[d]!), 1)
  const own = geometry.axes.reduce((n, axis, d) => n * outputs[d]! * axis.stride, 1)
  return Math.max(Math.min(taps, spanned), isDense(program) ? own : 0)
}

/** The operations of the text of one kernel whose windows are written out. */
export const operationsIn = (program: Program, { outputsPerThread, phases, border, channels }: TextSize): number => {
  const { perTap, perElement, perWindow } = operationsOf(program)
  const texts = border === 'split' ? 2 : 1
  const windows = windowsOf(program, outputsPerThread, phases)
  const taps = windows * tapsOf(program)
  const elements = elementsOf(program, outputsPerThread, taps)
  return texts * channels * (taps * perTap + elements * perElement + windows * perWindow)
}
