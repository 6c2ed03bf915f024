/** Schedules held against one another: whether they are the same, where they differ, and how that reads. */
import type { Axes, Schedule, Subject } from './subject.ts'

export const isSameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export const isSameSchedule = (a: Schedule, b: Schedule): boolean =>
  Object.keys({ ...a, ...b }).every((axis) => isSameValue(a[axis], b[axis]))

/**
 * The axes of a subject with the usual value of each in front: of schedules that become the same text, the one that is nearest
 * to the default is met first.
 */
export const usualFirst = ({ axes, usual }: Pick<Subject, 'axes' | 'usual'>): Axes =>
  Object.fromEntries(
    Object.entries(axes).map(([axis, values]) => [
      axis,
      [usual[axis], ...values.filter((value) => !isSameValue(value, usual[axis]))],
    ]),
  )

/** By axis, which of its values a schedule has; `undefined` where it has another. */
export const pointOf = (axes: Axes, schedule: Schedule): readonly number[] | undefined => {
  const point = Object.entries(axes).map(([axis, values]) => values.findIndex((value) => isSameValue(value, schedule[axis])))
  return point.includes(-1) ? undefined : point
}

export interface Difference {
  readonly axis: string
  readonly value: unknown
}

/** Where a schedule is not another: its own values, in the other's order of axes. An axis that it lacks is as the other has it. */
export const differences = (schedule: Schedule, other: Schedule): readonly Difference[] =>
  [...new Set([...Object.keys(other), ...Object.keys(schedule)])]
    .filter((axis) => Object.hasOwn(schedule, axis) && !isSameValue(schedule[axis], other[axis]))
    .map((axis) => ({ axis, value: schedule[axis] }))

/** A value of an axis: a word as it is, all else as JSON. */
export const valueText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none'))

/** `unroll inner, split 1`, by what is not as in the default. */
export const scheduleText = (changed: readonly Difference[]): string =>
  changed.length === 0 ? 'the default' : changed.map(({ axis, value }) => `${axis} ${valueText(value)}`).join(', ')
