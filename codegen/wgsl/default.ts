/** The schedule of a shader that is good without measuring. */
import { cellsFor } from '../gpu/default.ts'
import type { Program } from '../program.ts'
import type { WgslSchedule } from './schedule.ts'

/** Around the axes that are pinned: what depends on one of them follows it. A pinned value is taken as it is. */
export const defaultSchedule = (program: Program, pinned: Readonly<Record<string, unknown>> = {}): WgslSchedule => {
  const { unrolled, outputs, phases } = cellsFor(program, pinned)
  return {
    phases,
    unroll: unrolled ? 'all' : 'none',
    outputsPerThread: outputs,
    border: 'predicated',
    // Every adapter has workgroups of as many, and one of them fills the narrowest and the widest subgroups.
    threads: 64,
    extents: 'dynamic',
    ...pinned,
  }
}
