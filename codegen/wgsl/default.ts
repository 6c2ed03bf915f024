/** The schedule of a shader that is good without measuring. */
import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { cellsFor } from '../gpu/default.ts'
import type { Program } from '../program.ts'
import type { WgslSchedule } from './schedule.ts'

/** Around the axes that are pinned: what depends on one of them follows it. A pinned value is taken as it is. */
export const defaultSchedule = (
  program: Program,
  dtype: StorageType = 'float32',
  pinned: Readonly<Record<string, unknown>> = {},
): WgslSchedule => {
  const { geometry } = program
  const { unrolled, outputs, phases, fits } = cellsFor(program, pinned)
  const settled = Array.isArray(pinned.outputsPerThread) ? (pinned.outputsPerThread as number[]) : outputs
  // Vectors of 16 bits are whole words, which have one writer: no atomics then.
  const step = geometry.kind === 'sliding' ? (settled.at(-1) ?? 1) * geometry.axes.at(-1)!.stride : 1
  const isWhole = (n: number): boolean => (geometry.layout === 'channels-first' ? step % n === 0 : fits(settled, n))
  return {
    phases: typeof pinned.lanes === 'object' ? 'carried' : phases,
    saved: [],
    unroll: unrolled ? 'all' : 'none',
    outputsPerThread: outputs,
    border: 'predicated',
    vector: isHalf(dtype) && unrolled ? ([4, 2].find(isWhole) ?? 1) : 1,
    staging: 'none',
    sums: 'terms',
    // Every adapter has workgroups of as many, and one of them fills the narrowest and the widest subgroups.
    threads: 64,
    // Invocations that share a window wait at barriers, which a processor pays twenty times for in planes of 7 x 7.
    lanes: 1,
    extents: 'dynamic',
    ...pinned,
  }
}
