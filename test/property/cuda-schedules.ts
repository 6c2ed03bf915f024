/**
 * Random schedules of CUDA kernels: for each axis what is drawn, and what that means for a case. An axis that the emitter gets
 * is a row in either table; a missing one does not type-check.
 */
import fc from 'fast-check'
import { defaultSchedule } from '../../codegen/cuda/default.ts'
import { refuse } from '../../codegen/cuda/refuse.ts'
import { type CudaSchedule, cudaAxes } from '../../codegen/cuda/schedule.ts'
import { type Program, programsOf } from '../../codegen/program.ts'
import type { StorageType } from '../../dsl/geometry.ts'
import { type Arguments, acceptedBy } from './cases.ts'

type Axis = keyof CudaSchedule

const powers = (...exponents: readonly number[]) => fc.constantFrom(...exponents.map((n) => 2 ** n))

/** What is drawn for an axis, whatever the case is. */
const draws = {
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
  minBlocks: fc.constantFrom(0, 0, 2),
  lanes: fc.constantFrom<CudaSchedule['lanes'][]>(1, 2, 8, 32, 'block', { blocks: 2 }, { blocks: 5 }),
  extents: fc.constantFrom('dynamic' as const, 'dynamic' as const, 'fixed' as const),
} satisfies Record<Axis, fc.Arbitrary<unknown>>

type Drawn = { readonly [A in Axis]: (typeof draws)[A] extends fc.Arbitrary<infer V> ? V : never }

/** What a case knows of itself when its schedule is made. */
interface Known {
  readonly dims: number
  readonly extents: readonly number[]
  readonly program: Program
}

const stagingOf = ({ how, tile, planes }: Drawn['staging'], { dims }: Known): Partial<CudaSchedule> => {
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
const wishes: { readonly [A in Axis]: (drawn: Drawn[A], known: Known) => Partial<CudaSchedule> } = {
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
  minBlocks: (minBlocks) => ({ minBlocks }),
  lanes: (lanes) => ({ lanes }),
  extents: (extents, known) => ({ extents: extents === 'fixed' ? known.extents : 'dynamic' }),
}

/** A storage type and a schedule as drawn. Most cases are of float32, which is what most kernels are. */
export interface CudaWish {
  readonly dtype: StorageType
  readonly axes: Drawn
}

export const cudaWishes: fc.Arbitrary<CudaWish> = fc.record({
  dtype: fc.constantFrom<StorageType>('float32', 'float32', 'float32', 'float32', 'float64', 'float16', 'float16', 'bfloat16'),
  axes: fc.record(draws) as fc.Arbitrary<Drawn>,
})

const wished = <A extends Axis>(axis: A, axes: Drawn, known: Known): Partial<CudaSchedule> => wishes[axis](axes[axis], known)

/** The axes of a wish that both directions of a case accept, each on its own. */
export const scheduleFor = (given: Arguments, extents: readonly number[], { dtype, axes }: CudaWish): Record<string, unknown> => {
  const { operator, geometry } = given
  const known: Known = { dims: geometry.dims, extents, program: programsOf(operator, geometry).backward }
  const all = cudaAxes.map((axis) => wished(axis, axes, known))
  return acceptedBy(given, all, (pinned, program) => refuse(defaultSchedule(program, dtype, pinned), program, dtype))
}
