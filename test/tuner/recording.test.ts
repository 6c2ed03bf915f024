/** Recordings: read as they were written, refused where they are none, and replayed; and what the committed ones promise. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from '../../bench/tuner/judge.ts'
import { FileError } from '../../dsl/errors.ts'
import { jsTuning } from '../../runtime/js.ts'
import type { Outcome } from '../../runtime/tuner/outcome.ts'
import { nearness, readRecording, recordedSpace, recordingOf, replay, writeRecording } from '../../runtime/tuner/recording.ts'
import { spaceOf } from '../../runtime/tuner/space.ts'
import type { Schedule } from '../../runtime/tuner/subject.ts'
import { problemOf } from './problems.ts'

const made = async () => {
  const problem = problemOf('avg', { kernelSize: [2, 2] })
  const subject = jsTuning.subject(problem)
  const space = await spaceOf(subject)
  const known = space.candidates.map(({ schedule, index }): { schedule: Schedule; outcome: Outcome } => ({
    schedule,
    outcome: index === 3 ? { kind: 'wrong', message: 'planted' } : { kind: 'ok', ms: 1 + ((index * 7) % 11) },
  }))
  const operator = { name: 'avg', attrs: {}, shapes: {}, tensors: [] }
  const of = { operator, target: 'js', device: { engine: 'made up' }, date: '2026-01-31' }
  return { space, recording: recordingOf(subject, of, known) }
}

describe('a recording', () => {
  it('is read as it was written, a candidate a line', async () => {
    const { recording } = await made()
    const text = writeRecording(recording)
    expect(readRecording(text, 'x.json')).toEqual(JSON.parse(JSON.stringify(recording)))
    expect(text.split('\n').filter((line) => line.includes('"point"'))).toHaveLength(recording.candidates.length)
  })

  it('has the space that was searched, but for what was not measured', async () => {
    const { space, recording } = await made()
    const again = recordedSpace(recording)
    expect(again.candidates.map(({ schedule }) => schedule)).toEqual(space.candidates.map(({ schedule }) => schedule))
    expect(again.usual.schedule).toEqual(space.usual.schedule)
    expect(again.at(space.candidates[5]!.point)?.index).toBe(5)
  })

  it('is replayed without a device, faults and all', async () => {
    const { recording } = await made()
    const space = recordedSpace(recording)
    const times = await replay(recording, space, { strategy: 'exhaustive', seed: 1, cost: () => 1 })
    expect(times).toHaveLength(recording.candidates.length)
    expect(times[3]).toBe(Number.POSITIVE_INFINITY)
    expect(times.slice(0, 3)).toEqual([1, 8, 4])
    const start = space.candidates[7]!
    const [first] = await replay(recording, space, { strategy: 'local', seed: 1, start, cost: () => 1 })
    expect(first).toBe(recording.candidates[7]!.ms)
  })

  it('is refused where it is none, by a typed error, whatever stands in the file', async () => {
    const text = writeRecording((await made()).recording)
    const refused = (bad: string, why: RegExp) => expect(() => readRecording(bad, 'x.json')).toThrow(why)
    refused('{', /^x\.json: is no JSON\. A recording is made by poolwright tune/)
    refused('null', /is not of 'poolwright tuning 1'/)
    refused(text.replace('tuning 1', 'tuning 2'), /is not of/)
    refused(text.replace(/"candidates": \[[\s\S]*\]\n}/, '"candidates": [] }'), /has no candidates/)
    refused(text.replace('"point":[0,0,0,0,0]', '"point":[99,0,0,0,0]'), /candidate 0 has no place among the axes/)
    refused(text.replace('"ms":8', '"ms":-8'), /candidate \d+ has neither a time nor a fault/)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
        const bad = text.slice(0, at) + put + text.slice(at + 1)
        try {
          readRecording(bad, 'x.json')
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      }),
    )
  })
})

describe('nearness', () => {
  it('is the best of all by the best so far', async () => {
    const { recording } = await made()
    const candidates = [4, 2, 8, 1].map((ms) => ({ point: [0, 0, 0, 0, 0], outcome: 'ok' as const, ms }))
    const of = { ...recording, candidates }
    expect(nearness(of, [4, 2], 0.5)).toBe(0.5)
    expect(nearness(of, [4, 2], 0.01)).toBe(0.25)
    expect(nearness(of, [4, 2, 8, 1], 1)).toBe(1)
  })

  it('needs no more of a search than its share', async () => {
    const { recording } = await made()
    const times = await replay(recording, recordedSpace(recording), { strategy: 'random', seed: 1, cost: () => 1, most: 5 })
    expect(times).toHaveLength(5)
  })
})

describe('on every committed recording', () => {
  const folder = new URL('../../bench/recordings/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

  it('there are enough of them', () => {
    expect(files.length).toBeGreaterThanOrEqual(4)
  })

  it.each(files)('%s: strategies and defaults are as good as promised', async (name) => {
    const { size, usual, guided15, poor25, span } = await judge(readRecording(readFileSync(new URL(name, folder), 'utf8'), name))
    expect(size).toBeGreaterThanOrEqual(60)
    expect(span, 'slowest by fastest').toBeGreaterThanOrEqual(1.5)
    expect(usual, 'the default by the best').toBeLessThanOrEqual(1.5)
    expect(guided15, 'guided, after 15 % of the space').toBeGreaterThanOrEqual(0.95)
    expect(poor25, 'local search from the slowest, after a quarter of the space').toBeGreaterThanOrEqual(0.9)
  })
})
