/** `poolwright tune` as it is called: what it answers, what a second call does, and what it says to mistakes. */
import '../children.ts'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../cli/program.ts'
import { readRecording } from '../../runtime/tuner/recording.ts'
import { call, folder } from './call.ts'

const here = folder()
beforeEach(() => {
  vi.stubEnv('POOLWRIGHT_CACHE', here('store'))
  return () => vi.unstubAllEnvs()
})

const words = ['tune', 'avg', '--kernel', '2', '--input', '1,2,8,8', '--candidates', '3', '--budget', '60s']

interface Told {
  readonly best: Record<string, unknown>
  readonly bestMs: number
  readonly defaultMs: number
  readonly measured: number
  readonly compiled: number
  readonly complete: boolean
  readonly candidates: readonly {
    readonly schedule: Record<string, unknown>
    readonly outcome: string
    readonly ms: number | null
  }[]
}

const told = async (...more: string[]): Promise<Told> => {
  const { code, out, err } = await call(...words, '--json', ...more)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Told
}

describe('tune', () => {
  it('measures, and measures nothing when it is called again', async () => {
    const first = await told()
    expect(first).toMatchObject({ measured: 3, compiled: 3, complete: true })
    expect(first.candidates).toHaveLength(3)
    for (const { outcome, ms } of first.candidates) expect([outcome, ms! > 0]).toEqual(['ok', true])
    expect(first.bestMs).toBeLessThanOrEqual(first.defaultMs)
    const second = await told()
    expect(second).toEqual({ ...first, measured: 0, compiled: 0, candidates: expect.any(Array) })
    expect(second.candidates).toHaveLength(3)
  })

  it('pins axes, tunes gradients and formulas, and tells people what it found', async () => {
    const formula = [
      'tune',
      '--formula',
      'mean(x) + w * std(x)',
      '--kernel',
      '2',
      '--input',
      '1,2,8,8',
      '--candidates',
      '2',
      '--backward',
    ]
    const { code, out } = await call(...formula, '--schedule', '{"unroll": "all"}')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^formula, backward, on Node\.js .*\n[\d,]+ candidates, 2 tried so far, 2 of them now; 0 rejected\nbest: .* times as fast as the default/,
    )
    expect(out).not.toContain('unroll inner')
  })

  it('shows a person what it is at, from the first moment', async () => {
    const said: string[] = []
    const io = { out: () => {}, err: (text: string) => void said.push(text), watched: true }
    expect(await main([...words, '--dtype', 'float64'], io, '1.2.3')).toBe(0)
    const [, first, second, ...rest] = said.join('').split('\r\x1b[K')
    expect(first).toMatch(/^·+ first the default is held against the definition$/)
    expect(second).toMatch(/ best .*, 1 of \d+, 0 rejected, .* left$/)
    expect(rest.at(-1)).toMatch(/^nothing that is remembered was of use: .* dtype, wanted "float64", stored "float32"\n$/)
  })

  it('writes a page with pictures, and a recording', async () => {
    const [page, record] = [here('tuned.html'), here('tuned.json')]
    await told('--report', page, '--record', record)
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<svg[\s\S]*<\/html>\n?$/i)
    const recording = readRecording(readFileSync(record, 'utf8'), record)
    expect(recording).toMatchObject({ target: 'js', direction: 'forward', samples: 1, channels: 2, extents: [8, 8] })
    expect(recording.candidates).toHaveLength(3)
  })

  it('says what is wrong with a call, all at once', async () => {
    const { code, err } = await call(
      'tune',
      'avg',
      '--budget',
      'soon',
      '--strategy',
      'luck',
      '--report',
      'x.pdf',
      '--candidates',
      '0',
    )
    expect(code).toBe(2)
    for (const part of [
      'no windows are given',
      '--input is missing: say for which shape, as in --input 8,64,56,56',
      '--budget soon: write a time above 0, as in --budget 60s',
      '--strategy luck: choose one of guided, local, random, exhaustive',
      '--report x.pdf: is written as .html',
      '--candidates 0: write a whole number of at least 1',
    ])
      expect(err).toContain(part)
    const refused = await call(...words, '--schedule', '{"outputsPerThread": 99}')
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('outputsPerThread is 99')])
    expect((await call(...words, '--target', 'oracle')).err).toContain('it has no schedules, so there is nothing to choose')
    expect((await call(...words, '--dtype', 'float16')).err).toContain('the js target stores float32 or float64, not float16')
    expect((await call('tune', 'avg', '--kernel', '9', '--input', '1,2,8,8')).err).toContain('does not fit the height of 8')
  })
})
