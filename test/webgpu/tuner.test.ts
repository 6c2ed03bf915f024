/** Tuning shaders on whatever adapter is here: each is held against the definition, and what goes wrong ends no search. */
import '../children.ts'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { keyFor } from '../../runtime/tuner/key.ts'
import { trialsIn } from '../../runtime/tuner/node/trials.ts'
import type { Trials } from '../../runtime/tuner/request.ts'
import { spaceOf } from '../../runtime/tuner/space.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import { benchOn } from '../../runtime/tuner/trial/bench.ts'
import { TrialError } from '../../runtime/tuner/trial/errors.ts'
import { TrialsHere } from '../../runtime/tuner/trial/here.ts'
import { tune } from '../../runtime/tuner/tune.ts'
import type { Tuning } from '../../runtime/tuner/tuning.ts'
import { LimitError, openWebGpu, type WebGpu } from '../../runtime/webgpu/index.ts'
import { openDevice } from '../../runtime/webgpu/open.ts'
import { webGpuTarget } from '../../runtime/webgpu/target.ts'
import { workplaceOn } from '../../runtime/webgpu/tuner/workplace.ts'
import { problemOf, temporaryStore } from '../tuner/problems.ts'
import { opened } from './adapter.ts'
import { fewCandidates } from './few-candidates.ts'
import { type Plant, planted } from './planted.ts'

const problem = problemOf('avg', { kernelSize: [2, 2] }, { extents: [10, 12], pinned: fewCandidates })

const tuningOf = ({ target }: WebGpu): Tuning => target.tuning!

/** A device that somebody else has opened: without the features that ours are asked for. */
const callersOwn = async (context: TestContext): Promise<WebGpu> => {
  const { device } = await opened(context)
  const found = await import('../../runtime/webgpu/node.ts').then(({ dawn }) => dawn())
  const own = await (await found.gpu.requestAdapter())!.requestDevice()
  context.onTestFinished(() => own.destroy())
  expect(own.features.has('timestamp-query')).toBe(false)
  expect(device).not.toBe(own)
  return openWebGpu({ device: own })
}

const search = async (tuning: Tuning, of: Problem, trials: () => Trials, store = temporaryStore()) => {
  const subject = tuning.subject(of)
  const budget = { ms: 60_000, candidates: Number.POSITIVE_INFINITY }
  const key = await keyFor(subject, tuning)
  return tune({ subject, key, store, generator: 'this version', trials, budget, strategy: 'guided', seed: 1 })
}

describe('the space', () => {
  it('has each text once, of several shaders too, and nothing that is refused', async (context) => {
    const tuning = tuningOf(await opened(context))
    const pins = { vector: 1, threads: 64, extents: 'dynamic' }
    const of = problemOf('avg', { kernelSize: [2, 2], stride: [1, 1] }, { direction: 'backward', pinned: pins })
    const subject = tuning.subject(of)
    const { candidates, refused } = await spaceOf(subject)
    expect(candidates.length).toBeGreaterThan(10)
    expect(refused).toBeGreaterThan(0)
    for (const { schedule } of candidates) expect(subject.refuse(schedule)).toBeUndefined()
    const texts = candidates.map(({ schedule }) => subject.text(schedule).replace(/^\/\/ schedule: .*\n/gm, ''))
    expect(new Set(texts).size).toBe(candidates.length)
  })

  it('leaves to those who want no bit changed what leaves the arithmetic’s text alone', async (context) => {
    const { axes } = tuningOf(await opened(context)).subject({ ...problemOf('gaussian'), deterministic: true })
    expect(Object.keys(axes)).toEqual(['threads', 'extents'])
  })

  it('is of what the target stores, and of axes that it has', async (context) => {
    const { subject } = tuningOf(await opened(context))
    expect(() => subject({ ...problem, dtype: 'float64' })).toThrow(/the webgpu target stores float32/)
    expect(() => subject({ ...problem, pinned: { thread: 64 } })).toThrow(/did you mean 'threads'\?/)
  })
})

describe('a search', () => {
  it.for(['forward', 'backward'] as const)('finds all right, and measures nothing again: %s', async (direction, context) => {
    const tuning = tuningOf(await opened(context))
    const store = temporaryStore()
    const of = { ...problem, direction }
    const first = await search(tuning, of, () => new TrialsHere(tuning, { problem: of, seed: 1 }), store)
    expect(first).toMatchObject({ isTimed: true, isComplete: true, measured: 4, usual: { threads: 64 } })
    for (const { outcome } of first.results) expect(outcome).toMatchObject({ kind: 'ok', ms: expect.any(Number) })
    expect([first.bestMs! > 0, first.usualMs! > 0, first.best!.outputsPerThread]).toEqual([true, true, [1, 2]])
    const second = await search(tuning, of, () => expect.unreachable(), store)
    expect(second).toMatchObject({ measured: 0, compiled: 0, best: first.best, bestMs: first.bestMs })
  })

  it('in a process of its own finds the same, under a key that names the adapter and what is between it and us', async (context) => {
    const tuning = tuningOf(await opened(context))
    const tuned = await search(tuning, problem, () => trialsIn(tuning, { problem, seed: 1 }))
    expect(tuned).toMatchObject({ isTimed: true, measured: 4 })
    expect(tuned.results.map(({ outcome }) => outcome.kind)).toEqual(['ok', 'ok', 'ok', 'ok'])
    const { device } = tuning
    for (const field of ['adapter', 'vendor', 'architecture', 'device', 'description', 'implementation'])
      expect(device[field], field).toEqual(expect.any(String))
    expect(device.implementation).toMatch(/^Dawn, webgpu \d/)
  })

  it('on a caller’s own device stays in this process, and leaves the device open', async (context) => {
    const gpu = await callersOwn(context)
    const tuning = tuningOf(gpu)
    expect(tuning.where).toBeUndefined()
    const tuned = await search(tuning, problem, () => trialsIn(tuning, { problem, seed: 1 }))
    expect(tuned.results.map(({ outcome }) => outcome.kind)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(gpu.device.createBuffer({ size: 4, usage: 128 }).size).toBe(4)
  })
})

describe('the clock', () => {
  it('is the device’s, by timestamps, where it has them', async (context) => {
    const gpu = await opened(context)
    if (!gpu.device.features.has('timestamp-query')) context.skip('the adapter has no timestamp-query')
    const tuning = tuningOf(gpu)
    expect(tuning.device.clock).toBe('timestamps')
    const trials = new TrialsHere(tuning, { problem, seed: 1 })
    onTestFinished(() => trials.close())
    expect(await trials.open()).toEqual({ isTimed: true })
    expect(await trials.trial(tuning.subject(problem).usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok' })
  })

  it('is the host’s elsewhere, and times have a key of their own', async (context) => {
    const tuning = tuningOf(await callersOwn(context))
    expect(tuning.device.clock).toBe('host')
    const trials = new TrialsHere(tuning, { problem, seed: 1 })
    onTestFinished(() => trials.close())
    const { usual } = tuning.subject(problem)
    expect(await trials.trial(usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok' })
    expect(await trials.again([usual])).toMatchObject([{ kind: 'ok' }])
  })

  it('holds no more memory after many candidates than after a few', async (context) => {
    await opened(context)
    const device = await openDevice()
    const of = { ...problem, direction: 'backward' } as const
    const { usual } = webGpuTarget(device).tuning!.subject(of)
    const bench = await benchOn(of, workplaceOn(device, webGpuTarget(device)), 1)
    onTestFinished(() => bench.close())
    const live: number[] = []
    for (let k = 1; k <= 6; k++) {
      expect(await bench.trial(usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok' })
      if (k === 2 || k === 6) live.push(device.liveBytes)
    }
    expect(live[1]).toBe(live[0])
  })
})

describe('a candidate', () => {
  const trialOf = async (plant: Plant, context: TestContext, timeoutMs = 30_000) => {
    const { subject } = tuningOf(await opened(context))
    const { usual } = subject(problem)
    const tuning = planted(plant)
    const trials = new TrialsHere(tuning, { problem, seed: 1, timeoutMs })
    onTestFinished(() => trials.close())
    const outcome = await trials.trial({ ...usual, threads: 128 }, Number.POSITIVE_INFINITY)
    // Whatever came of it, the next is tried.
    expect(await trials.trial(usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok' })
    return { outcome, opened: tuning.opened }
  }

  it('that computes a wrong number is wrong', async (context) => {
    const { outcome } = await trialOf('wrong', context)
    expect(outcome).toMatchObject({ kind: 'wrong', message: expect.stringMatching(/^y\[\d+\] is .*rounding explains$/) })
  })

  it('that leaves a number unwritten is wrong', async (context) => {
    const { outcome } = await trialOf('unwritten', context)
    expect(outcome).toMatchObject({ kind: 'wrong', message: expect.stringMatching(/^y\[\d+\] is -2\.6/) })
  })

  it.for(['behind', 'inFront'] as const)('that writes %s the tensor is wrong', async (plant, context) => {
    const { outcome } = await trialOf(plant, context)
    expect(outcome).toEqual({ kind: 'wrong', message: 'y: it writes behind the tensor' })
  })

  it('that the adapter refuses is told of with its line', async (context) => {
    const { outcome } = await trialOf('refused', context)
    expect(outcome).toMatchObject({ kind: 'compile-failed', message: expect.stringMatching(/refused at line \d+: .*nobody/) })
  })

  it('that does not end costs its device, and another is opened', async (context) => {
    const { outcome, opened: devices } = await trialOf('hangs', context, 2000)
    expect(outcome).toEqual({ kind: 'timeout', message: 'it did not end within 2000 ms, and its device was given up' })
    expect(devices).toBe(2)
  })

  it('that loses the device has failed, and another is opened', async (context) => {
    const { outcome, opened: devices } = await trialOf('loses', context)
    expect(outcome).toMatchObject({ kind: 'launch-failed', message: expect.stringMatching(/device is lost/) })
    expect(devices).toBe(2)
  })

  it('that loses a caller’s own device ends the search, which says so', async (context) => {
    const gpu = await callersOwn(context)
    const { usual } = tuningOf(gpu).subject(problem)
    const trials = new TrialsHere(planted('loses', { device: gpu.device }), { problem, seed: 1 })
    onTestFinished(() => trials.close())
    expect(await trials.trial({ ...usual, threads: 128 }, 1)).toMatchObject({ kind: 'launch-failed' })
    await expect(trials.trial(usual, 1)).rejects.toThrow(/the default kernel of avg, forward, cannot be tried here: .*lost/)
  })
})

it('a default that needs more than the device has is no mistake of Poolwright’s', async (context) => {
  await opened(context)
  const device = await openDevice()
  device.pipeline = async ({ name, arrays }) => {
    throw new LimitError('maxStorageBuffersPerShaderStage', 1, `the kernel ${name} reads and writes ${arrays.length} arrays`)
  }
  const failing = benchOn(problem, workplaceOn(device, webGpuTarget(device)), 1)
  await expect(failing).rejects.toThrow(/cannot be tried here: .* more than maxStorageBuffersPerShaderStage, which is 1/)
  await expect(failing).rejects.toBeInstanceOf(TrialError)
})
