/** Reports to try the pages with: made-up times that behave as measured ones do, from a formula of the schedule and a seed. */

import { type Outcome, timeOf } from '../../runtime/tuner/outcome.ts'
import { randomFrom, shuffled } from '../../runtime/tuner/random.ts'
import type { TuningReport } from '../../runtime/tuner/report/report.ts'
import type { Result, Tuned } from '../../runtime/tuner/request.ts'
import { pointsOf } from '../../runtime/tuner/space.ts'
import type { Axes, Schedule } from '../../runtime/tuner/subject.ts'

/** What is tuned in every report that does not say otherwise. */
const problem = {
  operator: 'softpool',
  formula: 'sum(x * exp(x)) / sum(exp(x))',
  direction: 'backward',
  geometry: '3 x 3 windows, stride 2, padding 1',
  dtype: 'float32',
  layout: 'channels-first',
  shape: [8, 64, 56, 56],
  target: 'js',
  device: 'Node.js 20.20.0, V8 11.3, AMD EPYC 7B13',
  date: new Date('2026-11-28T13:54:00Z'),
  strategy: 'guided',
  seed: 1,
  budget: { ms: 60_000, candidates: Number.POSITIVE_INFINITY },
} as const satisfies Omit<TuningReport, 'tuned' | 'axes'>

/** Results in the order given, a second apart, and what a tuner makes of them. */
export const reportOf = (
  outcomes: readonly (readonly [Schedule, Outcome])[],
  { usual, axes, ...rest }: { readonly usual: Schedule; readonly axes: Axes } & Partial<TuningReport>,
): TuningReport => {
  const results = outcomes.map(
    ([schedule, outcome], k): Result => ({
      schedule,
      outcome,
      at: 1_795_874_000_000 + k * 1000,
      expected: 1 + k / outcomes.length,
    }),
  )
  const right = results.filter(({ outcome }) => outcome.kind === 'ok')
  const best = right.reduce<Result | undefined>((a, b) => (a && timeOf(a.outcome) <= timeOf(b.outcome) ? a : b), undefined)
  const msOf = (one: Result | undefined): number | undefined =>
    one && Number.isFinite(timeOf(one.outcome)) ? timeOf(one.outcome) : undefined
  const tuned: Tuned = {
    best: best?.schedule,
    bestMs: msOf(best),
    usual,
    usualMs: msOf(results.find(({ schedule }) => JSON.stringify(schedule) === JSON.stringify(usual))),
    isTimed: msOf(best) !== undefined,
    measured: results.length,
    compiled: results.filter(({ outcome }) => outcome.kind !== 'compile-failed').length,
    isComplete: true,
    results,
    spaceSize: results.length,
  }
  return { ...problem, tuned, axes, ...rest }
}

const schedulesOf = (axes: Axes): readonly Schedule[] =>
  [...pointsOf(Object.values(axes).map((values) => values.length))].map((point) =>
    Object.fromEntries(Object.entries(axes).map(([axis, values], d) => [axis, values[point[d]!]])),
  )

const jsAxes: Axes = {
  phases: ['plane', 'scatter', 'global'],
  unroll: ['all', 'inner', 'none'],
  outputsPerThread: [1, 2, 4, 8],
  split: [1, 2, 3, 4],
}

/** 144 candidates of the target js, with finalists, some left early and some of each fault. */
export const jsReport = (changes: Partial<TuningReport> = {}): TuningReport => {
  const random = randomFrom(3)
  const usual = { phases: 'scatter', unroll: 'all', outputsPerThread: 4, split: 1 }
  const factors: Readonly<Record<string, number>> = { scatter: 1.15, plane: 1, global: 1.9, all: 1, inner: 1.35, none: 2.1 }
  const timed = (schedule: Schedule): Outcome => {
    const outputs = Math.abs(Math.log2(Number(schedule.outputsPerThread)) - 1)
    const noise = 1 + 0.08 * random()
    const ms =
      4.2 * factors[String(schedule.phases)]! * factors[String(schedule.unroll)]! * (1 + 0.12 * outputs) * noise +
      0.02 * Number(schedule.split)
    const spread = 0.01 + 0.04 * random()
    return { kind: 'ok', ms, lower: ms * (1 - spread), upper: ms * (1 + 2 * spread), ...(ms > 8.4 && { hasty: true as const }) }
  }
  const outcomeOf = (schedule: Schedule): Outcome => {
    const source = '// softpool: the gradient\nfor (let o = 0; o < outputs; o++) {\n  if (a < b && b > c) y[o] = "x"\n}\n'
    if (schedule.outputsPerThread === 8 && schedule.unroll === 'all' && schedule.split === 4)
      return { kind: 'wrong', message: 'dx[0, 3, 17, 2] is 0.7310585, but the oracle says 0.5; it may differ by 3e-4', source }
    if (schedule.outputsPerThread === 8 && schedule.phases === 'global' && schedule.unroll === 'none')
      return { kind: 'timeout', message: 'it had not ended after 10 s', source }
    if (schedule.outputsPerThread === 8 && schedule.phases === 'plane' && schedule.unroll === 'inner')
      return { kind: 'compile-failed', message: 'SyntaxError: missing ) after argument list', source }
    return timed(schedule)
  }
  const order = shuffled(
    schedulesOf(jsAxes).filter((schedule) => JSON.stringify(schedule) !== JSON.stringify(usual)),
    random,
  )
  const outcomes = [usual, ...order].map((schedule): [Schedule, Outcome] => [schedule, outcomeOf(schedule)])
  const fastest = [...outcomes].sort((a, b) => timeOf(a[1]) - timeOf(b[1])).slice(0, 5)
  const all = outcomes.map(([schedule, outcome]): [Schedule, Outcome] =>
    fastest.some(([one]) => one === schedule) && outcome.kind === 'ok'
      ? [schedule, { ...outcome, ...(outcome.ms !== null && { finalMs: outcome.ms }) }]
      : [schedule, outcome],
  )
  return reportOf(all, { usual, axes: jsAxes, limitMs: 2.9, ...changes })
}

const cudaAxes: Axes = {
  phases: ['carried', 'fused'],
  threads: [128, 256, 512],
  minBlocks: [1, 2, 4],
  outputsPerThread: [
    [1, 1],
    [1, 2],
    [1, 4],
    [2, 2],
  ],
  staging: ['none', { tile: [4, 32] }, { planes: 4 }],
}

/** 216 candidates of the target cuda on a device that cannot be timed. */
export const cudaReport = (changes: Partial<TuningReport> = {}): TuningReport => {
  const usual = { phases: 'carried', threads: 256, minBlocks: 1, outputsPerThread: [1, 2], staging: 'none' }
  const random = randomFrom(5)
  const outcomes = shuffled(schedulesOf(cudaAxes), random).map((schedule): [Schedule, Outcome] => {
    const outputs = (schedule.outputsPerThread as readonly number[]).reduce((a, b) => a * b)
    const threads = Number(schedule.threads)
    const wanted = 14 + 9 * outputs + (schedule.phases === 'fused' ? 22 : 0) + Math.floor(4 * random())
    const most = Math.min(255, Math.floor(65_536 / (threads * Number(schedule.minBlocks) * 2) / 8) * 8)
    const registers = Math.min(wanted, most)
    const spills = Math.max(0, wanted - most) * 4
    const occupancy = Math.min(1, Math.floor(65_536 / (Math.ceil(registers / 8) * 8 * threads)) * (threads / 2048))
    const shared = schedule.staging === 'none' ? 0 : 4096 * outputs
    const takes = { registers, spills, shared, occupancy }
    if (spills > 0) return [schedule, { kind: 'invalid', message: `its registers spill: ${spills} bytes a thread`, takes }]
    if (JSON.stringify(schedule.staging) === '{"planes":4}' && threads === 512 && schedule.phases === 'fused')
      return [
        schedule,
        { kind: 'wrong', message: 'shared-race: thread 32 reads byte 124, written by thread 31', source: '__global__', takes },
      ]
    return [schedule, { kind: 'ok', ms: null, takes }]
  })
  const device = 'emulator, NVRTC 13.0, sm_90'
  return reportOf(outcomes, { usual, axes: cudaAxes, target: 'cuda', device, operator: 'gaussian', ...changes })
}
