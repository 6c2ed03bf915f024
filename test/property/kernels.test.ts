/**
 * Compiled kernels against the oracle, over random formulas and geometries: the results and every gradient, by JavaScript in
 * both storage types under a random schedule, and by the interpreter in both precisions.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choices, defaultSchedule, type JsSchedule, jsAxes, refuse } from '../../codegen/js/schedule.ts'
import { programsOf } from '../../codegen/program.ts'
import { functions, operators } from '../../dsl/functions.ts'
import { jsTarget } from '../../runtime/js.ts'
import {
  type Arguments,
  acceptedBy,
  argumentsOf,
  type Case,
  casesWith,
  compare,
  directions,
  fuzzSeed,
  judge,
  launch,
  runs,
} from './cases.ts'

/** What is drawn for each axis; what a program refuses of it is left at its default. */
const draws = {
  phases: fc.constantFrom('scatter' as const, 'plane' as const, 'global' as const, 'owner' as const),
  saved: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  unroll: fc.constantFrom('all' as const, 'all' as const, 'inner' as const, 'none' as const),
  outputsPerThread: fc.constantFrom(1, 1, 2, 3, 4),
  rows: fc.constantFrom(1, 1, 2, 3),
  fold: fc.constantFrom('columns' as const, 'rows' as const),
  extrema: fc.constantFrom('keys' as const, 'select' as const, 'branch' as const),
  shift: fc.constantFrom('window' as const, 'block' as const),
  border: fc.constantFrom('written' as const, 'written' as const, 'looped' as const),
  split: fc.constantFrom(1, 2, 3, 4),
  turn: fc.constantFrom(1, 2, 3, 5),
  extents: fc.constantFrom('dynamic' as const, 'dynamic' as const, 'dynamic' as const, 'fixed' as const),
} satisfies Record<keyof JsSchedule, fc.Arbitrary<unknown>>

type Wish = { readonly [Axis in keyof JsSchedule]: (typeof draws)[Axis] extends fc.Arbitrary<infer V> ? V : never }

const cases = casesWith(fc.record(draws) as fc.Arbitrary<Wish>)

/** The axes of a wish that both directions of a case accept, each on its own. */
const scheduleFor = (one: Case<Wish>, given: Arguments): Record<string, unknown> => {
  const { saved, extents, ...plain } = one.wish
  const { carriers } = programsOf(given.operator, given.geometry).backward
  const wished: Partial<JsSchedule> = {
    ...plain,
    saved: carriers.filter((x, k) => x.savable && saved[k % saved.length]).map((x) => x.buffer.name),
    extents: extents === 'fixed' ? one.launch.extents : 'dynamic',
  }
  const wishes = jsAxes.map((axis) => ({ [axis]: wished[axis] }))
  return acceptedBy(given, wishes, (axes, program) => refuse({ ...defaultSchedule(program), ...axes } as JsSchedule, program))
}

/** Holds all kernels of a case against the oracle. */
const check = async (one: Case<Wish>): Promise<void> => {
  const given = argumentsOf(one)
  const { want, single, double, exact, rounding } = await judge(given)
  const schedule = scheduleFor(one, given)
  for (const direction of directions) {
    compare(`interpreter f64, ${direction}`, double[direction], want[direction], exact, 'float64')
    compare(`interpreter f32, ${direction}`, single[direction], want[direction], rounding(direction), 'float32')
    for (const dtype of ['float32', 'float64'] as const) {
      const made = await launch(jsTarget, given, { dtype, schedule })
      const what = `js ${dtype} ${JSON.stringify(schedule)}, ${direction}`
      compare(what, made[direction], want[direction], dtype === 'float32' ? rounding(direction) : exact, dtype)
    }
  }
}

describe('compiled kernels', () => {
  it('compute what the oracle computes, for any formula and geometry', { timeout: 240_000 }, async () => {
    console.info(`POOLWRIGHT_SEED=${fuzzSeed} replays the property tests of kernels`)
    await fc.assert(fc.asyncProperty(cases, check), { seed: fuzzSeed, numRuns: runs })
  })
})

describe('the generator of formulas', () => {
  it('draws every function, reduction, operator and shape', () => {
    const drawn = fc.sample(cases, { seed: 7, numRuns: 1000 })
    const texts = drawn.map((one) => one.formula.text)
    const counted = (pattern: RegExp): number => texts.filter((text) => pattern.test(text)).length
    const rare = [
      ...functions.map(({ name }) => [name, counted(new RegExp(`\\b${name}\\(`))] as const),
      ...operators.map(({ name, symbol }) => [name, counted(new RegExp(`\\${symbol}`))] as const),
      ...['<', '<=', '>', '>=', '==', '!='].map((symbol) => [symbol, counted(new RegExp(` ${symbol} `))] as const),
      ...['count', 'size', 'tap', 'let', 'l', 'k'].map((name) => [name, counted(new RegExp(`\\b${name}\\b`))] as const),
      ...['a', 'b', 'u', 'v', 'w', 'q_\\w+'].map((name) => [name, counted(new RegExp(`\\b${name}\\b`))] as const),
      ...['normal', 'uniform'].flatMap((fn) =>
        [`${fn}_input`, `${fn}_window`, `${fn}_\\w`, `${fn}\\(`].map(
          (name) => [name, counted(new RegExp(`\\b${name}`))] as const,
        ),
      ),
      ...['z =', 'indices ='].map((name) => [name, counted(new RegExp(name))] as const),
      ['a reduction in a reduction', counted(/\b(sum|mean|max|min|var|std)\([^;]*\b(sum|mean|var|std)\(/)] as const,
    ].filter(([, times]) => times < 8)
    expect(rare).toEqual([])
  })
  it('draws every value of every axis so that some program accepts it', () => {
    const used = new Map<string, Set<string>>()
    for (const one of fc.sample(cases, { seed: 5, numRuns: 400 }))
      for (const [axis, value] of Object.entries(scheduleFor(one, argumentsOf(one))))
        used.set(axis, (used.get(axis) ?? new Set()).add(Array.isArray(value) ? 'several' : String(value)))
    for (const [axis, values] of Object.entries(choices)) expect([...used.get(axis)!].sort()).toEqual([...values].sort())
    for (const axis of ['outputsPerThread', 'rows', 'split', 'turn', 'extents', 'saved'])
      expect(used.get(axis)!.size, axis).toBeGreaterThan(axis === 'saved' ? 0 : 1)
  })
  it('draws formulas that check', () => {
    for (const one of fc.sample(cases, { seed: 11, numRuns: 300 })) expect(() => argumentsOf(one), one.formula.text).not.toThrow()
  })
})
