/**
 * How much an axis of a schedule matters: for each of its values, what the candidates that have it come to. The best of a value
 * counts, not its mean, since a search asks what a value can reach with the rest of the schedule chosen for it.
 */
import type { Outcome } from '../outcome.ts'
import { isSameValue } from '../schedules.ts'
import type { Axes, Schedule } from '../subject.ts'
import type { Measured } from './measured.ts'

/** What is told of candidates: a number that is better when smaller. */
export interface Quantity {
  /** `undefined` for a candidate that has none. */
  of(outcome: Outcome): number | undefined
}

/** A value of an axis. */
export interface ValueEffect {
  readonly value: unknown
  readonly isUsual: boolean
  /** The candidates that have it and the quantity, the best first. */
  readonly points: readonly { readonly one: Measured; readonly amount: number }[]
}

export interface AxisEffect {
  readonly axis: string
  readonly values: readonly ValueEffect[]
  /** The best of the worst value over the best of the best; `undefined` where fewer than two values have candidates. */
  readonly ratio: number | undefined
}

const ratioOf = (values: readonly ValueEffect[]): number | undefined => {
  const bests = values.flatMap(({ points }) => points.slice(0, 1).map(({ amount }) => amount))
  return bests.length < 2 ? undefined : Math.max(...bests) / Math.min(...bests)
}

/** The axes that have more than one value, those that matter most first. */
export const effectsOf = (axes: Axes, usual: Schedule, all: readonly Measured[], quantity: Quantity): readonly AxisEffect[] =>
  Object.entries(axes)
    .map(([axis, searched]) => {
      const isSearched = searched.some((value) => isSameValue(value, usual[axis]))
      const values = (isSearched ? searched : [usual[axis], ...searched]).map(
        (value): ValueEffect => ({
          value,
          isUsual: isSameValue(value, usual[axis]),
          points: all
            .flatMap((one) => {
              const amount = isSameValue(one.schedule[axis], value) ? quantity.of(one.outcome) : undefined
              return amount === undefined ? [] : [{ one, amount }]
            })
            .sort((a, b) => a.amount - b.amount),
        }),
      )
      return { axis, values, ratio: ratioOf(values) }
    })
    .filter(({ values }) => values.length > 1)
    .sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0))
