/**
 * Local search with restarts: from where it stands it tries what differs in one axis, in random order, and goes on from the
 * first that is faster. Where none is, it tries what differs in two, since some values go together only (a vector needs
 * windows enough); and where none of these is either, it begins anew at random.
 */
import { timeOf } from '../outcome.ts'
import { randomFrom, shuffled } from '../random.ts'
import type { Candidate, Space } from '../space.ts'
import type { Search, Strategy } from './strategy.ts'

/** The points that differ from one in exactly so many axes. */
const around = (space: Space, point: readonly number[], distance: number): Candidate[] => {
  const sizes = Object.values(space.axes).map((values) => values.length)
  const move = (from: readonly number[], axis: number, left: number): (readonly number[])[] => {
    if (left === 0) return [from]
    if (axis === sizes.length) return []
    const others = Array.from({ length: sizes[axis]! }, (_, value) => value).filter((value) => value !== from[axis])
    const moved = others.flatMap((value) => move([...from.slice(0, axis), value, ...from.slice(axis + 1)], axis + 1, left - 1))
    return [...moved, ...move(from, axis + 1, left)]
  }
  return [...new Set(move(point, 0, distance).flatMap((to) => space.at(to) ?? []))]
}

export const local: Strategy = function* ({ space, start, seed }) {
  const random = randomFrom(seed)
  const times = new Map<Candidate, number>()
  const measure = function* (candidate: Candidate): Generator<Candidate, number, Parameters<Search['next']>[0]> {
    const known = times.get(candidate)
    if (known !== undefined) return known
    const time = timeOf(yield candidate)
    times.set(candidate, time)
    return time
  }
  for (let from: Candidate | undefined = start; from; from = shuffled(space.candidates, random).find((one) => !times.has(one))) {
    let [here, best]: [Candidate, number] = [from, yield* measure(from)]
    for (let distance = 1; distance <= 2; ) {
      let better: Candidate | undefined
      for (const next of shuffled(around(space, here.point, distance), random)) {
        const time: number = yield* measure(next)
        if (time >= best) continue
        ;[better, best] = [next, time]
        break
      }
      if (better) [here, distance] = [better, 1]
      else distance++
    }
  }
}
