/**
 * How a program is carried out on a device whose threads go on together: the axes that GPUs' languages share. Plain JSON, so that
 * a tuner can search it; a schedule never changes results beyond rounding.
 */
import type { Program } from '../program.ts'
import { scalarAccess, type Vectors } from './access.ts'
import type { Staging } from './staging.ts'

/**
 * - `phases`: how a gradient reaches the input's elements. `carried`: a kernel over windows leaves carriers in memory, a
 *   kernel over elements gathers them; `fused`: a thread makes what its elements need itself, once for each neighbour.
 * - `saved`: carriers that the forward kernel stores and the backward kernels read instead of making them again.
 * - `unroll`: whether the taps of a window are written out, or looped over.
 * - `outputsPerThread`: the windows of a thread along each axis; those that overlap share what they load.
 * - `border`: `predicated`: one text, where each access has its condition; `split`: a second text without conditions for
 *   threads whose windows all lie inside.
 * - `vector`: elements of one access, along a row, or channels-last over neighbouring channels. Sizes that are no multiples
 *   get kernels of their own, with 1.
 * - `packed`: whether maxima of 16-bit numbers that come in vectors are looked for two at once, down the columns.
 * - `staging`: whether the threads of a block share what they read: `{ tile }`, so many cells along each axis, one a thread;
 *   `{ planes }`, so many whole planes.
 * - `sums`: what a kernel over windows leaves of the gradient of a parameter: a `term` for each window, or, channels-first, a
 *   sum for each warp, whose threads then stand in one plane. Reorders sums.
 * - `threads`: of a block.
 * - `lanes`: threads that share a window that is looped over, each taking a part of its taps; `block` is all of a block,
 *   `{ blocks }` several of them, in a kernel for each sweep. Reorders sums.
 * - `extents`: whether the spatial sizes are launch arguments or constants of the kernel.
 */
export interface GpuSchedule {
  readonly phases: 'carried' | 'fused'
  readonly saved: readonly string[]
  readonly unroll: 'all' | 'none'
  readonly outputsPerThread: readonly number[]
  readonly border: 'predicated' | 'split'
  readonly vector: number
  readonly packed: 'none' | 'pairs'
  readonly staging: Staging
  readonly sums: 'terms' | 'warps'
  readonly threads: number
  readonly lanes: number | 'block' | { readonly blocks: number }
  readonly extents: 'dynamic' | readonly number[]
}

/** The accesses of kernels whose sizes are multiples. */
export const vectorsOf = ({ vector, outputsPerThread }: GpuSchedule, { geometry }: Program): Vectors => {
  if (geometry.kind !== 'sliding' || vector === 1) return scalarAccess
  if (geometry.layout === 'channels-last') return { ...scalarAccess, channels: vector }
  const outputs = outputsPerThread.at(-1)!
  return { row: vector, out: [4, 2].find((n) => n <= vector && outputs % n === 0) ?? 1, channels: 1 }
}
