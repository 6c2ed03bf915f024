/**
 * The schedules of CUDA kernels: how a program is carried out on a device whose threads go on together. Plain JSON, so that
 * a tuner can search it; a schedule never changes results beyond rounding.
 */

import type { StorageType } from '../../dsl/geometry.ts'
import { isHalf } from '../../dsl/storage.ts'
import { isDisjoint, spanOf } from '../covers.ts'
import { isStored } from '../emit/sides.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'
import { scalarAccess, type Vectors } from './access.ts'
import { operationsPerTap } from './cost.ts'
import { type Staging, tileShape } from './staging.ts'
import { storages } from './storage.ts'

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
 * - `threads`: of a block. `minBlocks`: the blocks that a multiprocessor must be able to hold, which bounds the registers of
 *   a thread; 0 leaves them to the compiler.
 * - `lanes`: threads that share a window that is looped over, each taking a part of its taps; `block` is all of a block,
 *   `{ blocks }` several of them, in a kernel for each sweep. Reorders sums.
 * - `extents`: whether the spatial sizes are launch arguments or constants of the kernel.
 */
export interface CudaSchedule {
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
  readonly minBlocks: number
  readonly lanes: number | 'block' | { readonly blocks: number }
  readonly extents: 'dynamic' | readonly number[]
}

export const cudaAxes: readonly (keyof CudaSchedule)[] = [
  'phases',
  'saved',
  'unroll',
  'outputsPerThread',
  'border',
  'vector',
  'packed',
  'staging',
  'sums',
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

/** Whether the largest or smallest of stored numbers is looked for. */
const hasExtremum = (program: Program): boolean =>
  topological(program.stages.flatMap((x) => x.stores.map((store) => store.value))).some(
    (x) => x.op === 'reduce' && x.over === 'taps' && (x.by === 'max' || x.by === 'min') && isStored(x.a),
  )

/** Operations that a kernel's text may have by default, and at the most. */
const textBudget = { usual: 2000, most: 6000 } as const

/** Windows whose values a thread makes: its own, and, where it makes those that its elements need, their neighbours. */
const windowsOf = (program: Program, outputs: readonly number[], phases: CudaSchedule['phases']): number => {
  const { geometry } = program
  if (geometry.kind !== 'sliding') return 1
  const before = (d: number): number =>
    phases === 'fused' && isDense(program) ? Math.floor((spanOf(geometry.axes[d]!) - 1) / geometry.axes[d]!.stride) : 0
  return outputs.reduce((n, m, d) => n * (m + before(d)), 1)
}

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
  const taps = tapsOf(program)
  const perTapText = operationsPerTap(program)
  const unrolled =
    pinned.unroll === undefined ? taps <= unrollBudget && taps * perTapText <= textBudget.usual : pinned.unroll === 'all'
  const one = Array.from({ length: geometry.dims }, () => 1)
  const disjoint = geometry.kind === 'sliding' && unrolled && geometry.axes.every(isDisjoint)
  const perTap = 1 + valuesPerTap(program)
  /** Whether so many windows, of so many channels, can be written out in one thread. */
  const fits = (outputs: readonly number[], channels = 1): boolean => {
    const n = outputs.reduce((a, b) => a * b, channels)
    return (
      elementsOf(program, outputs) * channels + taps * n * (perTap - 1) <= elementsBudget &&
      taps * n * perTapText <= textBudget.usual
    )
  }
  // Windows side by side in a row share columns, or at least fill the memory's transactions.
  const along = (n: number): number[] => [...one.slice(0, -1), n]
  const outputs = unrolled && first ? ([4, 2].map(along).find((m) => fits(m)) ?? one) : one
  const settled = Array.isArray(pinned.outputsPerThread) ? (pinned.outputsPerThread as number[]) : outputs
  const step = geometry.kind === 'sliding' ? (settled.at(-1) ?? 1) * geometry.axes.at(-1)!.stride : 1
  const widths = [4, 2].filter((n) => storages[dtype].vectors[n] !== undefined)
  const widest = !unrolled ? 1 : (widths.find((n) => (first ? step % n === 0 : fits(settled, n))) ?? 1)
  return {
    phases: disjoint || (geometry.kind === 'global' && typeof pinned.lanes !== 'object') ? 'fused' : 'carried',
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

const isCount = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= 1024

/** The most shared memory that a kernel may have for its tiles, in bytes: what every device gives without asking. */
const mostTileBytes = 40 * 1024

const refuseStaging = (
  { staging, unroll, outputsPerThread, threads, phases }: CudaSchedule,
  program: Program,
  dtype: StorageType,
): string | undefined => {
  const said = `staging is ${JSON.stringify(staging)}`
  if (staging === 'none') return undefined
  const { geometry } = program
  const isOne = typeof staging === 'object' && staging !== null && 'tile' in staging !== 'planes' in staging
  if (!isOne) return `${said}; it must be 'none', {"tile": [cells along each axis]} or {"planes": count}`
  if (unroll !== 'all' || geometry.kind !== 'sliding')
    return `${said}; windows that are looped over read memory itself: use 'none'`
  if (geometry.layout === 'channels-last') return `${said}; channels-last, neighbouring threads share no rows: use 'none'`
  if ('planes' in staging) {
    if (isCount(staging.planes)) return undefined
    return `${said}; planes is a whole number from 1 to 1024`
  }
  const { tile } = staging
  if (!Array.isArray(tile) || tile.length !== geometry.dims || !tile.every(isCount))
    return `${said}; a tile has ${geometry.dims} whole numbers from 1 to 1024, the cells along each axis`
  if (tile.reduce((a, b) => a * b, 1) !== threads)
    return `${said}; a block of ${threads} threads has a cell for each: the product must be ${threads}`
  const { sizes } = tileShape(geometry.axes, outputsPerThread, tile, phases === 'fused' && isDense(program))
  const tensors = program.operator.tensors.filter((x) => x.role === 'input' || x.role === 'tensor').length
  const bytes = sizes.reduce((a, b) => a * b, tensors * (storages[dtype].real === 'float' ? 4 : 8))
  if (bytes > mostTileBytes)
    return `${said}; its ${sizes.join('x')} elements are ${bytes} bytes, more than ${mostTileBytes}: take fewer cells`
  return undefined
}

const isPowerOfTwo = (n: number): boolean => Number.isInteger(n) && n > 0 && (n & (n - 1)) === 0

/** The accesses of kernels whose sizes are multiples. */
export const vectorsOf = ({ vector, outputsPerThread }: CudaSchedule, { geometry }: Program): Vectors => {
  if (geometry.kind !== 'sliding' || vector === 1) return scalarAccess
  if (geometry.layout === 'channels-last') return { ...scalarAccess, channels: vector }
  const outputs = outputsPerThread.at(-1)!
  return { row: vector, out: [4, 2].find((n) => n <= vector && outputs % n === 0) ?? 1, channels: 1 }
}

/**
 * Why a schedule cannot carry out a program; `undefined` where it can. A schedule's types are not to be trusted: it comes from
 * a file or a command line.
 */
export const refuse = (schedule: CudaSchedule, program: Program, dtype: StorageType = 'float32'): string | undefined => {
  const { geometry } = program
  const { phases, saved, unroll, outputsPerThread, border, vector, packed, sums, threads, minBlocks, lanes, extents } = schedule
  const choices = {
    phases: ['carried', 'fused'],
    unroll: ['all', 'none'],
    border: ['predicated', 'split'],
    sums: ['terms', 'warps'],
    packed: ['none', 'pairs'],
  } as const
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
  if (vector !== 1 && storages[dtype].vectors[vector] === undefined)
    return `vector is ${JSON.stringify(vector)}; for ${dtype} it must be 1${Object.keys(storages[dtype].vectors)
      .map((n) => ` or ${n}`)
      .join('')}`
  if (vector !== 1 && unroll !== 'all') return `vector is ${vector}; windows that are looped over read one by one: use 1`
  if (vector !== 1 && geometry.kind === 'sliding' && geometry.layout === 'channels-first') {
    const step = outputsPerThread.at(-1)! * geometry.axes.at(-1)!.stride
    if (step % vector !== 0)
      return `vector is ${vector}; a thread goes on by ${step} elements along a row, which is no multiple: take more outputs, or use 1`
  }
  if (packed === 'pairs' && !isHalf(dtype)) return `packed is 'pairs'; ${dtype} has no two numbers in a word: use 'none'`
  if (packed === 'pairs' && vector === 1)
    return "packed is 'pairs'; numbers that are read one by one are in no pairs: use 'none', or a vector"
  const unstaged = refuseStaging(schedule, program, dtype)
  if (unstaged !== undefined) return unstaged
  if (sums === 'warps' && unroll !== 'all') return "sums is 'warps'; windows that are looped over leave a term each: use 'terms'"
  if (sums === 'warps' && geometry.layout === 'channels-last')
    return "sums is 'warps'; channels-last, the threads of a warp stand in planes of their own: use 'terms'"
  if (!isPowerOfTwo(threads) || threads < 32 || threads > 1024)
    return `threads is ${threads}; it must be a power of two from 32 to 1024`
  if (!Number.isInteger(minBlocks) || minBlocks < 0 || minBlocks > 32 || minBlocks * threads > 2048)
    return `minBlocks is ${minBlocks}; it must be a whole number from 0 to 32, and no more than 2048 threads in all`
  const ofBlocks = typeof lanes === 'object' && lanes !== null ? lanes.blocks : undefined
  if (
    ofBlocks === undefined
      ? lanes !== 'block' && !(typeof lanes === 'number' && isPowerOfTwo(lanes) && lanes <= 32)
      : !isCount(ofBlocks)
  )
    return `lanes is ${JSON.stringify(lanes)}; it must be 1, 2, 4, 8, 16, 32, 'block' or {"blocks": from 1 to 1024}`
  if (ofBlocks !== undefined && geometry.kind !== 'global')
    return `lanes is ${JSON.stringify(lanes)}; only a global window is long enough for several blocks: use 'block'`
  if (ofBlocks !== undefined && isDense(program) && phases === 'fused')
    return `lanes is ${JSON.stringify(lanes)}, and phases 'fused'; a window of several blocks leaves its carriers in memory: use 'carried'`
  if (extents !== 'dynamic') {
    if (!Array.isArray(extents) || extents.length !== geometry.dims || !extents.every((x) => Number.isInteger(x) && x > 0))
      return `extents is ${JSON.stringify(extents)}; it must be 'dynamic' or ${geometry.dims} sizes of at least 1`
  }
  if (unroll === 'all' && geometry.kind !== 'sliding')
    return `unroll is 'all'; the windows of ${geometry.kind} pooling have no fixed size, so their loops stay: use 'none'`
  const taps = tapsOf(program)
  if (unroll === 'all' && taps > unrollBudget)
    return `unroll is 'all'; a window of ${taps} taps is more than the ${unrollBudget} that are written out: use 'none'`
  const operations = taps * windowsOf(program, outputsPerThread, phases) * operationsPerTap(program)
  if (unroll === 'all' && operations > textBudget.most)
    return `outputsPerThread is ${JSON.stringify(outputsPerThread)}; with windows written out a thread would have some ${operations} operations, more than ${textBudget.most}: use fewer, or unroll 'none'`
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
