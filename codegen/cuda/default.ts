/** The schedule that is good without measuring. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { isStored } from '../emit/sides.ts'
import { cellsFor } from '../gpu/default.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'
import type { CudaSchedule } from './schedule.ts'
import { storages } from './storage.ts'

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
  const { unrolled, outputs, phases, fits } = cellsFor(program, pinned)
  const settled = Array.isArray(pinned.outputsPerThread) ? (pinned.outputsPerThread as number[]) : outputs
  const step = geometry.kind === 'sliding' ? (settled.at(-1) ?? 1) * geometry.axes.at(-1)!.stride : 1
  const widths = [4, 2].filter((n) => storages[dtype].vectors[n] !== undefined)
  const widest = !unrolled ? 1 : (widths.find((n) => (first ? step % n === 0 : fits(settled, n))) ?? 1)
  return {
    phases: typeof pinned.lanes === 'object' ? 'carried' : phases,
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
