/** Whatever stands in a formula, it is an operator or a FormulaError, and soon. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormulaError } from '../../dsl/diagnostics.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { maxLength } from '../../dsl/syntax.ts'

const outcome = (text: string): 'operator' | 'error' => {
  try {
    return operatorFromFormula(text).formula === text ? 'operator' : 'error'
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error
    const placed = error.diagnostics.every(
      ({ span, line = 0, column = 0 }) => !span || (span.start >= 0 && span.end <= text.length && line > 0 && column > 0),
    )
    expect(placed && error.diagnostics.length > 0).toBe(true)
    return 'error'
  }
}

const words = [
  ...'( ) , ; = + - * / ^ < <= > >= == != ( ) ( )'.split(' '),
  ...'x a w let y mean max sum select var normal uniform position window channel sample flatIndex argmax clamp'.split(' '),
  ...'count size tap 1 2.5 1e-3 1e999 foo $ × __proto__ constructor'.split(' '),
  ' ',
  '\n',
]

describe('any text', () => {
  it('of any characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => outcome(text).length > 0),
      { numRuns: 500 },
    )
  })
  it('of words of the language', () => {
    const text = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join(' '))
    fc.assert(
      fc.property(text, (formula) => outcome(formula).length > 0),
      { numRuns: 3000 },
    )
  })
  it('of a good formula with something cut out or put in', () => {
    const good =
      'let m = mean(x * select(x > 0, w^2, -1)); y = m + clamp(std(x), 0, 6) * normal(position); i = flatIndex(argmax(x))'
    expect(outcome(good)).toBe('operator')
    const at = fc.nat(good.length)
    fc.assert(
      fc.property(at, at, fc.constantFrom('', ...words), (a, b, word) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        return outcome(good.slice(0, from) + word + good.slice(Math.min(to, from + 12))).length > 0
      }),
      { numRuns: 2000 },
    )
  })
})

describe('huge texts', () => {
  it.each([
    ['('.repeat(5000), 'open brackets'],
    [`${'abs('.repeat(3000)}x${')'.repeat(3000)}`, 'nested calls'],
    [`${'-'.repeat(15_000)}1`, 'signs'],
    [`${'1 ^ '.repeat(4000)}1`, 'powers'],
    [`${'1 + '.repeat(4000)}1`, 'sums'],
    [`${'1 < '.repeat(4000)}1`, 'comparisons'],
    [`mean(${'x,'.repeat(5000)}x)`, 'arguments'],
    [`${'$ '.repeat(5000)}`, 'strange characters'],
    [`${'foo(x); '.repeat(2000)}`, 'statements'],
    ['x'.repeat(maxLength + 1), 'characters'],
    [
      Array.from({ length: 900 }, (_, i) => `let v${i + 1} = v${i}*2`)
        .join(';')
        .replace('v0', 'x'),
      'statements that build on each other',
    ],
  ])('%#', (text, what) => {
    const start = performance.now()
    expect(outcome(text), what).toBe('error')
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
