/** Trials in this process, on a made-up device that answers later: what it leaves unusable is given up, and another is opened. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import { TrialsHere } from '../../runtime/tuner/trial/here.ts'
import { open as openHost } from '../../runtime/tuner/trial/js.ts'
import type { Workplace } from '../../runtime/tuner/trial/workplace.ts'
import { open, type Plants } from './planted.ts'
import { problemOf } from './problems.ts'

const problem = problemOf('avg')
const { usual } = jsTuning.subject(problem)
const bad = { ...usual, outputsPerThread: 2 }

/** Places that answer later. What throws there breaks them, and so the next is another. */
const placesWith = (plants: Plants & { readonly waits?: boolean }) => {
  const places = { opened: 0, closed: 0 }
  const openOne = async (): Promise<Workplace> => {
    places.opened++
    const place = open(plants)
    let isBroken = false
    return {
      ...place,
      guarded: (...of) => {
        const guarded = place.guarded(...of)
        return { ...guarded, look: async () => guarded.look() }
      },
      target: {
        ...place.target,
        compile: async (operator, geometry, options) => {
          const { forward } = options.schedule as { readonly forward?: { readonly outputsPerThread?: number } }
          if (plants.waits && forward?.outputsPerThread === 2) await new Promise(() => undefined)
          return place.target.compile(operator, geometry, options)
        },
      },
      faultOf: (error, doing) => {
        isBroken = true
        return place.faultOf(error, doing)
      },
      isBroken: () => isBroken,
      close: () => void places.closed++,
    }
  }
  return { places, tuning: { open: openOne } }
}

describe('trials in this process', () => {
  it('find what is right, what is wrong, and who is faster, in one place', async () => {
    const { places, tuning } = placesWith({ wrong: 2 })
    const trials = new TrialsHere(tuning, { problem, seed: 1 })
    expect(await trials.open()).toEqual({ isTimed: true, limitMs: expect.any(Number) })
    expect(await trials.trial(usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok', ms: expect.any(Number) })
    expect(await trials.trial(bad, 1)).toMatchObject({ kind: 'wrong' })
    expect(await trials.again([usual])).toMatchObject([{ kind: 'ok' }])
    trials.close()
    expect(places).toEqual({ opened: 1, closed: 1 })
  })

  it('go on in another place where a candidate has broken one', async () => {
    const { places, tuning } = placesWith({ throws: 2 })
    const trials = new TrialsHere(tuning, { problem, seed: 1 })
    onTestFinished(() => trials.close())
    expect(await trials.trial(bad, 1)).toEqual({ kind: 'launch-failed', message: 'planted' })
    expect(places).toEqual({ opened: 1, closed: 1 })
    expect(await trials.trial(usual, 1)).toMatchObject({ kind: 'ok' })
    expect(places).toEqual({ opened: 2, closed: 1 })
  })

  it('give up a place that does not answer, and what was timed side by side there', async () => {
    const { places, tuning } = placesWith({ waits: true })
    const trials = new TrialsHere(tuning, { problem, seed: 1, timeoutMs: 1500 })
    onTestFinished(() => trials.close())
    expect(await trials.trial(bad, 1)).toEqual({
      kind: 'timeout',
      message: 'it did not end within 1500 ms, and its device was given up',
    })
    expect(await trials.again([bad])).toEqual([undefined])
    expect(places).toEqual({ opened: 2, closed: 2 })
  })

  it('end with what stands in the way of the first, and close the place', async () => {
    const { places, tuning } = placesWith({ throws: 0 })
    await expect(new TrialsHere(tuning, { problem, seed: 1 }).open()).rejects.toThrow(/cannot be tried here: planted/)
    expect(places).toEqual({ opened: 1, closed: 1 })
    const wrong = { open: async () => ({ ...openHost(), ...open({ wrong: 0 }) }) }
    await expect(new TrialsHere(wrong, { problem, seed: 1 }).open()).rejects.toThrow(/cannot be a reference \(wrong\)/)
    const absent = new TrialsHere({ open: () => Promise.reject(new Error('no device')) }, { problem, seed: 1 })
    await expect(absent.trial(usual, 1)).rejects.toThrow('no device')
  })
})
