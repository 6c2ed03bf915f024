/**
 * Guided by the cost model: it tries what is to be expected to improve the most on the best so far, where the model says what
 * to expect, and each measurement corrects it for what is near. What fails counts as slower than all that ran.
 */
import { timeOf } from '../outcome.ts'
import type { Candidate } from '../space.ts'
import type { Strategy } from './strategy.ts'
import { believe, expectedImprovement, type Known } from './surrogate.ts'

/** What a fault counts as, beside the slowest that ran. */
const faultFactor = 2

/** The measurements that a belief is made of: the work grows with their cube, and beyond some hundred little is learned. */
const mostKnown = 160

export const guided: Strategy = function* ({ space, start, cost }) {
  const expected = new Map(space.candidates.map((one) => [one, Math.log(cost(one))]))
  const times = new Map<Candidate, number>()
  const left = new Set(space.candidates)
  let next: Candidate | undefined = start
  while (next) {
    left.delete(next)
    times.set(next, timeOf(yield next))
    const ran = [...times.values()].filter(Number.isFinite)
    if (ran.length === 0) {
      // Nothing has run yet: what the model holds for the fastest is all that there is to go by.
      next = [...left].sort((a, b) => expected.get(a)! - expected.get(b)!)[0]
      continue
    }
    const failed = Math.log(faultFactor * Math.max(...ran))
    const known = [...times].map(
      ([candidate, time]): Known => ({
        point: candidate.point,
        expected: expected.get(candidate)!,
        measured: Number.isFinite(time) ? Math.log(time) : failed,
      }),
    )
    // The fastest teach the most.
    known.sort((a, b) => a.measured - b.measured)
    const belief = believe(space.axes, known.slice(0, mostKnown))
    const best = known[0]!.measured
    let most = Number.NEGATIVE_INFINITY
    next = undefined
    for (const candidate of left) {
      const gain = expectedImprovement(belief(candidate.point, expected.get(candidate)!), best)
      if (gain > most) [most, next] = [gain, candidate]
    }
  }
}
