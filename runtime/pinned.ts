/** Schedule axes that somebody pins: for both directions of a kernel, or for each its own, as a tuner finds them. */
import { ArgumentError } from '../dsl/errors.ts'
import { nearest } from '../dsl/names.ts'

export type Pinned = Readonly<Record<string, unknown>>

export interface PinnedEach {
  readonly forward?: Pinned
  readonly backward?: Pinned
}

const directions: readonly string[] = ['forward', 'backward']

const isEach = (given: Pinned | PinnedEach): given is PinnedEach => {
  const names = Object.keys(given)
  return names.length > 0 && names.every((name) => directions.includes(name))
}

/** What is pinned of one direction. */
export const pinnedOf = (given: Pinned | PinnedEach | undefined, direction: 'forward' | 'backward'): Pinned => {
  if (given === undefined) return {}
  return isEach(given) ? (given[direction] ?? {}) : given
}

/** @throws ArgumentError for an axis that the target has not */
export const checkAxes = (target: string, axes: readonly string[], pinned: Pinned): void => {
  const unknown = Object.keys(pinned).find((axis) => !axes.includes(axis))
  if (unknown === undefined) return
  const meant = nearest(unknown, axes)
  throw new ArgumentError(
    `the ${target} target has no schedule axis '${unknown}': ${meant ? `did you mean '${meant}'?` : `it has ${axes.join(', ')}`}`,
  )
}
