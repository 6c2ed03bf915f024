/** The values of each axis that are worth a trial on WebGPU: what `refuse` leaves of their product is what a tuner searches. */
import { gpuSpace } from '../gpu/space.ts'
import type { Program } from '../program.ts'
import type { WgslSchedule } from './schedule.ts'

type Values = { readonly [Axis in keyof WgslSchedule]: readonly WgslSchedule[Axis][] }

/** Subgroups are of 4 to 128 invocations: a workgroup is a few of them, or one. */
const threads = [32, 64, 128, 256]

/** @param extents - the spatial sizes that constants may stand for */
export const wgslSpace = (program: Program, extents: readonly number[]): Values =>
  gpuSpace(program, { threads, widths: [2, 4], extents })

/**
 * Whether the last bits of a result may change by an axis. WGSL lets a compiler fuse a product with a sum, so that the same
 * arithmetic in another text may be rounded otherwise: only what leaves the text of the arithmetic alone changes no bit.
 */
const reorders: Readonly<Record<keyof WgslSchedule, boolean>> = {
  phases: true,
  saved: true,
  unroll: true,
  outputsPerThread: true,
  border: true,
  vector: true,
  staging: true,
  sums: true,
  threads: false,
  lanes: true,
  extents: false,
}

export const reorderingAxes: readonly string[] = Object.entries(reorders).flatMap(([axis, may]) => (may ? [axis] : []))
