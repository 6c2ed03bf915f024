/**
 * Rejects cases whose gradient is not to be trusted: near a kink, a tie or a pole, where rounding decides on which side a
 * value falls. The distances are further values of the formula, built on its graph and computed by the oracle: the smallest
 * one over a window's taps, in every window.
 */
import type { CheckedOperator, Expr } from '../../dsl/expression.ts'
import type { Geometry } from '../../dsl/geometry.ts'
import { join, levels, overTaps } from '../../dsl/level.ts'
import { oracleForward } from '../../oracle/oracle.ts'
import type { Inputs } from '../../runtime/target.ts'

/** How far from a kink or a tie a value has to be, and how far from zero where zero is a pole. */
const kinkDistance = 1e-3
const poleDistance = 0.1

const constant = (n: number): Expr => ({ op: 'const', value: n, level: levels.constant, type: 'float' })
const difference = (a: Expr, b: Expr): Expr => ({ op: 'binary', fn: 'sub', a, b, level: join(a.level, b.level), type: 'float' })
const absolute = (a: Expr): Expr => ({ op: 'unary', fn: 'abs', a, level: a.level, type: 'float' })
const count: Expr = { op: 'geometry', what: 'count', level: levels.geometry, type: 'int' }
const tap: Expr = { op: 'geometry', what: 'tap', level: levels.tap, type: 'int' }
const choose = (test: 'eq' | 'le', a: Expr, b: Expr, yes: Expr, no: Expr): Expr => ({
  op: 'select',
  test,
  a,
  b,
  yes,
  no,
  level: [a, b, yes, no].map((e) => e.level).reduce(join),
  type: 'float',
})
const reduce = (by: 'min' | 'max' | 'argmin' | 'argmax', a: Expr): Expr => ({
  op: 'reduce',
  by,
  a,
  level: overTaps(a.level),
  type: 'float',
})
const varies = (e: Expr): boolean => e.level.place === 'tap' || e.level.place === 'in' || e.level.place === 'window'

/** A value that has to be at least so large in every window. */
interface Guard {
  readonly distance: Expr
  readonly atLeast: number
}

/** Whether a value is an integer, so that comparing it with another is exact. */
const isExact = (e: Expr): boolean => e.type === 'int' || e.op === 'const'

const guardsOf = (e: Expr, isResult: boolean): Guard[] => {
  const kink = (a: Expr): Guard[] => [{ distance: absolute(a), atLeast: kinkDistance }]
  switch (e.op) {
    case 'unary':
      if (e.fn === 'abs' || e.fn === 'sign') return kink(e.a)
      if (e.fn === 'exp') return [{ distance: difference(constant(4), e.a), atLeast: 0 }]
      if (e.fn === 'log') return [{ distance: e.a, atLeast: poleDistance }]
      if (e.fn !== 'sqrt') return []
      // The variance of one tap is zero exactly, and so is its slope by definition.
      if (e.a.op === 'reduce' && e.a.by === 'var') {
        const lone = choose('le', count, constant(1), constant(1), constant(0))
        return [{ distance: choose('eq', e.a, constant(0), lone, e.a), atLeast: poleDistance }]
      }
      return [{ distance: e.a, atLeast: poleDistance }]
    case 'binary':
      if (e.fn === 'max' || e.fn === 'min') return kink(difference(e.a, e.b))
      if (e.fn === 'div') return [{ distance: absolute(e.b), atLeast: poleDistance }]
      if (e.fn === 'pow' && !(e.b.op === 'const' && Number.isInteger(e.b.value) && e.b.value >= 0)) {
        return [{ distance: e.a, atLeast: poleDistance }]
      }
      return []
    case 'select':
      return isExact(e.a) && isExact(e.b) ? [] : kink(difference(e.a, e.b))
    case 'reduce': {
      if (e.by === 'sum' || e.by === 'var') return []
      const low = e.by === 'min' || e.by === 'argmin'
      const best = reduce(low ? 'min' : 'max', e.a)
      const chosen = reduce(low ? 'argmin' : 'argmax', e.a)
      const behind = choose('eq', tap, chosen, constant(Number.POSITIVE_INFINITY), absolute(difference(best, e.a)))
      return [
        ...(varies(e.a) ? [{ distance: behind, atLeast: kinkDistance }] : []),
        // The extremum of nothing is infinite; what is computed from it is not to be compared.
        ...(isResult || e.by === 'argmax' || e.by === 'argmin' ? [] : [{ distance: count, atLeast: 1 }]),
      ]
    }
    default:
      return []
  }
}

const below = (e: Expr): readonly Expr[] => {
  switch (e.op) {
    case 'unary':
    case 'reduce':
    case 'flatIndex':
      return [e.a]
    case 'binary':
      return [e.a, e.b]
    case 'select':
      return [e.a, e.b, e.yes, e.no]
    default:
      return []
  }
}

/** Whether no window comes near a kink, a tie or a pole of the formula. */
export const isSmooth = (operator: CheckedOperator, geometry: Geometry, inputs: Inputs, seed: bigint): boolean => {
  const results = new Set(operator.results.values())
  const seen = new Set<Expr>()
  const guards: Guard[] = []
  const open = [...results]
  for (let e = open.pop(); e; e = open.pop()) {
    if (seen.has(e)) continue
    seen.add(e)
    guards.push(...guardsOf(e, results.has(e)))
    open.push(...below(e))
  }
  const distances = guards.map(({ distance }, i) => [`guard${i}`, varies(distance) ? reduce('min', distance) : distance] as const)
  const asFloat = distances.map(([name, e]) => [name, { ...e, type: 'float' as const }] as const)
  const probe: CheckedOperator = { ...operator, results: new Map(asFloat) }
  const made = oracleForward(probe, geometry, inputs, operator.seeded ? { seed } : {})
  return guards.every(({ atLeast }, i) => made[`guard${i}`]!.data.every((d: number) => d >= atLeast))
}
