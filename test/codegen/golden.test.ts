/**
 * Every golden case on the compiled targets: the interpreter rounding as float32, in storage of 32 and of 16 bits, and
 * JavaScript under every kind of schedule.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { layerRunners } from '../../layers/golden.ts'
import { checkCase, readGolden } from '../../runtime/golden.ts'
import { targets } from '../../runtime/targets.ts'
import { specs } from '../../specs/index.ts'

const files = ['gaussian', 'gaussian-offset', 'avg', 'max', 'max-special', 'lp', 'adaptive', 'formulas']
const read = (name: string) => readGolden(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')).cases

const failures = async (name: string, target: keyof typeof targets, options: object = {}): Promise<string[]> => {
  const failed: string[] = []
  for (const one of read(name)) {
    const { id, status, reason } = await checkCase(one, targets[target], { operators: specs, layers: layerRunners, ...options })
    // Windows without a fixed size refuse most schedules; that is tested by itself.
    if (status !== 'passed' && !reason?.includes('the schedule is refused')) failed.push(`${id}: ${reason}`)
  }
  return failed
}

const schedules: readonly Record<string, unknown>[] = [
  {},
  { phases: 'plane' },
  { phases: 'global', outputsPerThread: 3 },
  { phases: 'scatter', outputsPerThread: 4 },
  { unroll: 'inner' },
  { unroll: 'none' },
  { unroll: 'none', phases: 'plane' },
  { rows: 2, outputsPerThread: 2, fold: 'rows' },
  { rows: 3, outputsPerThread: 1, extrema: 'branch', phases: 'plane' },
  { extrema: 'select', border: 'looped' },
  { extrema: 'keys', shift: 'window', rows: 1 },
  { split: 1, turn: 1, extrema: 'branch' },
]

describe.each(files)('%s', (name) => {
  it('passes in the interpreter, rounding as float32', async () => {
    expect(await failures(name, 'interpreter', { arith: 'f32' })).toEqual([])
  })
  it.each(['float16', 'bfloat16'] as const)('passes in the interpreter, rounding as float32 and storing %s', async (dtype) => {
    expect(await failures(name, 'interpreter', { arith: 'f32', dtype })).toEqual([])
  })
  it.each(schedules)('passes in JavaScript with schedule %j', async (schedule) => {
    expect(await failures(name, 'js', { schedule })).toEqual([])
  })
})

// Its kernels are of operators above, so that what schedules make of them is known; it has no bounds in 16 bits.
it('gaussian-layer passes in the interpreter, rounding as float32', async () => {
  expect(await failures('gaussian-layer', 'interpreter', { arith: 'f32' })).toEqual([])
})
