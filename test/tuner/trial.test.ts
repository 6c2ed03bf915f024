/** What a bench finds out: wrong numbers, numbers that are missing or beside the tensor, and a reference that is wrong itself. */
import { describe, expect, it } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import type { Outcome } from '../../runtime/tuner/outcome.ts'
import { randomFrom, shuffled } from '../../runtime/tuner/random.ts'
import { spaceOf } from '../../runtime/tuner/space.ts'
import { benchOn } from '../../runtime/tuner/trial/bench.ts'
import { dataFor, sampleOf } from '../../runtime/tuner/trial/data.ts'
import { open as openHost } from '../../runtime/tuner/trial/js.ts'
import { specs } from '../../specs/index.ts'
import { open, type Plants } from './planted.ts'
import { problemOf } from './problems.ts'

/** A candidate under which the plant grows. */
const trialOf = async (plants: Plants, outputs = 2): Promise<Outcome> => {
  const problem = problemOf('avg')
  const bench = await benchOn(problem, open(plants), 1)
  return bench.trial({ ...jsTuning.subject(problem).usual, outputsPerThread: outputs }, Number.POSITIVE_INFINITY)
}

describe('a trial', () => {
  it('times what is right', async () => {
    const outcome = await trialOf({})
    expect(outcome).toMatchObject({ kind: 'ok', ms: expect.any(Number), lower: expect.any(Number), upper: expect.any(Number) })
  })

  it('finds a number that is off', async () => {
    expect(await trialOf({ wrong: 2 })).toMatchObject({
      kind: 'wrong',
      message: expect.stringMatching(/^y\[3\] is 7, not .*rounding explains$/),
    })
  })

  it('finds a number that is not written', async () => {
    expect(await trialOf({ unwritten: 2 })).toMatchObject({ kind: 'wrong', message: expect.stringMatching(/^y\[\d+\] is -2\.6/) })
  })

  it('finds what is written beside a tensor', async () => {
    expect(await trialOf({ outside: 2 })).toEqual({ kind: 'wrong', message: 'y: it writes behind the tensor' })
  })

  it('tells a kernel that throws from one that is not even made', async () => {
    expect(await trialOf({ throws: 2 })).toEqual({ kind: 'launch-failed', message: 'planted' })
    expect(await trialOf({}, 99)).toMatchObject({
      kind: 'compile-failed',
      message: expect.stringContaining('outputsPerThread is 99'),
    })
  })

  it('leaves early what is clearly behind', async () => {
    const bench = await benchOn(problemOf('avg'), openHost(), 1)
    expect(await bench.trial(jsTuning.subject(problemOf('avg')).usual, 1e-9)).toMatchObject({ kind: 'ok', hasty: true })
  })

  it('times several side by side, and those that fail not at all', async () => {
    const problem = problemOf('avg')
    const { usual } = jsTuning.subject(problem)
    const bench = await benchOn(problem, openHost(), 1)
    const [first, bad, last] = await bench.again([usual, { ...usual, outputsPerThread: 99 }, { ...usual, outputsPerThread: 1 }])
    expect([first?.kind, bad, last?.kind]).toEqual(['ok', undefined, 'ok'])
  })

  it('tries kernels that are pinned to sizes beyond the part that the oracle goes through', async () => {
    const pinned = { extents: [30, 26] }
    const problem = problemOf('avg', undefined, { ...pinned, pinned })
    const bench = await benchOn(problem, openHost(), 1)
    expect(await bench.trial(jsTuning.subject(problem).usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok' })
  })

  it('refuses a reference that is wrong, loudly', async () => {
    await expect(benchOn(problemOf('avg'), open({ wrong: 0 }), 1)).rejects.toThrow(
      /the default kernel of avg, forward, cannot be a reference \(wrong\): y\[3\] is 7.*Nothing is tuned/,
    )
  })
})

describe('every operator of the house', () => {
  it.each([...specs.keys()])('%s: schedules are right, forward and backward', async (name) => {
    for (const direction of ['forward', 'backward'] as const) {
      const problem = problemOf(name, { kernelSize: [3, 2], stride: 2, padding: 1 }, { direction, extents: [7, 6] })
      const bench = await benchOn(problem, { ...openHost(), timed: undefined }, 7)
      const { candidates } = await spaceOf({ ...jsTuning.subject(problem), text: (schedule) => JSON.stringify(schedule) })
      // Property tests have them all, in combinations; here it is the bench that is looked at.
      for (const { schedule } of shuffled(candidates, randomFrom(1)).slice(0, 6))
        expect(await bench.trial(schedule, 1), JSON.stringify(schedule)).toEqual({ kind: 'ok', ms: null })
    }
  })
})

describe('what kernels are tried on', () => {
  it('is small enough for the oracle, and as large as the windows need', () => {
    expect(sampleOf(problemOf('max', undefined, { samples: 9, channels: 99, extents: [500, 7] }))).toEqual({
      samples: 2,
      channels: 8,
      extents: [24, 7],
    })
    const wide = problemOf('max', { kernelSize: [30, 30] }, { extents: [64, 64] })
    expect(sampleOf(wide).extents).toEqual([64, 64])
  })

  it('has no denormals, and is another for another seed', () => {
    const problem = problemOf('gaussian')
    const [a, b] = [dataFor(problem, problem, 1), dataFor(problem, problem, 2)]
    const x = a.inputs.x!.data
    expect(x).toHaveLength(2 * 13 * 14)
    expect(x.every((value) => Math.abs(value) <= 2)).toBe(true)
    expect([...x]).not.toEqual([...b.inputs.x!.data])
    expect(Object.keys(a.inputs).sort()).toEqual(['weight', 'x'])
    expect(Object.keys(a.cotangents)).toEqual(['y'])
  })
})
