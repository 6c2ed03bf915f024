/** Every candidate in random order: what any other strategy has to be better than. */
import { randomFrom, shuffled } from '../random.ts'
import type { Strategy } from './strategy.ts'

export const random: Strategy = function* ({ space, start, seed }) {
  yield start
  for (const candidate of shuffled(space.candidates, randomFrom(seed))) if (candidate !== start) yield candidate
}
