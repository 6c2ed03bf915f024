/** What is written out, and how many windows a thread takes, where nothing was measured: in every language for GPUs. */
import { areDisjoint, reachOf } from '../covers.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'
import { operationsIn, tapsOf, textBudget, unrollBudget } from './cost.ts'
import type { GpuSchedule } from './schedule.ts'

/** Registers that the elements of a thread's windows may take: more spill. */
const elementsBudget = 48

/** Elements that a thread of so many windows reads. */
const elementsOf = (program: Program, outputs: readonly number[]): number =>
  program.geometry.kind === 'sliding' ? program.geometry.axes.reduce((k, axis, d) => k * reachOf(axis, outputs[d]!), 1) : 1

/** Values that the program computes for each tap of a window: each may take a register. */
const valuesPerTap = (program: Program): number => {
  const stores = program.stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))
  return topological(stores.map((x) => x.value)).filter((x) => x.level.place === 'window').length
}

export interface Cells extends Pick<GpuSchedule, 'phases'> {
  readonly unrolled: boolean
  readonly outputs: readonly number[]
  /** Whether so many windows, of so many channels, can be written out in one thread. */
  readonly fits: (outputs: readonly number[], channels?: number) => boolean
}

/** @param pinned - axes that are pinned: what depends on one of them follows it */
export const cellsFor = (program: Program, pinned: Readonly<Record<string, unknown>>): Cells => {
  const { geometry } = program
  const taps = tapsOf(program)
  const one = Array.from({ length: geometry.dims }, () => 1)
  const isShort = (outputsPerThread: readonly number[], channels = 1): boolean =>
    operationsIn(program, { outputsPerThread, phases: 'carried', border: 'predicated', channels }) <= textBudget.usual
  const unrolled = pinned.unroll === undefined ? taps <= unrollBudget && isShort(one) : pinned.unroll === 'all'
  const perTap = 1 + valuesPerTap(program)
  const fits = (outputs: readonly number[], channels = 1): boolean => {
    const n = outputs.reduce((a, b) => a * b, channels)
    return elementsOf(program, outputs) * channels + taps * n * (perTap - 1) <= elementsBudget && isShort(outputs, channels)
  }
  // Windows side by side in a row share columns, or at least fill the memory's transactions.
  const along = (n: number): number[] => [...one.slice(0, -1), n]
  const isRow = unrolled && geometry.layout === 'channels-first'
  const disjoint = geometry.kind === 'sliding' && unrolled && areDisjoint(geometry)
  return {
    unrolled,
    outputs: isRow ? ([4, 2].map(along).find((m) => fits(m)) ?? one) : one,
    phases: disjoint || geometry.kind === 'global' ? 'fused' : 'carried',
    fits,
  }
}
