/** Trials in a process of their own: what hangs is stopped, what crashes ends nothing, and the next candidate is tried. */
import '../children.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { jsTuning } from '../../runtime/js.ts'
import { TrialProcess } from '../../runtime/tuner/node/process.ts'
import type { Where } from '../../runtime/tuner/tuning.ts'
import type { Plants } from './planted.ts'
import { problemOf } from './problems.ts'

const problem = problemOf('avg')
const { usual } = jsTuning.subject(problem)
const planted = (options: Plants): Where => ({ module: new URL('./planted.ts', import.meta.url).href, options })

const processes: TrialProcess[] = []
afterEach(() => {
  for (const one of processes.splice(0)) one.close()
})
const processOn = (where: Where, timeoutMs = 30_000): TrialProcess => {
  const made = new TrialProcess({ where, problem, seed: 1, timeoutMs })
  processes.push(made)
  return made
}

describe('a process of trials', () => {
  it('finds what a bench finds', async () => {
    const trials = processOn(planted({ wrong: 2 }))
    expect(await trials.open()).toEqual({ isTimed: true, limitMs: expect.any(Number) })
    expect(await trials.trial(usual, Number.POSITIVE_INFINITY)).toMatchObject({ kind: 'ok', ms: expect.any(Number) })
    expect(await trials.trial({ ...usual, outputsPerThread: 2 }, 1)).toMatchObject({ kind: 'wrong' })
    expect(await trials.again([usual])).toMatchObject([{ kind: 'ok' }])
  })

  it('stops a candidate that hangs, and goes on', async () => {
    const trials = processOn(planted({ hangs: 2 }), 1500)
    expect(await trials.trial({ ...usual, outputsPerThread: 2 }, 1)).toEqual({
      kind: 'timeout',
      message: 'the process that tried it did not end within 1500 ms, and was stopped',
    })
    expect(await trials.trial(usual, 1)).toMatchObject({ kind: 'ok' })
  })

  it('outlives a candidate that takes the process down', async () => {
    const trials = processOn(planted({ crashes: 2 }))
    expect(await trials.trial({ ...usual, outputsPerThread: 2 }, 1)).toEqual({
      kind: 'launch-failed',
      message: 'the process that tried it was ended by SIGSEGV',
    })
    expect(await trials.trial(usual, 1)).toMatchObject({ kind: 'ok' })
  })

  it('is started once more where Ctrl-C was meant for its parent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'poolwright-interrupted-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const trials = processOn(planted({ interrupted: join(folder, 'once') }))
    expect(await trials.open()).toMatchObject({ isTimed: true })
  })

  it('says loudly that the reference is wrong, and what else stands in the way of a first trial', async () => {
    await expect(processOn(planted({ wrong: 0 })).open()).rejects.toThrow(
      /the default kernel of avg, forward, cannot be a reference/,
    )
    await expect(processOn(planted({ crashes: 0 })).open()).rejects.toThrow(
      'the process that tries kernels was ended by SIGSEGV, before any candidate could be tried',
    )
    await expect(processOn({ module: 'file:///nowhere.js', options: {} }).open()).rejects.toThrow(
      /the process that tries kernels failed: .*nowhere/,
    )
  })
})
