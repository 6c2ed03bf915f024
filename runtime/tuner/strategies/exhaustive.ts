/** Every candidate, the start first. */
import type { Strategy } from './strategy.ts'

export const exhaustive: Strategy = function* ({ space, start }) {
  yield start
  for (const candidate of space.candidates) if (candidate !== start) yield candidate
}
