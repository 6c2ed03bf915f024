/**
 * The schedules of CUDA kernels: how a program is carried out on a device whose threads go on together. Plain JSON, so that
 * a tuner can search it; a schedule never changes results beyond rounding.
 */
import { isDisjoint, spanOf } from '../covers.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'

/**
 * - `phases`: how a gradient reaches the input's elements. `carried`: a kernel over windows leaves carriers in memory, a
 *   kernel over elements gathers them; `fused`: a thread makes what its elements need itself, once for each neighbour.
 * - `saved`: carriers that the forward kernel stores and the backward kernels read instead of making them again.
 * - `unroll`: whether the taps of a window are written out, or looped over.
 * - `outputsPerThread`: the windows of a thread along each axis; those that overlap share what they load.
 * - `border`: `predicated`: one text, where each access has its condition; `split`: a second text without conditions for
 *   threads whose windows all lie inside.
 * - `threads`: of a block. `minBlocks`: the blocks that a multiprocessor must be able to hold, which bounds the registers of
 *   a thread; 0 leaves them to the compiler.
 * - `lanes`: threads that share a window that is looped over, each taking a part of its taps; `block` is all of a block.
 *   Reorders sums.
 * - `extents`: whether the spatial sizes are launch arguments or constants of the kernel.
 */
export interface CudaSchedule {
  readonly phases: 'carried' | 'fused'
  readonly saved: readonly string[]
  readonly unroll: 'all' | 'none'
  readonly outputsPerThread: readonly number[]
  readonly border: 'predicated' | 'split'
  readonly threads: number
  readonly minBlocks: number
  readonly lanes: number | 'block'
  readonly extents: 'dynamic' | readonly number[]
}

export const cudaAxes: readonly (keyof CudaSchedule)[] = [
  'phases',
  'saved',
  'unroll',
  'outputsPerThread',
  'border',
  'threads',
  'minBlocks',
  'lanes',
  'extents',
]

/** Taps that a window may have when written out; NVRTC's time grows faster than the text beyond. */
export const unrollBudget = 128

/** Registers that the elements of a thread's windows may take: more spill. */
const elementsBudget = 48

const isDense = (program: Program): boolean => program.stages.some((s) => s.visits === 'elements')

const tapsOf = (program: Program): number =>
  program.geometry.kind === 'sliding' ? program.geometry.axes.reduce((k, a) => k * a.kernel, 1) : Number.POSITIVE_INFINITY

/** Elements that a thread of so many windows reads. */
const elementsOf = (program: Program, outputs: readonly number[]): number =>
  program.geometry.kind === 'sliding'
    ? program.geometry.axes.reduce((k, axis, d) => k * ((outputs[d]! - 1) * axis.stride + spanOf(axis)), 1)
    : 1

/** Values that the program computes for each tap of a window: each may take a register. */
const valuesPerTap = (program: Program): number => {
  const stores = program.stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))
  return topological(stores.map((x) => x.value)).filter((x) => x.level.place === 'window').length
}

/** The schedule that is good without measuring. */
export const defaultSchedule = (program: Program): CudaSchedule => {
  const { geometry } = program
  const taps = tapsOf(program)
  const unrolled = taps <= unrollBudget
  const one = Array.from({ length: geometry.dims }, () => 1)
  const disjoint = geometry.kind === 'global' || (geometry.kind === 'sliding' && geometry.axes.every(isDisjoint))
  const perTap = 1 + valuesPerTap(program)
  // Windows side by side in a row share columns, or at least fill the memory's transactions.
  const along = (n: number): number[] => [...one.slice(0, -1), n]
  const fits = (n: number): boolean => elementsOf(program, along(n)) + taps * n * (perTap - 1) <= elementsBudget
  const outputs = unrolled ? ([4, 2].find(fits) ?? 1) : 1
  const first = geometry.layout === 'channels-first'
  return {
    phases: disjoint ? 'fused' : 'carried',
    saved: [],
    unroll: unrolled ? 'all' : 'none',
    outputsPerThread: first ? along(outputs) : one,
    border: 'predicated',
    threads: 256,
    minBlocks: 0,
    // Channels-last, the threads of a warp stand on neighbouring channels: each has a window of its own.
    lanes: unrolled || !first ? 1 : 32,
    extents: 'dynamic',
  }
}

const isPowerOfTwo = (n: number): boolean => Number.isInteger(n) && n > 0 && (n & (n - 1)) === 0

/** Why a schedule cannot carry out a program; `undefined` where it can. A schedule's types are not to be trusted: it comes from a file or a command line. */
export const refuse = (schedule: CudaSchedule, program: Program): string | undefined => {
  const { geometry } = program
  const { phases, saved, unroll, outputsPerThread, border, threads, minBlocks, lanes, extents } = schedule
  const choices = { phases: ['carried', 'fused'], unroll: ['all', 'none'], border: ['predicated', 'split'] } as const
  for (const [axis, values] of Object.entries(choices)) {
    const given = schedule[axis as keyof typeof choices]
    if (!values.some((x) => x === given)) return `${axis} is ${JSON.stringify(given)}; it must be one of ${values.join(', ')}`
  }
  if (!Array.isArray(saved) || !saved.every((x) => typeof x === 'string'))
    return `saved is ${JSON.stringify(saved)}; it must be a list of carriers' names`
  const savable = program.carriers.filter((x) => x.savable).map((x) => x.buffer.name)
  const unsaved = saved.find((name) => !savable.includes(name))
  if (unsaved !== undefined)
    return `saved names '${unsaved}'; ${savable.length > 0 ? `what can be saved is ${savable.join(', ')}` : 'this program has nothing to save'}`
  if (
    !Array.isArray(outputsPerThread) ||
    outputsPerThread.length !== geometry.dims ||
    !outputsPerThread.every((x) => Number.isInteger(x) && x >= 1 && x <= 16)
  )
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; it must be ${geometry.dims} whole numbers from 1 to 16, one an axis`
  if (!isPowerOfTwo(threads) || threads < 32 || threads > 1024)
    return `threads is ${threads}; it must be a power of two from 32 to 1024`
  if (!Number.isInteger(minBlocks) || minBlocks < 0 || minBlocks > 32 || minBlocks * threads > 2048)
    return `minBlocks is ${minBlocks}; it must be a whole number from 0 to 32, and no more than 2048 threads in all`
  if (lanes !== 'block' && !(isPowerOfTwo(lanes) && lanes <= 32))
    return `lanes is ${JSON.stringify(lanes)}; it must be 1, 2, 4, 8, 16, 32 or 'block'`
  if (extents !== 'dynamic') {
    if (!Array.isArray(extents) || extents.length !== geometry.dims || !extents.every((x) => Number.isInteger(x) && x > 0))
      return `extents is ${JSON.stringify(extents)}; it must be 'dynamic' or ${geometry.dims} sizes of at least 1`
  }
  if (unroll === 'all' && geometry.kind !== 'sliding')
    return `unroll is 'all'; the windows of ${geometry.kind} pooling have no fixed size, so their loops stay: use 'none'`
  const taps = tapsOf(program)
  if (unroll === 'all' && taps > unrollBudget)
    return `unroll is 'all'; a window of ${taps} taps is more than the ${unrollBudget} that are written out: use 'none'`
  if (unroll === 'all' && taps * outputsPerThread.reduce((a, b) => a * b, 1) > 8 * unrollBudget)
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; of windows of ${taps} taps a thread takes fewer`
  if (unroll === 'all' && lanes !== 1)
    return `lanes is ${JSON.stringify(lanes)}; a window that is written out has one thread: use 1`
  if (unroll === 'none' && outputsPerThread.some((x) => x !== 1))
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; windows that are looped over are taken one by one: use 1`
  if (unroll === 'none' && border !== 'predicated')
    return `border is '${border}'; loops run over the taps inside, with no text for the border: use 'predicated'`
  if (isDense(program) && phases === 'fused' && unroll === 'none' && geometry.kind !== 'global')
    return "phases is 'fused'; windows that are looped over are not made again for each element: use 'carried'"
  return undefined
}
