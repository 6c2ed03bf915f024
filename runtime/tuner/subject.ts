/**
 * What is tuned, and what a target tells of it without running anything: which schedules there are, what text each becomes,
 * and how long it should take. A tuner knows targets by this face alone.
 */
import type { Program } from '../../codegen/program.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { CheckedOperator } from '../../dsl/expression.ts'
import type { Geometry, StorageType } from '../../dsl/geometry.ts'
import { checkAxes, type Pinned } from '../pinned.ts'

/** One direction of an operator on tensors of one size. It is plain data: it goes to other processes as it is. */
export interface Problem {
  readonly operator: CheckedOperator
  readonly geometry: Geometry
  readonly direction: 'forward' | 'backward'
  /** The results wanted. */
  readonly results: readonly string[]
  readonly dtype: StorageType
  readonly samples: number
  readonly channels: number
  /** The input's spatial sizes. */
  readonly extents: readonly number[]
  /** Axes that are not searched. */
  readonly pinned: Pinned
  /** Whether axes that reorder sums keep their default, so that tuning changes no bit of a result. */
  readonly deterministic: boolean
}

/** Every axis of a schedule, with a value. */
export type Schedule = Readonly<Record<string, unknown>>

/** The values of each axis that are worth a trial. */
export type Axes = Readonly<Record<string, readonly unknown[]>>

/** A problem on one target. */
export interface Subject {
  readonly problem: Problem
  readonly program: Program
  readonly axes: Axes
  /** What is taken where nothing is tuned. */
  readonly usual: Schedule
  /** Why a schedule cannot be; `undefined` where it can. */
  refuse(schedule: Schedule): string | undefined
  /** The whole text of the kernels, by which schedules are told apart. */
  text(schedule: Schedule): string
  /** A time that the cost model expects, in milliseconds of a device of its own: only ratios mean something. */
  cost(schedule: Schedule): number
}

/**
 * Whether what is pinned can be tuned at all: said before anything is tried, where a kernel that cannot be would pass for a
 * mistake of ours.
 * @param axes - all that the target has
 * @throws ArgumentError for an axis that the target has not, and for a kernel of other sizes than those that are tuned for
 */
export const checkPinned = (target: string, axes: readonly string[], { pinned, extents }: Problem): void => {
  checkAxes(target, axes, pinned)
  const { extents: fixed } = pinned
  if (Array.isArray(fixed) && fixed.join() !== extents.join())
    throw new ArgumentError(
      `extents is ${JSON.stringify(fixed)}, but the input to tune for has ${JSON.stringify(extents)}: pin these, or "dynamic"`,
    )
}

/**
 * The axes that are searched, of those that a target has: not what is pinned, what has one value only, and, where no bit of a
 * result may change, what reorders sums. What is left keeps its default.
 *
 * What a forward kernel saves for the backward one is not among a target's axes: it changes what a caller has to hand on.
 */
export const searched = (
  axes: Axes,
  reordering: readonly string[],
  { pinned, deterministic }: Pick<Problem, 'pinned' | 'deterministic'>,
): Axes =>
  Object.fromEntries(
    Object.entries(axes).filter(
      ([axis, values]) => values.length > 1 && !Object.hasOwn(pinned, axis) && !(deterministic && reordering.includes(axis)),
    ),
  )
