/** The benchmark of shaders as far as it needs no browser: layouts, how many calls make a sample, and what the table says. */
import { describe, expect, it } from 'vitest'
import { directions, makeJob, operators, type Shape } from '../../bench/cases.ts'
import { prepare } from '../../bench/poolwright.ts'
import type { Row } from '../../bench/report.ts'
import { compare } from '../../bench/verify.ts'
import { batchOf, clockOf } from '../../bench/webgpu/contender.ts'
import { channelsLast, turnedBack } from '../../bench/webgpu/layout.ts'
import { faults, type GpuReport, toMarkdown } from '../../bench/webgpu/report.ts'

const shape: Shape = { id: 'T', samples: 2, channels: 3, height: 9, width: 7, kernel: 3, stride: 2, padding: 1, global: false }

it.for(operators.flatMap((operator) => directions.map((direction) => [operator, direction] as const)))(
  'a job with its channels last is the same job: %s %s',
  async ([operator, direction]) => {
    const job = makeJob(shape, operator, direction)
    const last = channelsLast(job)
    expect(last.inputs.x!.shape).toEqual([2, 9, 7, 3])
    const [first, turned] = [await prepare(job), turnedBack(last, await prepare(last))]
    await Promise.all([first.run(), turned.run()])
    expect(compare(await turned.results(), await first.results())).toMatchObject({ beyond: 0 })
  },
)

describe('a batch', () => {
  it('is as many calls as take long enough, the first of all left out', async () => {
    let made = 0
    const time = async (work: () => void | Promise<void>) => {
      const before = made
      await work()
      // Two milliseconds to the device and back, and one a call.
      return 2 + made - before
    }
    const { timed, calls } = await batchOf({ call: () => void made++, time }, 15)
    expect(calls).toBe(16)
    expect(made).toBe(1 + 1 + 2 + 4 + 8 + 16)
    expect(await time(timed.call)).toBe(18)
  })

  it('ends when the device has done what was handed on', async () => {
    const said: string[] = []
    const contender = { name: '', notes: [], prepare: async () => undefined, flush: () => void said.push('flush') }
    const queue = { onSubmittedWorkDone: async () => void said.push('done') }
    const ms = await clockOf(queue, contender)(async () => void said.push('work'))
    expect(said).toEqual(['work', 'flush', 'done'])
    expect(ms).toBeGreaterThanOrEqual(0)
  })
})

const timing = (ms: number) => ({ ms, lower: ms, upper: ms, samples: 3 })
const fine = { maxError: 0, beyond: 0, elements: 9 }

const row = (of: Partial<Row>): Row => ({
  shape,
  operator: 'max',
  direction: 'forward',
  timings: {},
  agreement: {},
  failures: {},
  ...of,
})

const report = (...rows: readonly Row[]): GpuReport => ({
  machine: { processor: 'a processor', cores: 2, node: '20', v8: '11', date: '2026-01-02' },
  browser: 'Chromium 1',
  facts: {
    adapter: 'an adapter',
    isSoftware: true,
    versions: { 'TensorFlow.js': '4' },
    contenders: ['ours, first', 'ours, last', 'tfjs', 'ort'].map((name) => ({ name, notes: [`of ${name}`] })),
  },
  rows,
})

describe('the table', () => {
  const all = row({
    timings: { 'ours, first': timing(2), 'ours, last': timing(4), tfjs: timing(12), ort: timing(1) },
    agreement: { 'ours, first': fine, 'ours, last': fine, tfjs: { maxError: 0.5, beyond: 2, elements: 9 }, ort: fine },
  })

  it('has each peer beside ours in its own layout, and says where it is ahead', () => {
    const text = toMarkdown(report(all))
    expect(text).toContain('| T | max | forward | 2.00 (2.00-2.00) | 4.00 (4.00-4.00) | 12.0 (12.0-12.0) [1] | 3.0 | 1.00')
    expect(text).toContain('- T max forward: ort takes 0.50 times as long')
    expect(text).toContain('- T max forward, tfjs: 2 of 9 elements, at most 5.0e-1')
    expect(text).toContain('an adapter, in Chromium 1; a processor, 2 cores, 2026-01-02. TensorFlow.js 4.')
    expect(text).toContain('**This adapter is the CPU.**')
    expect(faults(report(all))).toEqual([])
  })

  it('tells what a peer does not have from what fails, and what of ours is at fault', () => {
    const backward = row({
      direction: 'backward',
      timings: { 'ours, last': timing(1), tfjs: timing(2) },
      agreement: { 'ours, last': { maxError: Number.NaN, beyond: 9, elements: 9 }, tfjs: fine },
      failures: { 'ours, first': 'no memory' },
    })
    const text = toMarkdown(report(backward))
    expect(text).toContain('| failed | 1.00 (1.00-1.00) [1] | 2.00 (2.00-2.00) | 2.0 | none |  |')
    expect(text).toContain('- T max backward, ours, first: no memory')
    expect(text).toContain('9 of 9 elements, among them NaN')
    expect(text).toContain('Behind no peer on any row.')
    expect(faults(report(backward))).toEqual([
      'T max backward, ours, first: no memory',
      'T max backward, ours, last: wrong results',
    ])
  })
})
