/**
 * Schedules: how a program is carried out, apart from what it computes. Plain JSON, so that a tuner can search it; a
 * schedule never changes results beyond rounding.
 */
import { areDisjoint } from '../covers.ts'
import type { Program } from '../program.ts'
import { isSumsAlone, placesAlone, rowsBudget, tapsIn, usualBlock } from './cost.ts'
import { shiftsOf } from './shift.ts'

/**
 * - `phases`: how a gradient reaches the input's elements. `owner`: no two windows share an element, each writes its own;
 *   `scatter`: windows add to their elements in order, a plane at a time; `plane`: carriers of a plane in a scratch array,
 *   then each element gathers; `global`: the same with the carriers of all planes.
 * - `saved`: carriers that the forward kernel stores and the backward kernel reads instead of making them again.
 * - `unroll`: which loops over a window are written out: all, the innermost, or none.
 * - `outputsPerThread`: windows (or phases of elements) in a row that are computed together and share loads.
 * - `rows`: rows of windows that are computed together; those that overlap share rows of the input, and add to them once.
 * - `fold`: in which order what a window's taps give is put together where they are written out. `columns`: a column's
 *   first, which windows beside one another share; `rows`: a row's first, which windows below one another share. Maxima of
 *   which the place is wanted are looked for tap by tap all the same.
 * - `extrema`: how the greatest of stored numbers is found. `keys`: integers made of a float32's bits, and no branch (float64
 *   has none, and goes by `select`); `select`: the place is chosen by arithmetic on a comparison, and the number loaded from
 *   there, without a branch either (where all windows loop, by `keys`); `branch`: comparisons as anybody writes them. How long
 *   those take depends on the data: random numbers mispredict every second branch, sorted or constant ones hardly any.
 * - `shift`: the number that is subtracted from exponents before they are raised. `window`: the greatest of the window's;
 *   `block`: the greatest of all windows that are computed together, so that those that overlap share their exponentials.
 *   Windows whose own greatest lie far apart are taken one by one, and so are all where something is saved.
 * - `border`: whether windows (elements) of each kind at the border are written out, or all of them done by loops: a fraction
 *   of the text, and of the time to compile it. What is too much text loops in any case.
 * - `split`: how many partial reductions a loop over a global window keeps side by side.
 * - `turn`: how many taps a turn of such a loop takes for each of them.
 * - `extents`: whether the spatial sizes are launch arguments or constants of the kernel.
 */
export interface JsSchedule {
  readonly phases: 'owner' | 'plane' | 'scatter' | 'global'
  readonly saved: readonly string[]
  readonly unroll: 'all' | 'inner' | 'none'
  readonly outputsPerThread: number
  readonly rows: number
  readonly fold: 'columns' | 'rows'
  readonly extrema: 'keys' | 'select' | 'branch'
  readonly shift: 'window' | 'block'
  readonly border: 'written' | 'looped'
  readonly split: number
  readonly turn: number
  readonly extents: 'dynamic' | readonly number[]
}

/** Every axis; what is none of them is no schedule's. */
export const jsAxes = [
  'phases',
  'saved',
  'unroll',
  'outputsPerThread',
  'rows',
  'fold',
  'extrema',
  'shift',
  'border',
  'split',
  'turn',
  'extents',
] as const satisfies readonly (keyof JsSchedule)[]

/** Taps that a window may have when written out; larger windows loop. */
const unrollBudget = 128

/** Columns that a row of a large window may have when written out. */
const rowBudget = 32

const isDense = (program: Program): boolean => program.stages.some((s) => s.visits === 'elements')

/** The schedule that is good without measuring. */
export const defaultSchedule = (program: Program): JsSchedule => {
  const { geometry } = program
  const taps = tapsIn(program)
  const inner = geometry.kind === 'sliding' ? geometry.axes.at(-1)!.kernel : Number.POSITIVE_INFINITY
  const cotangentsAlone = taps <= unrollBudget && isDense(program) && program.carriers.length === 0
  const disjoint = areDisjoint(geometry)
  const unroll = taps <= unrollBudget ? 'all' : inner <= rowBudget ? 'inner' : 'none'
  // Where elements gather cotangents there is no block of windows to share rows.
  const gathers = !disjoint && cotangentsAlone
  const block = unroll === 'all' ? usualBlock(program) : { rows: 1, inRow: 1 }
  const shares = block.rows > 1 && shiftsOf(program).size > 0
  return {
    // Cotangents alone are gathered with few loads; where windows' own values are needed too, adding in order is faster.
    phases: disjoint ? 'owner' : gathers ? 'plane' : 'scatter',
    saved: [],
    unroll,
    outputsPerThread: block.inRow,
    rows: gathers ? 1 : block.rows,
    fold: 'columns',
    // A place is found by loading it where no comparison of keys is shared with a neighbour.
    extrema: unroll === 'all' && placesAlone(program) ? 'select' : 'keys',
    shift: shares ? 'block' : 'window',
    border: 'written',
    split: geometry.kind === 'global' ? (isSumsAlone(program) ? 3 : 2) : 1,
    turn: geometry.kind === 'global' ? 4 : 1,
    extents: 'dynamic',
  }
}

/** What the axes with a few values may be. A schedule comes from a file or a command line: its types are not to be trusted. */
export const choices = {
  phases: ['owner', 'plane', 'scatter', 'global'],
  unroll: ['all', 'inner', 'none'],
  fold: ['columns', 'rows'],
  extrema: ['keys', 'select', 'branch'],
  shift: ['window', 'block'],
  border: ['written', 'looped'],
} as const satisfies { readonly [Axis in keyof JsSchedule]?: readonly JsSchedule[Axis][] }

/** The greatest value of the axes that count something; the least is 1. */
const most = { outputsPerThread: 16, rows: 8, split: 8, turn: 16 } as const satisfies {
  readonly [Axis in keyof JsSchedule]?: JsSchedule[Axis]
}
const keysOf = <T extends object>(of: T): readonly (keyof T)[] => Object.keys(of) as (keyof T)[]

const quoted = (value: string | number): string => (typeof value === 'string' ? `'${value}'` : String(value))

/** The axes that say how windows are written out: their value where none is, and the reason. */
const straightOnly = {
  rows: { neutral: 1, reason: 'windows are taken one by one' },
  fold: { neutral: 'columns', reason: 'a loop takes taps in their order' },
  shift: { neutral: 'window', reason: 'windows are taken one by one' },
  border: { neutral: 'written', reason: 'the border loops in any case' },
} as const satisfies { readonly [Axis in keyof JsSchedule]?: { readonly neutral: JsSchedule[Axis]; readonly reason: string } }

/** Why a schedule cannot carry out a program; `undefined` where it can. */
export const refuse = (schedule: JsSchedule, program: Program): string | undefined => {
  const { geometry } = program
  const backward = program.direction === 'backward' && isDense(program)
  for (const axis of keysOf(choices)) {
    if (!choices[axis].some((x) => x === schedule[axis]))
      return `${axis} is ${JSON.stringify(schedule[axis])}; it must be one of ${choices[axis].join(', ')}`
  }
  if (!Array.isArray(schedule.saved) || !schedule.saved.every((x) => typeof x === 'string')) {
    return `saved is ${JSON.stringify(schedule.saved)}; it must be a list of carriers' names`
  }
  for (const axis of keysOf(most)) {
    const value = schedule[axis]
    if (!Number.isInteger(value) || value < 1 || value > most[axis])
      return `${axis} is ${JSON.stringify(value)}; it must be a whole number from 1 to ${most[axis]}`
  }
  if (geometry.kind !== 'global' && schedule.split !== 1) {
    return `split is ${schedule.split}; only a global window is one long row of taps: use 1`
  }
  if (geometry.kind !== 'global' && schedule.turn !== 1) {
    return `turn is ${schedule.turn}; only a global window is one long row of taps: use 1`
  }
  if (schedule.extents !== 'dynamic') {
    const sizes = schedule.extents
    if (!Array.isArray(sizes) || sizes.length !== geometry.dims || !sizes.every((x) => Number.isInteger(x) && x > 0)) {
      return `extents is ${JSON.stringify(sizes)}; it must be 'dynamic' or ${geometry.dims} sizes of at least 1`
    }
  }
  // What is left at its default beside another axis that is pinned is nobody's mistake: it has no effect, or makes a long text.
  const usual = defaultSchedule(program)
  if (schedule.unroll !== 'all') {
    for (const axis of keysOf(straightOnly)) {
      const { neutral, reason } = straightOnly[axis]
      if (schedule[axis] !== neutral && schedule[axis] !== usual[axis])
        return `${axis} is ${quoted(schedule[axis])}; without unroll 'all' ${reason}: use ${quoted(neutral)}`
    }
    if (schedule.extrema === 'select' && usual.extrema !== 'select')
      return "extrema is 'select'; a loop over taps finds its greatest among keys or by a branch: use 'keys' or 'branch'"
  }
  const taps = tapsIn(program)
  const together = schedule.rows * schedule.outputsPerThread
  if (schedule.rows !== 1 && schedule.rows !== usual.rows && together * taps > rowsBudget)
    return `rows is ${schedule.rows}; ${schedule.rows} x ${schedule.outputsPerThread} windows of ${taps} taps, more than ${rowsBudget} in all, are too long a function to be optimised: use fewer`
  if (schedule.rows !== 1 && geometry.dims === 1) return `rows is ${schedule.rows}; in one dimension there is one row: use 1`
  if (schedule.shift === 'block' && geometry.layout === 'channels-last') {
    return "shift is 'block'; channels-last, a block is computed for all channels at once: use 'window'"
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
  if (backward && schedule.phases === 'owner' && geometry.kind === 'sliding' && !areDisjoint(geometry)) {
    return "phases is 'owner'; windows overlap where the stride is less than the kernel's span: use 'plane' or 'scatter'"
  }
  if (backward && (schedule.phases === 'plane' || schedule.phases === 'global') && geometry.kind !== 'sliding') {
    return `phases is '${schedule.phases}'; gathering needs windows of one size: use 'scatter' for ${geometry.kind} pooling`
  }
  return undefined
}
