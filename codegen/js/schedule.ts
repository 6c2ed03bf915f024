/**
 * Schedules: how a program is carried out, apart from what it computes. Plain JSON, so that a tuner can search it; a
 * schedule never changes results beyond rounding.
 */
import { isDisjoint } from '../covers.ts'
import { topological } from '../ir.ts'
import type { Program } from '../program.ts'

/**
 * - `phases`: how a gradient reaches the input's elements. `owner`: no two windows share an element, each writes its own;
 *   `scatter`: windows add to their elements in order, a plane at a time; `plane`: carriers of a plane in a scratch array,
 *   then each element gathers; `global`: the same with the carriers of all planes.
 * - `saved`: carriers that the forward kernel stores and the backward kernel reads instead of making them again.
 * - `unroll`: which loops over a window are written out: all, the innermost, or none.
 * - `outputsPerThread`: windows (or phases of elements) in a row that are computed together and share loads.
 * - `split`: how many partial reductions a loop over a global window keeps side by side. Reorders sums.
 * - `extents`: whether the spatial sizes are launch arguments or constants of the kernel.
 */
export interface JsSchedule {
  readonly phases: 'owner' | 'plane' | 'scatter' | 'global'
  readonly saved: readonly string[]
  readonly unroll: 'all' | 'inner' | 'none'
  readonly outputsPerThread: number
  readonly split: number
  readonly extents: 'dynamic' | readonly number[]
}

/** Taps that a window may have when written out; larger windows loop. */
const unrollBudget = 128

/** Columns that a row of a large window may have when written out. */
const rowBudget = 32

/** Operations that a block of windows may have when several are written out side by side: more is more text than speed. */
const blockBudget = 176

/** What a comparison by bits costs at each tap. */
const comparison = 4

/** The windows that a block takes side by side: as many as the budget allows for what is computed at each tap. */
const windowsInBlock = (program: Program, taps: number): number => {
  const stores = program.stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))
  const nodes = topological(stores.map((x) => x.value))
  const perTap = nodes.reduce((sum, node) => {
    if (node.op === 'reduce') return node.over === 'taps' && node.by !== 'sum' ? sum + comparison : sum
    return node.level.place === 'window' || node.level.place === 'in' ? sum + 1 : sum
  }, 0)
  // Blocks of eight are for windows of a few taps: more are more than a row of a small map has.
  const sizes = taps <= 4 ? [8, 4, 2] : [4, 2]
  return sizes.find((m) => m * taps * Math.max(1, perTap) <= blockBudget) ?? 1
}

/** Whether no maximum or minimum is looked for: its comparisons keep the machine busy with fewer sums side by side. */
const isSumsAlone = (program: Program): boolean =>
  topological(program.stages.flatMap((stage) => stage.stores.map((x) => x.value))).every(
    (x) => x.op !== 'reduce' || x.over !== 'taps' || x.by === 'sum',
  )

const isDense = (program: Program): boolean => program.stages.some((s) => s.visits === 'elements')

/** The schedule that is good without measuring. */
export const defaultSchedule = (program: Program): JsSchedule => {
  const { geometry } = program
  const taps = geometry.kind === 'sliding' ? geometry.axes.reduce((k, a) => k * a.kernel, 1) : Number.POSITIVE_INFINITY
  const inner = geometry.kind === 'sliding' ? geometry.axes.at(-1)!.kernel : Number.POSITIVE_INFINITY
  const cotangentsAlone = taps <= unrollBudget && isDense(program) && program.carriers.length === 0
  const disjoint = geometry.kind === 'global' || (geometry.kind === 'sliding' && geometry.axes.every(isDisjoint))
  return {
    // Cotangents alone are gathered with few loads; where windows' own values are needed too, adding in order is faster.
    phases: disjoint ? 'owner' : cotangentsAlone ? 'plane' : 'scatter',
    saved: [],
    unroll: taps <= unrollBudget ? 'all' : inner <= rowBudget ? 'inner' : 'none',
    outputsPerThread: windowsInBlock(program, taps),
    split: geometry.kind === 'global' ? (isSumsAlone(program) ? 3 : 2) : 1,
    extents: 'dynamic',
  }
}

/** What the axes with a few values may be. A schedule comes from a file or a command line: its types are not to be trusted. */
const choices: { readonly [Axis in 'phases' | 'unroll']: readonly JsSchedule[Axis][] } = {
  phases: ['owner', 'plane', 'scatter', 'global'],
  unroll: ['all', 'inner', 'none'],
}

/** Why a schedule cannot carry out a program; `undefined` where it can. */
export const refuse = (schedule: JsSchedule, program: Program): string | undefined => {
  const { geometry } = program
  const backward = program.direction === 'backward' && isDense(program)
  for (const axis of ['phases', 'unroll'] as const) {
    if (!choices[axis].some((x) => x === schedule[axis]))
      return `${axis} is ${JSON.stringify(schedule[axis])}; it must be one of ${choices[axis].join(', ')}`
  }
  if (!Array.isArray(schedule.saved) || !schedule.saved.every((x) => typeof x === 'string')) {
    return `saved is ${JSON.stringify(schedule.saved)}; it must be a list of carriers' names`
  }
  if (!Number.isInteger(schedule.outputsPerThread) || schedule.outputsPerThread < 1 || schedule.outputsPerThread > 16) {
    return `outputsPerThread is ${schedule.outputsPerThread}; it must be a whole number from 1 to 16`
  }
  if (!Number.isInteger(schedule.split) || schedule.split < 1 || schedule.split > 8) {
    return `split is ${schedule.split}; it must be a whole number from 1 to 8`
  }
  if (geometry.kind !== 'global' && schedule.split !== 1) {
    return `split is ${schedule.split}; only a global window is one long row of taps: use 1`
  }
  if (schedule.extents !== 'dynamic') {
    const sizes = schedule.extents
    if (!Array.isArray(sizes) || sizes.length !== geometry.dims || !sizes.every((x) => Number.isInteger(x) && x > 0)) {
      return `extents is ${JSON.stringify(sizes)}; it must be 'dynamic' or ${geometry.dims} sizes of at least 1`
    }
  }
  const savable = program.carriers.filter((x) => x.savable).map((x) => x.buffer.name)
  const unsaved = schedule.saved.find((name) => !savable.includes(name))
  if (unsaved !== undefined) {
    return `saved names '${unsaved}'; ${savable.length > 0 ? `what can be saved is ${savable.join(', ')}` : 'this program has nothing to save'}`
  }
  if (geometry.kind !== 'sliding' && schedule.unroll !== 'none') {
    return `unroll is '${schedule.unroll}'; the windows of ${geometry.kind} pooling have no fixed size, so their loops stay: use 'none'`
  }
  if (geometry.kind !== 'sliding' && schedule.outputsPerThread !== 1) {
    return `outputsPerThread is ${schedule.outputsPerThread}; windows of ${geometry.kind} pooling share no fixed columns: use 1`
  }
  if (backward && schedule.phases === 'owner' && geometry.kind === 'adaptive') {
    return "phases is 'owner'; adaptive windows may overlap: use 'scatter'"
  }
  if (backward && schedule.phases === 'owner' && geometry.kind === 'sliding' && !geometry.axes.every(isDisjoint)) {
    return "phases is 'owner'; windows overlap where the stride is less than the kernel's span: use 'plane' or 'scatter'"
  }
  if (backward && (schedule.phases === 'plane' || schedule.phases === 'global') && geometry.kind !== 'sliding') {
    return `phases is '${schedule.phases}'; gathering needs windows of one size: use 'scatter' for ${geometry.kind} pooling`
  }
  return undefined
}
