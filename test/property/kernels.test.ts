/**
 * Compiled kernels against the oracle, over random formulas and geometries: the results and every gradient, by JavaScript in
 * both storage types under a random schedule, and by the interpreter in both precisions.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultSchedule, type JsSchedule, refuse } from '../../codegen/js/schedule.ts'
import { functions, operators } from '../../dsl/functions.ts'
import { jsTarget } from '../../runtime/js.ts'
import { acceptedBy, argumentsOf, type Case, casesWith, compare, directions, fuzzSeed, judge, launch, runs } from './cases.ts'

/** A schedule as drawn; what a program refuses of it is left at its default. */
interface Wish {
  readonly phases: JsSchedule['phases']
  readonly unroll: JsSchedule['unroll']
  readonly outputsPerThread: number
  readonly split: number
  readonly fixed: boolean
}

const cases = casesWith(
  fc.record({
    phases: fc.constantFrom('scatter' as const, 'plane' as const, 'global' as const, 'owner' as const),
    unroll: fc.constantFrom('all' as const, 'inner' as const, 'none' as const),
    outputsPerThread: fc.constantFrom(1, 1, 2, 3, 4),
    split: fc.constantFrom(1, 2, 3, 4),
    fixed: fc.integer({ min: 0, max: 4 }).map((n) => n === 4),
  }),
)

/** Holds all kernels of a case against the oracle. */
const check = async (one: Case<Wish>): Promise<void> => {
  const given = argumentsOf(one)
  const { want, single, double, exact, rounding } = await judge(given)
  const { phases, unroll, outputsPerThread, split, fixed } = one.wish
  const { extents } = one.launch
  const wishes = [{ phases }, { unroll }, { outputsPerThread }, { split }, ...(fixed ? [{ extents }] : [])]
  const schedule = acceptedBy(given, wishes, (axes, program) =>
    refuse({ ...defaultSchedule(program), ...axes } as JsSchedule, program),
  )
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
    await fc.assert(fc.asyncProperty(cases, check), { seed: fuzzSeed, numRuns: runs, interruptAfterTimeLimit: 120_000 })
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
  it('draws formulas that check', () => {
    for (const one of fc.sample(cases, { seed: 11, numRuns: 300 })) expect(() => argumentsOf(one), one.formula.text).not.toThrow()
  })
})
