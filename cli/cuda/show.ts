/** What `poolwright show` prints for CUDA: the source text, which needs nothing of CUDA, and what kernels take, which needs NVRTC. */
import type { CheckedOperator } from '../../dsl/expression.ts'
import type { Geometry } from '../../dsl/geometry.ts'
import { type CompiledKernel, resourcesOf, type SourceResources } from '../../runtime/cuda/resources.ts'
import { cudaSources } from '../../runtime/cuda/target/sources.ts'
import type { TargetOptions } from '../../runtime/target.ts'
import { grouped, table } from '../table.ts'
import { ofOurKernels } from './errors.ts'

type Options = Pick<TargetOptions, 'dtype' | 'schedule'>

/** The source text of one direction. */
export const cudaText = (
  operator: CheckedOperator,
  geometry: Geometry,
  direction: 'forward' | 'backward',
  options: Options,
): string => cudaSources(operator, geometry, options)[direction].source

/** Compiles one direction, for an architecture or the usual one, and reads what its kernels take. */
export const cudaResources = async (
  operator: CheckedOperator,
  geometry: Geometry,
  direction: 'forward' | 'backward',
  { arch, ...options }: Options & { readonly arch: number | undefined },
): Promise<SourceResources> => {
  try {
    return await resourcesOf(cudaSources(operator, geometry, options)[direction], { ...(arch !== undefined && { arch }) })
  } catch (error) {
    throw ofOurKernels(error)
  }
}

const rows: readonly (readonly [what: string, of: (kernel: CompiledKernel) => string])[] = [
  ['registers a thread', ({ registers }) => String(registers)],
  ['local memory a thread, bytes', ({ frame }) => grouped(frame)],
  ['  spilled to, bytes', ({ spillStores }) => grouped(spillStores)],
  ['  read back, bytes', ({ spillLoads }) => grouped(spillLoads)],
  ['static shared memory, bytes', ({ shared }) => grouped(shared)],
  ['machine code, bytes', ({ codeBytes }) => grouped(codeBytes)],
  ['launch bounds: threads', ({ bounds }) => String(bounds.threads)],
  ['  blocks that must fit', ({ bounds }) => (bounds.minBlocks === 0 ? 'free' : String(bounds.minBlocks))],
  ['blocks a multiprocessor', ({ occupancy }) => (occupancy ? String(occupancy.blocks) : 'not known')],
  ['  share of its warps', ({ occupancy }) => (occupancy ? `${Math.round(100 * occupancy.share)} %` : '')],
  ['  bound by', ({ occupancy }) => occupancy?.bound ?? ''],
]

/** For people: a column for each kernel, in the order of launches. */
export const resourcesTable = ({ compiler, kernels }: SourceResources): string =>
  table([[compiler, ...kernels.map(({ name }) => name)], ...rows.map(([what, of]) => [what, ...kernels.map(of)])])
