/** Schedule axes that somebody pins: for both directions of a kernel, or for each its own, as a tuner finds them. */

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
