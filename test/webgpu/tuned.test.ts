/** Tuning shaders as it is asked for: by the command line, when a kernel is compiled, and in a page. */
import '../children.ts'
import { readFileSync } from 'node:fs'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { IndexedDbStore } from '../../runtime/store/indexed-db.ts'
import type { IdbFactory } from '../../runtime/store/indexed-db-types.ts'
import { folders } from '../../runtime/store/store.ts'
import * as provided from '../../runtime/tuner/provided.ts'
import { avgPool } from '../../specs/index.ts'
import { call, folder } from '../cli/call.ts'
import { opened } from './adapter.ts'
import { fewCandidates } from './few-candidates.ts'

const here = folder()
let stores = 0
beforeEach(() => {
  vi.stubEnv('POOLWRIGHT_CACHE', here(`store-${stores++}`))
  return () => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  }
})

const input = [1, 2, 8, 8]
const words = ['avg', '--kernel', '2', '--input', input.join()]

const answerOf = async (...all: string[]) => {
  const { code, out, err } = await call(...all, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

describe('the command line', () => {
  it('tunes, measures nothing when it is called again, and draws what it found', async (context) => {
    const { description } = await opened(context)
    const page = here('tuned.html')
    const tune = ['tune', ...words, '--target', 'webgpu', '--schedule', JSON.stringify(fewCandidates), '--report', page]
    const first = await answerOf(...tune)
    expect(first).toMatchObject({ device: `WebGPU, ${description}`, timed: true, complete: true, measured: 4, space: 4 })
    for (const { outcome, ms } of first.candidates) expect([outcome, ms > 0]).toEqual(['ok', true])
    expect(first.default).toMatchObject({ ...fewCandidates, threads: 64 })
    expect(first.bestMs).toBeLessThanOrEqual(first.defaultMs)
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<svg[\s\S]*<\/html>\n?$/i)
    expect(await answerOf(...tune)).toMatchObject({ measured: 0, compiled: 0, best: first.best, bestMs: first.bestMs })
  })

  it('refuses what no shader can be', async (context) => {
    await opened(context)
    const tune = (...more: string[]) => call('tune', ...words, '--target', 'webgpu', ...more)
    expect(await tune('--schedule', '{"threads": 65}')).toMatchObject({ code: 2, err: expect.stringContaining('threads is 65') })
    expect(await tune('--dtype', 'float64')).toMatchObject({ code: 2, err: expect.stringContaining('not float64') })
    expect(await tune('--device', '0')).toMatchObject({ code: 2, err: expect.stringContaining('leave it out') })
  })

  it('times shaders beside JavaScript, on the same numbers', async (context) => {
    const { description } = await opened(context)
    const pinned = ['--schedule', JSON.stringify({ threads: 128 })]
    const told = await answerOf('bench', ...words, '--budget', '10ms', '--target', 'js', '--target', 'webgpu', ...pinned)
    expect(told.devices).toMatchObject({ js: expect.stringMatching(/^Node/), webgpu: `WebGPU, ${description}` })
    const rows = told.contenders.map((one: { name: string; outcome: string }) => [one.name, one.outcome])
    expect(rows).toEqual([
      ['js default', 'ok'],
      ['js {"threads":128}', 'refused'],
      ['webgpu default', 'ok'],
      ['webgpu {"threads":128}', 'ok'],
    ])
  })
})

describe('compile', () => {
  const x = { shape: input, data: Float32Array.from({ length: 128 }, (_, k) => k) }

  it('takes the best of a search, and remembers it', async (context) => {
    const gpu = await opened(context)
    const compiled = (tune: 'quick' | 'cached') =>
      avgPool.compile({ kernelSize: 2, target: gpu.target, tune, input, schedule: fewCandidates })
    const quick = await compiled('quick')
    const cached = await compiled('cached')
    expect(cached.source).toEqual(quick.source)
    expect(cached.source.forward).toContain('"outputsPerThread":[1,2]')
    expect((await gpu.read(cached.forward({ x }).y))[0]).toBe(4.5)
  })

  it('does so in a page too, whose database keeps what was found', async (context) => {
    const gpu = await opened(context)
    const database: IdbFactory = new IDBFactory()
    vi.stubGlobal('indexedDB', database)
    // As where there is no Node.
    const page = await import('../../runtime/tuner/page.ts')
    vi.spyOn(provided, 'providedTuner').mockResolvedValue(page.tuneBoth)
    const opening = vi.spyOn(gpu.target.tuning!, 'open')
    const compiled = (tune: 'quick' | 'cached') =>
      avgPool.compile({ kernelSize: 2, target: gpu.target, tune, input, schedule: fewCandidates })
    const quick = await compiled('quick')
    expect(opening).toHaveBeenCalledTimes(2)
    // In each direction four candidates, and the end of the run.
    expect(await new IndexedDbStore(database).list(folders.tuning)).toHaveLength(10)
    expect((await compiled('cached')).source).toEqual(quick.source)
    expect((await compiled('quick')).source).toEqual(quick.source)
    expect(opening).toHaveBeenCalledTimes(2)
    expect((await gpu.read(quick.forward({ x }).y))[0]).toBe(4.5)
  })
})
