/**
 * The schedules of a JavaScript kernel that are worth trying: for each axis its values, as plain data. A tuner takes their
 * product, leaves out what is refused (schedule.ts), and counts what comes out as one text once. An axis that makes no
 * difference to a program has one value.
 */
import { areDisjoint } from '../covers.ts'
import { isStored } from '../emit/sides.ts'
import { type Node, topological } from '../ir.ts'
import type { Program } from '../program.ts'
import { defaultSchedule, type JsSchedule, jsAxes } from './schedule.ts'
import { shiftsOf } from './shift.ts'

/** The values of each axis of a target's schedules. */
export type Space = Readonly<Record<string, readonly unknown[]>>

type JsSpace = { readonly [Axis in keyof JsSchedule]: readonly JsSchedule[Axis][] }

const isPlace = (node: Node): boolean => node.op === 'reduce' && node.over === 'taps' && node.by.startsWith('arg')

/** What of a program an axis can make a difference to. */
const traitsOf = (program: Program) => {
  const { geometry, stages, carriers } = program
  const stores = stages.flatMap((stage) => (stage.visits === 'parameters' ? [] : stage.stores))
  const nodes = topological([...stores, ...carriers].map((x) => x.value))
  const shifts = shiftsOf(program)
  const subtracted = new Set(shifts.values())
  const extrema = nodes.filter((x) => x.op === 'reduce' && x.over === 'taps' && x.by !== 'sum' && isStored(x.a))
  const found = extrema.filter((x) => !subtracted.has(x))
  const isSliding = geometry.kind === 'sliding'
  const overlaps = isSliding && !areDisjoint(geometry)
  const isGradient = stages.some((stage) => stage.visits === 'elements')
  const sums = nodes.some((x) => x.op === 'reduce' && x.over === 'taps' && x.by === 'sum')
  return {
    isGradient,
    isSliding,
    isGlobal: geometry.kind === 'global',
    hasRows: isSliding && geometry.dims > 1,
    hasBorder: isSliding && (geometry.ceilMode || geometry.axes.some((x) => x.low + x.high > 0)),
    hasExtrema: extrema.length > 0,
    /** Whether an extremum of stored numbers is looked for, and not only to be subtracted from exponents. */
    findsExtrema: found.length > 0,
    sums,
    /** Whether several windows add to one number: an element that they share, or a parameter's gradient. */
    adds: (isGradient && geometry.kind !== 'global' && (overlaps || !isSliding)) || stores.some((x) => x.how === 'add'),
    /** Whether values are put together where the order is free: in sums, and in extrema whose place nobody asks for. */
    folds: sums || !found.some(isPlace),
    hasShifts: shifts.size > 0,
    sharesShifts: shifts.size > 0 && overlaps && geometry.layout === 'channels-first',
  }
}

/**
 * The values of every axis that are worth trying for one direction of an operator.
 *
 * Some values are left out on purpose. `saved` binds both directions, so whoever compiles them decides. Carriers of all planes
 * at a time (`global`) take the arithmetic of `plane` and more memory. A turn of more than 64 taps is longer than most windows.
 *
 * @param extents - the spatial sizes of the input, for kernels of which they are constants
 */
export const jsSpace = (program: Program, extents: readonly number[]): Space & JsSpace => {
  const has = traitsOf(program)
  return {
    phases: has.isGradient ? ['owner', 'scatter', 'plane'] : [defaultSchedule(program).phases],
    saved: [[]],
    unroll: has.isSliding ? ['all', 'inner', 'none'] : ['none'],
    outputsPerThread: has.isSliding ? [1, 2, 3, 4, 8] : [1],
    rows: has.hasRows ? [1, 2, 4] : [1],
    fold: has.isSliding && has.folds ? ['columns', 'rows'] : ['columns'],
    extrema: has.findsExtrema ? ['keys', 'select', 'branch'] : ['keys'],
    shift: has.sharesShifts ? ['window', 'block'] : ['window'],
    border: has.hasBorder ? ['written', 'looped'] : ['written'],
    split: has.isGlobal ? [1, 2, 3, 4, 6, 8] : [1],
    turn: has.isGlobal ? [1, 2, 3, 4, 6, 8] : [1],
    extents: ['dynamic', extents],
  }
}

/**
 * The axes by which the last bits of a program's results may change: they reorder sums, or subtract another number from
 * exponents, or, `extrema`, take another of two zeros of unlike sign. Whoever wants the same bits whatever is found to be
 * fastest keeps these at their default; by all other axes every bit stays.
 */
export const reorderingAxes = (program: Program): readonly (keyof JsSchedule)[] => {
  const has = traitsOf(program)
  const reorders: Readonly<Record<keyof JsSchedule, boolean>> = {
    phases: has.isGradient,
    saved: false,
    unroll: has.sums || has.adds,
    // Windows of a block add what they give to one element before it is stored.
    outputsPerThread: has.adds || has.hasShifts,
    rows: has.adds || has.hasShifts,
    fold: has.sums || has.adds,
    extrema: has.hasExtrema,
    shift: has.hasShifts,
    border: has.sums || has.adds,
    split: has.sums,
    turn: has.sums,
    extents: false,
  }
  return jsAxes.filter((axis) => reorders[axis])
}
