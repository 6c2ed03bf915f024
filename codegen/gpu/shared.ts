/** What all kernels of one source have in common: the program, the schedule as far as this source can follow it, and names. */
import { type AxisNames, axesOf } from '../emit/axes.ts'
import { type Labels, labelsOf } from '../emit/labels.ts'
import type { Node } from '../ir.ts'
import type { Buffer, Program } from '../program.ts'
import { scalarAccess, type Vectors } from './access.ts'
import type { Dialect } from './dialect.ts'
import { type GpuSchedule, vectorsOf } from './schedule.ts'
import type { Staging } from './staging.ts'
import type { GpuStorage } from './storage.ts'

export interface Shared {
  readonly program: Program
  readonly dialect: Dialect
  readonly schedule: GpuSchedule
  readonly storage: GpuStorage
  /** The type of an address: int, or long long where a tensor has 2^31 elements or more. */
  readonly index: 'int' | 'long long'
  /** Elements of one access. */
  readonly vectors: Vectors
  readonly staging: Staging
  readonly labels: Labels
  readonly axes: readonly AxisNames[]
  readonly first: boolean
  /** The values per window that elements read from memory. */
  readonly carriers: ReadonlyMap<Node, Buffer>
  /** Those of them that the forward kernel has left behind. */
  readonly saved: ReadonlyMap<Node, Buffer>
}

/** What a source is made for, besides its schedule: how large tensors may be, and whether their rows allow vectors. */
export interface Variant {
  readonly wide: boolean
  readonly vectors: boolean
  /** Whether the planes that the schedule stages fit the shared memory. */
  readonly staged: boolean
}

export const shared = (
  dialect: Dialect,
  program: Program,
  schedule: GpuSchedule,
  storage: GpuStorage,
  variant: Variant,
): Shared => {
  const gathers = program.direction === 'backward' && schedule.phases === 'carried'
  const carriers = new Map(gathers ? program.carriers.map((x) => [x.value, x.buffer]) : [])
  const left = program.carriers.filter((x) => program.direction === 'backward' && schedule.saved.includes(x.buffer.name))
  return {
    program,
    dialect,
    schedule,
    storage,
    index: variant.wide ? 'long long' : 'int',
    staging: variant.staged || (typeof schedule.staging === 'object' && 'tile' in schedule.staging) ? schedule.staging : 'none',
    vectors: variant.vectors ? vectorsOf(schedule, program) : scalarAccess,
    labels: labelsOf(program, (node) => carriers.get(node)?.name),
    axes: axesOf(program.geometry),
    first: program.geometry.layout === 'channels-first',
    carriers,
    saved: new Map(left.map((x) => [x.value, x.buffer])),
  }
}
