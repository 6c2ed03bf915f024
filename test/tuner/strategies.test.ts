/** Strategies on made-up landscapes: each candidate at most once, all of them in the end, the same for a seed, and in good order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../runtime/tuner/outcome.ts'
import { type Candidate, pointsOf, type Space } from '../../runtime/tuner/space.ts'
import { type StrategyName, strategies } from '../../runtime/tuner/strategies/index.ts'
import { believe, expectedImprovement } from '../../runtime/tuner/strategies/surrogate.ts'

/** A space of a grid, of which some points are refused. */
const gridOf = (sizes: readonly number[], refused: (point: readonly number[]) => boolean = () => false): Space => {
  const candidates: Candidate[] = []
  for (const point of pointsOf(sizes))
    if (point.every((x) => x === 0) || !refused(point))
      candidates.push({ index: candidates.length, schedule: { ...point }, point })
  const byPoint = new Map(candidates.map((one) => [one.point.join(), one]))
  return {
    axes: Object.fromEntries(sizes.map((size, d) => [`axis${d}`, Array.from({ length: size }, (_, k) => `value ${k}`)])),
    candidates,
    usual: candidates[0]!,
    refused: 0,
    duplicates: 0,
    at: (point) => byPoint.get(point.join()),
    identify: async (candidate) => candidate.point.join(),
  }
}

type Landscape = (point: readonly number[]) => number

/** The candidates in the order in which a strategy names them; a time that is infinite is a fault. */
const orderOf = (
  name: StrategyName,
  space: Space,
  time: Landscape,
  { seed = 1, start = space.usual, cost = (_: Candidate): number => 1 } = {},
) => {
  const search = strategies[name]({ space, seed, start, cost })
  const order: Candidate[] = []
  for (let step = search.next(); !step.done; ) {
    order.push(step.value)
    const ms = time(step.value.point)
    const outcome: Outcome = Number.isFinite(ms) ? { kind: 'ok', ms } : { kind: 'wrong', message: 'planted' }
    step = search.next(outcome)
  }
  return order
}

const names = Object.keys(strategies) as StrategyName[]

/** Times that are products of what each axis contributes. */
const separable =
  (factors: readonly (readonly number[])[]): Landscape =>
  (point) =>
    point.reduce((time, value, d) => time * factors[d]![value]!, 1)

describe.each(names)('%s', (name) => {
  it('names every candidate once, whatever comes of them', () => {
    const cases = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      seed: fc.nat(1000),
      salt: fc.nat(1000),
    })
    fc.assert(
      fc.property(cases, ({ sizes, seed, salt }) => {
        const space = gridOf(sizes, (point) => point.reduce((a, b) => a * 7 + b, salt) % 5 === 0)
        const time: Landscape = (point) => {
          const drawn = point.reduce((a, b) => (a * 31 + b * 17 + salt) % 1009, seed)
          return drawn % 6 === 0 ? Number.POSITIVE_INFINITY : 1 + drawn
        }
        const order = orderOf(name, space, time, { seed })
        expect(order).toHaveLength(space.candidates.length)
        expect(new Set(order).size).toBe(order.length)
        expect(order[0]).toBe(space.usual)
      }),
      { numRuns: 40 },
    )
  })

  it('does the same for the same seed', () => {
    const space = gridOf([3, 4, 2])
    const time = separable([
      [3, 1, 2],
      [1, 4, 2, 3],
      [1, 2],
    ])
    expect(orderOf(name, space, time, { seed: 5 })).toEqual(orderOf(name, space, time, { seed: 5 }))
  })

  it('begins where it is told', () => {
    const space = gridOf([3, 3])
    expect(orderOf(name, space, () => 1, { start: space.candidates[4]! })[0]).toBe(space.candidates[4])
  })
})

/** How many trials it takes to come within a factor of the best. */
const trialsUntil = (order: readonly Candidate[], time: Landscape, within: number): number => {
  const best = Math.min(...order.map(({ point }) => time(point)))
  return 1 + order.findIndex(({ point }) => time(point) <= within * best)
}

describe('on a landscape whose axes are independent', () => {
  const space = gridOf([4, 4, 4, 4])
  const time = separable([
    [4, 3, 2, 1],
    [2, 1, 3, 4],
    [1.5, 2, 1, 1.2],
    [3, 1.4, 1.2, 1],
  ])
  const worst = space.candidates.reduce((a, b) => (time(b.point) > time(a.point) ? b : a))

  it('local search comes to the best from the worst in a tenth of the space', () => {
    for (const seed of [1, 2, 3, 4, 5])
      expect(trialsUntil(orderOf('local', space, time, { seed, start: worst }), time, 1)).toBeLessThanOrEqual(40)
  })

  it('a model that knows half of it guides to the best in a twentieth', () => {
    const half = separable([
      [4, 3, 2, 1],
      [2, 1, 3, 4],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ])
    const order = orderOf('guided', space, time, { start: worst, cost: ({ point }) => half(point) })
    expect(trialsUntil(order, time, 1.05)).toBeLessThanOrEqual(13)
  })

  it('a model that is wrong altogether is corrected by what is measured', () => {
    const upsideDown = ({ point }: Candidate): number => 1 / time(point)
    expect(trialsUntil(orderOf('guided', space, time, { cost: upsideDown }), time, 1.05)).toBeLessThanOrEqual(128)
  })
})

describe('belief', () => {
  const axes = { n: [1, 2, 4, 8], way: ['a', 'b'] }
  it('is what was measured where it was, and less sure elsewhere', () => {
    const known = [
      { point: [0, 0], expected: 0, measured: 1 },
      { point: [2, 1], expected: 0.5, measured: 1.2 },
    ]
    const belief = believe(axes, known)
    for (const { point, expected, measured } of known) {
      expect(belief(point, expected).mean).toBeCloseTo(measured, 1)
      expect(belief(point, expected).deviation).toBeLessThan(0.05)
    }
    const [near, far] = [belief([1, 0], 0).deviation, belief([3, 0], 0).deviation]
    expect(near).toBeGreaterThan(0.05)
    expect(far).toBeGreaterThan(near)
  })

  it('promises nothing where it is sure of worse, and something where it is not sure', () => {
    expect(expectedImprovement({ mean: 2, deviation: 0.01 }, 1)).toBeCloseTo(0, 6)
    expect(expectedImprovement({ mean: 0, deviation: 0.01 }, 1)).toBeCloseTo(1, 6)
    expect(expectedImprovement({ mean: 1, deviation: 1 }, 1)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 6)
  })
})
