/** Tuning CUDA without a GPU: every candidate is carried out on the emulator, which finds what a clock never would. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { keyFor } from '../../../runtime/tuner/key.ts'
import { TrialProcess } from '../../../runtime/tuner/node/process.ts'
import { spaceOf } from '../../../runtime/tuner/space.ts'
import type { Problem } from '../../../runtime/tuner/subject.ts'
import { tune } from '../../../runtime/tuner/tune.ts'
import { problemOf, temporaryStore } from '../../tuner/problems.ts'
import { nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

/** What is searched here: a few values of the axes that make the greatest difference to the text. */
const pinned = { threads: 256, minBlocks: 2, extents: 'dynamic', border: 'predicated' }

describe.each(nvrtcs)('on the emulator, $name', (nvrtc) => {
  it('the whole of a space is right, is told what it takes, and is ranked', async (context) => {
    const { nvrtc: loaded, target } = await emulated(nvrtc, context)
    const problem = problemOf(
      'avg',
      { kernelSize: [2, 2] },
      { extents: [10, 12], pinned: { ...pinned, outputsPerThread: [1, 2] } },
    )
    const tuning = target.tuning!
    const subject = tuning.subject(problem)
    const where = { ...tuning.where!, options: { device: 'emulator', nvrtc: loaded.path } }
    const tuned = await tune({
      subject,
      key: await keyFor(subject, tuning),
      store: temporaryStore(),
      generator: 'this version',
      trials: () => new TrialProcess({ where, problem, seed: 1 }),
      budget: { ms: 120_000, candidates: Number.POSITIVE_INFINITY },
      strategy: 'guided',
      seed: 1,
    })
    const { candidates } = await spaceOf(subject)
    expect(candidates.length).toBeGreaterThan(5)
    expect(tuned).toMatchObject({ isTimed: false, measured: candidates.length, isComplete: true, bestMs: undefined })
    for (const { schedule, outcome } of tuned.results)
      expect(outcome, JSON.stringify(schedule)).toEqual({
        kind: 'ok',
        ms: null,
        takes: { registers: expect.any(Number), spills: 0, shared: expect.any(Number), occupancy: expect.any(Number) },
      })
    expect(
      tuned.results.filter(({ outcome }) => outcome.takes!.shared > 0).map(({ schedule }) => schedule.staging),
    ).toContainEqual({ tile: [8, 32] })
    const cheapest = Math.min(...tuned.results.map(({ schedule }) => subject.cost(schedule)))
    expect(subject.cost(tuned.best!)).toBe(cheapest)
  })

  it('a schedule that races on shared memory is wrong, by the emulator’s report', async (context) => {
    const { nvrtc: loaded } = await emulated(nvrtc, context)
    const problem: Problem = problemOf('max', { kernelSize: [2, 2] }, { extents: [40, 70] })
    const module = new URL('./planted.ts', import.meta.url).href
    const options = { device: 'emulator', nvrtc: loaded.path }
    const trials = new TrialProcess({ where: { module, options }, problem, seed: 1 })
    onTestFinished(() => trials.close())
    const usual = { phases: 'fused', unroll: 'all', outputsPerThread: [1, 4], border: 'predicated', vector: 4, staging: 'none' }
    expect(await trials.trial(usual, 1)).toMatchObject({ kind: 'ok' })
    expect(await trials.trial({ ...usual, staging: { tile: [8, 32] } }, 1)).toEqual({
      kind: 'wrong',
      message: expect.stringMatching(
        /^kernel maxForward is wrong:\n[\s\S]*of shared memory, written by thread \d+ with no barrier between[\s\S]*which computes max\(x\)/,
      ),
    })
  })
})
