/**
 * Random schedules of kernels for GPUs: for each axis what is drawn, and what that means for a case. The axes are those that
 * languages share; each language adds its own. An axis that the emitters get is a row in either table; a missing one does not
 * type-check.
 */
import fc from 'fast-check'
import type { GpuSchedule } from '../../codegen/gpu/schedule.ts'
import type { Program } from '../../codegen/program.ts'

type Axis = keyof GpuSchedule

const powers = (...exponents: readonly number[]) => fc.constantFrom(...exponents.map((n) => 2 ** n))

/** What is drawn for an axis, whatever the case is. */
export const gpuDraws = {
  phases: fc.constantFrom('carried' as const, 'fused' as const),
  saved: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  unroll: fc.constantFrom('all' as const, 'all' as const, 'none' as const),
  outputsPerThread: fc.array(fc.constantFrom(1, 1, 2, 3, 4), { minLength: 3, maxLength: 3 }),
  border: fc.constantFrom('predicated' as const, 'split' as const),
  vector: fc.constantFrom(1, 2, 4),
  // Few cases have 16-bit numbers in vectors: most of those are to be in pairs.
  packed: fc.constantFrom('none' as const, 'pairs' as const, 'pairs' as const, 'pairs' as const),
  staging: fc.record({
    how: fc.constantFrom('none' as const, 'tile' as const, 'planes' as const),
    tile: fc.array(powers(0, 1, 2, 3, 4), { minLength: 3, maxLength: 3 }),
    planes: fc.constantFrom(1, 2, 3, 5),
  }),
  sums: fc.constantFrom('terms' as const, 'warps' as const),
  threads: powers(5, 6, 7, 8),
  lanes: fc.constantFrom<GpuSchedule['lanes'][]>(1, 2, 8, 32, 'block', { blocks: 2 }, { blocks: 5 }),
  extents: fc.constantFrom('dynamic' as const, 'dynamic' as const, 'fixed' as const),
} satisfies Record<Axis, fc.Arbitrary<unknown>>

export type Drawn = { readonly [A in Axis]: (typeof gpuDraws)[A] extends fc.Arbitrary<infer V> ? V : never }

/** What a case knows of itself when its schedule is made. */
export interface Known {
  readonly dims: number
  readonly extents: readonly number[]
  readonly program: Program
}

const stagingOf = ({ how, tile, planes }: Drawn['staging'], { dims }: Known): Partial<GpuSchedule> => {
  const cells = tile.slice(3 - dims)
  switch (how) {
    case 'none':
      return { staging: 'none' }
    case 'tile':
      // A block has a thread for each cell.
      return { staging: { tile: cells }, threads: cells.reduce((a, b) => a * b, 1) }
    case 'planes':
      return { staging: { planes } }
    default:
      return how satisfies never
  }
}

/** What a draw wishes of a case; most are the axis' value as it is. */
const gpuWishes: { readonly [A in Axis]: (drawn: Drawn[A], known: Known) => Partial<GpuSchedule> } = {
  phases: (phases) => ({ phases }),
  saved: (chosen, { program }) => ({
    saved: program.carriers.filter((x, k) => x.savable && chosen[k % chosen.length]).map((x) => x.buffer.name),
  }),
  unroll: (unroll) => ({ unroll }),
  outputsPerThread: (outputs, { dims }) => ({ outputsPerThread: outputs.slice(3 - dims) }),
  border: (border) => ({ border }),
  vector: (vector) => ({ vector }),
  packed: (packed) => ({ packed }),
  staging: stagingOf,
  sums: (sums) => ({ sums }),
  threads: (threads) => ({ threads }),
  lanes: (lanes) => ({ lanes }),
  extents: (extents, known) => ({ extents: extents === 'fixed' ? known.extents : 'dynamic' }),
}

export const wished = <A extends Axis>(axis: A, axes: Drawn, known: Known): Partial<GpuSchedule> =>
  gpuWishes[axis](axes[axis], known)
