/** Tuning when a kernel is compiled: what is remembered is taken, nothing else is, and bits stay where that is asked for. */
import '../children.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ArgumentError } from '../../dsl/errors.ts'
import { jsTuning } from '../../runtime/js.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { keyFor } from '../../runtime/tuner/key.ts'
import { Memory } from '../../runtime/tuner/memory.ts'
import { identityOf } from '../../runtime/tuner/space.ts'
import type { Schedule } from '../../runtime/tuner/subject.ts'
import { avgPool } from '../../specs/index.ts'
import { problemOf } from './problems.ts'

beforeEach(() => {
  const cache = mkdtempSync(join(tmpdir(), 'poolwright-compile-'))
  vi.stubEnv('POOLWRIGHT_CACHE', cache)
  return () => {
    vi.unstubAllEnvs()
    rmSync(cache, { recursive: true, force: true })
  }
})

const input = [1, 2, 13, 14]
const problem = problemOf('avg', { kernelSize: [2, 2] })
const subject = jsTuning.subject(problem)

/** Remembers a schedule as the fastest of the forward direction. */
const remember = async (schedule: Schedule, text = subject.text(schedule)): Promise<void> => {
  const memory = await Memory.of(new FileStore(), await keyFor(subject, jsTuning))
  await memory.remember(await identityOf(text), {
    schedule,
    generator: 'any version',
    outcome: { kind: 'ok', ms: 0.001 },
    run: 'r',
    tookMs: 1,
    at: 1,
  })
}

const forwardOf = async (tune: 'off' | 'cached'): Promise<string> =>
  (await avgPool.compile({ kernelSize: 2, tune, input })).source.forward

describe('compile with tune', () => {
  const found = { ...subject.usual, outputsPerThread: 3 }

  it('takes what is remembered for inputs of about the size', async () => {
    await remember(found)
    expect(await forwardOf('cached')).toContain('"outputsPerThread":3')
    expect(await forwardOf('off')).not.toContain('"outputsPerThread":3')
    const near = await avgPool.compile({ kernelSize: 2, tune: 'cached', input: [1, 2, 16, 15] })
    expect(near.source.forward).toContain('"outputsPerThread":3')
    const other = await avgPool.compile({ kernelSize: 2, tune: 'cached', input: [1, 2, 64, 64] })
    expect(other.source.forward).not.toContain('"outputsPerThread":3')
  })

  it('never takes what this version would write differently, or refuses', async () => {
    await remember(found, 'another text')
    await remember({ ...subject.usual, outputsPerThread: 99 }, 'refused')
    expect(await forwardOf('cached')).toBe(await forwardOf('off'))
  })

  it('pins win over what is found, and are another key', async () => {
    await remember(found)
    const kernel = await avgPool.compile({ kernelSize: 2, tune: 'cached', input, schedule: { outputsPerThread: 1 } })
    expect(kernel.source.forward).toContain('"outputsPerThread":1')
  })

  it('searches where nothing is remembered, and remembers', async () => {
    const options = {
      kernelSize: 2,
      input,
      schedule: { unroll: 'all', rows: 1, extents: 'dynamic', outputsPerThread: 2 },
    } as const
    const quick = await avgPool.compile({ ...options, tune: 'quick' })
    expect((await new FileStore().list('tuning')).length).toBeGreaterThan(2)
    const cached = await avgPool.compile({ ...options, tune: 'cached' })
    expect(cached.source).toEqual(quick.source)
    const x = { shape: input, data: Float32Array.from({ length: 2 * 13 * 14 }, (_, k) => k) }
    expect(cached.forward({ x }).y.data[0]).toBe(7.5)
  })

  it('refuses what is pinned wrongly before anything is tried', async () => {
    const compiled = avgPool.compile({ kernelSize: 2, tune: 'quick', input, schedule: { rows: 99 } })
    await expect(compiled).rejects.toThrow(/the schedule is refused: rows/)
    await expect(compiled).rejects.toBeInstanceOf(ArgumentError)
    expect(await new FileStore().list('tuning')).toEqual([])
  })

  it('asks for the input, and says where there is nothing to tune', async () => {
    await expect(avgPool.compile({ kernelSize: 2, tune: 'quick' })).rejects.toThrow("tune is 'quick', but for which input?")
    await expect(avgPool.compile({ kernelSize: 2, tune: 'quick', input, target: 'oracle' })).rejects.toThrow(
      /there is nothing to tune on 'oracle/,
    )
  })
})
