/**
 * How long JavaScript kernels should take: factors of what each choice costs, of what was measured of V8 11.3 on an x86 server
 * (`bench/recordings/`). It ranks; only ratios mean something. What it gets wrong, a search corrects.
 */
import { areDisjoint, reachOf, spanOf } from '../../codegen/covers.ts'
import { operationsPerTap, placesAlone, tapsIn } from '../../codegen/js/cost.ts'
import type { JsSchedule } from '../../codegen/js/schedule.ts'
import { shiftsOf } from '../../codegen/js/shift.ts'
import type { Program } from '../../codegen/program.ts'
import { outputSize } from '../../dsl/geometry.ts'

/** Loops over taps, beside windows that are written out. */
const looping = { all: 1, inner: 2.5, none: 3.3 } as const

/** A window at the border that loops, beside one that is written out. */
const borderLoop = 1.8

/** Of a window's time, what goes with the elements that it loads and its neighbours do not share. */
const loading = 0.4

const comparing = { keys: 1, select: 1.07, branch: 1.9 } as const

/** Where several windows could share their exponentials and each makes its own. */
const ownExponentials = 1.35

/** Constants in place of sizes that are handed in. */
const fixedSizes = 0.98

/**
 * Operations of a function that V8 still optimises, and what becomes of a longer one: it runs in a form that is not optimised
 * (`--max-optimized-bytecode-size`). Borders that are written out are some more texts.
 */
const longest = 2500
const unoptimised = 8
const textsOfBorders = 2.5

/** Partial sums of a global window, until the processor has enough to do. */
const enoughSums = 3

const share = (part: number, factor: number): number => 1 + part * (factor - 1)

/** Elements that each of the windows of a block loads, beside those that a window has. */
const loadsOf = ({ geometry }: Program, { rows, outputsPerThread }: JsSchedule): number => {
  if (geometry.kind !== 'sliding') return 1
  const block = geometry.axes.map((_, d) =>
    d === geometry.axes.length - 1 ? outputsPerThread : d === geometry.axes.length - 2 ? rows : 1,
  )
  return geometry.axes.reduce((loads, axis, d) => loads * (reachOf(axis, block[d]!) / (block[d]! * spanOf(axis))), 1)
}

/** The windows that reach over the border, as a part of all. */
const borderOf = ({ geometry }: Program, extents: readonly number[]): number => {
  if (geometry.kind !== 'sliding') return 0
  const out = outputSize(geometry, extents)
  const inside = geometry.axes.reduce(
    (part, axis, d) => part * Math.max(0, 1 - (Math.ceil(axis.low / axis.stride) + Math.ceil(axis.high / axis.stride)) / out[d]!),
    1,
  )
  return 1 - inside
}

/** How the gradient reaches elements: cotangents alone are gathered with few loads, else to add in order is faster. */
const phasesOf = (program: Program, { phases }: JsSchedule): number => {
  if (program.direction === 'forward') return 1
  const { geometry, carriers } = program
  if (areDisjoint(geometry)) return phases === 'owner' ? 1 : 1.4
  const gathers = phases === 'plane' || phases === 'global'
  return gathers === (carriers.length === 0) ? 1 : 1.3
}

/** A time in units of its own. */
export const jsCost = (program: Program, schedule: JsSchedule, extents: readonly number[]): number => {
  const { unroll, rows, outputsPerThread, extrema, shift, border, split, extents: sizes } = schedule
  const isWritten = unroll === 'all'
  const atBorder = borderOf(program, extents)
  const texts = border === 'written' && atBorder > 0 ? textsOfBorders : 1
  const taps = tapsIn(program)
  const length = isWritten ? taps * rows * outputsPerThread * operationsPerTap(program) * texts : 0
  const compared = placesAlone(program) && extrema === 'keys' && isWritten ? comparing.select : comparing[extrema]
  const exponentials = shiftsOf(program).size > 0 && shift === 'window' ? ownExponentials : 1
  return (
    looping[unroll] *
    (isWritten ? share(loading, loadsOf(program, schedule)) : 1) *
    (isWritten && border === 'looped' ? share(atBorder, 1 + borderLoop) : 1) *
    compared *
    exponentials *
    phasesOf(program, schedule) *
    (sizes === 'dynamic' ? 1 : fixedSizes) *
    (length > longest ? unoptimised : 1) *
    (program.geometry.kind === 'global' ? share(0.5, Math.max(1, enoughSums / split)) : 1)
  )
}
