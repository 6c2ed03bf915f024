/** The schedule that is good without measuring. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { areDisjoint, reachOf } from '../covers.ts'
import { isStored } from '../emit/sides.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'
import { operationsIn, tapsOf, textBudget, unrollBudget } from './cost.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

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

/** Whether the largest or smallest of stored numbers is looked for. */
const hasExtremum = (program: Program): boolean =>
  topological(program.stages.flatMap((x) => x.stores.map((store) => store.value))).some(
    (x) => x.op === 'reduce' && x.over === 'taps' && (x.by === 'max' || x.by === 'min') && isStored(x.a),
  )

/**
 * The schedule that is good without measuring, around the axes that are pinned: what depends on one of them follows it.
 * A pinned value is taken as it is, right or wrong; {@link refuse} tells.
 */
export const defaultSchedule = (
  program: Program,
  dtype: StorageType = 'float32',
  pinned: Readonly<Record<string, unknown>> = {},
): CudaSchedule => {
  const { geometry } = program
  const first = geometry.layout === 'channels-first'
  const taps = tapsOf(program)
  const one = Array.from({ length: geometry.dims }, () => 1)
  const isShort = (outputsPerThread: readonly number[], channels = 1): boolean =>
    operationsIn(program, { outputsPerThread, phases: 'carried', border: 'predicated', channels }) <= textBudget.usual
  const unrolled = pinned.unroll === undefined ? taps <= unrollBudget && isShort(one) : pinned.unroll === 'all'
  const disjoint = geometry.kind === 'sliding' && unrolled && areDisjoint(geometry)
  const perTap = 1 + valuesPerTap(program)
  /** Whether so many windows, of so many channels, can be written out in one thread. */
  const fits = (outputs: readonly number[], channels = 1): boolean => {
    const n = outputs.reduce((a, b) => a * b, channels)
    return elementsOf(program, outputs) * channels + taps * n * (perTap - 1) <= elementsBudget && isShort(outputs, channels)
  }
  // Windows side by side in a row share columns, or at least fill the memory's transactions.
  const along = (n: number): number[] => [...one.slice(0, -1), n]
  const outputs = unrolled && first ? ([4, 2].map(along).find((m) => fits(m)) ?? one) : one
  const settled = Array.isArray(pinned.outputsPerThread) ? (pinned.outputsPerThread as number[]) : outputs
  const step = geometry.kind === 'sliding' ? (settled.at(-1) ?? 1) * geometry.axes.at(-1)!.stride : 1
  const widths = [4, 2].filter((n) => storages[dtype].vectors[n] !== undefined)
  const widest = !unrolled ? 1 : (widths.find((n) => (first ? step % n === 0 : fits(settled, n))) ?? 1)
  return {
    phases: disjoint || (geometry.kind === 'global' && typeof pinned.lanes !== 'object') ? 'fused' : 'carried',
    saved: [],
    unroll: unrolled ? 'all' : 'none',
    outputsPerThread: outputs,
    border: 'predicated',
    vector: widest,
    packed: isHalf(dtype) && hasExtremum(program) && Number(pinned.vector ?? widest) > 1 ? 'pairs' : 'none',
    staging: 'none',
    sums: first && unrolled ? 'warps' : 'terms',
    threads: 256,
    // Told nothing, the assembler takes fewer registers than it needs and spills; two blocks leave 128 for each thread.
    minBlocks: Number(pinned.threads ?? 256) > 512 ? 1 : 2,
    // Channels-last, the threads of a warp stand on neighbouring channels: each has a window of its own.
    lanes: unrolled || !first ? 1 : 32,
    extents: 'dynamic',
    ...pinned,
  }
}
