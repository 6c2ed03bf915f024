/** The form of formulas: signs, precedence, statements, numbers. */
import { describe, expect, it } from 'vitest'
import { graphOf } from './show.ts'

/** The graph of a formula of scalars, without the name of its result. */
const g = (text: string): string => graphOf(text).replace(/^y = /, '')

describe('precedence', () => {
  it.each([
    ['a + b * c', 'add(a, mul(b, c))'],
    ['(a + b) * c', 'mul(add(a, b), c)'],
    ['a - b - c', 'sub(sub(a, b), c)'],
    ['a / b / c', 'div(div(a, b), c)'],
    ['a / b * c', 'mul(div(a, b), c)'],
    ['a - b + c', 'add(sub(a, b), c)'],
    ['a ^ b ^ c', 'pow(a, pow(b, c))'],
    ['-a ^ 2', 'neg(pow(a, 2))'],
    ['(-a) ^ 2', 'pow(neg(a), 2)'],
    ['2 ^ -1', 'pow(2, -1)'],
    ['2 ^ -a ^ b', 'pow(2, neg(pow(a, b)))'],
    ['2 ^ -1 * 3', 'mul(pow(2, -1), 3)'],
    ['-a * b', 'mul(neg(a), b)'],
    ['a * -b', 'mul(a, neg(b))'],
    ['a - -b', 'sub(a, neg(b))'],
    ['--a', 'neg(neg(a))'],
    ['- - 3', '3'],
    ['a * b ^ 2 / c', 'div(mul(a, pow(b, 2)), c)'],
    ['select(a + 1 < b * 2, a, b)', 'select(add(a, 1) lt mul(b, 2), a, b)'],
  ])('%s', (text, graph) => expect(g(text)).toBe(graph))
})

describe('comparisons', () => {
  it.each(['<', '<=', '>', '>=', '==', '!='])('%s', (sign) => {
    const test = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge', '==': 'eq', '!=': 'ne' }[sign]
    expect(g(`select(a ${sign} b, 1, 2)`)).toBe(`select(a ${test} b, 1, 2)`)
    expect(g(`select((a${sign}b), 1, 2)`)).toBe(`select(a ${test} b, 1, 2)`)
  })
})

describe('numbers', () => {
  it.each([
    ['1', '1'],
    ['.5', '0.5'],
    ['2.', '2'],
    ['1e-3', '0.001'],
    ['1.5E+2', '150'],
    ['-0', '-0'],
    ['1e-400', '0'],
  ])('%s', (text, value) => expect(g(text)).toBe(value))
})

describe('statements', () => {
  it('shares what let names, and gives results in order', () => {
    expect(graphOf('let m = mean(x); y = m * 2; z = m')).toBe('y = mul(div(sum(x), divisor), 2); z = div(sum(x), divisor)')
  })
  it('calls a value without a name y', () => expect(graphOf('let m = max(x); m + 1;')).toBe('y = add(max(x), 1)'))
  it('reads results in later statements', () => expect(graphOf('a = max(x); b = a + 1')).toBe('a = max(x); b = add(max(x), 1)'))
  it('takes line breaks and empty statements', () => expect(graphOf('\n;; y =\r\n\tmax(\nx) ;;\n')).toBe('y = max(x)'))
  it('takes names that begin like words of the language', () => {
    expect(graphOf('let letter = max(x); letter * maximum * _e1')).toBe('y = mul(mul(max(x), maximum), _e1)')
  })
})

describe('functions', () => {
  it.each([
    ['mean(x)', 'div(sum(x), divisor)'],
    ['std(x)', 'sqrt(var(x))'],
    ['relu(a)', 'select(a le 0, 0, a)'],
    ['clamp(a, b, 6)', 'min(max(a, b), 6)'],
    ['pow(a, b)', 'pow(a, b)'],
    ['max(x)', 'max(x)'],
    ['max(a, b)', 'max(a, b)'],
    ['min(x)', 'min(x)'],
    ['min(a, b)', 'min(a, b)'],
    ['flatIndex(argmin(x))', 'flatIndex(argmin(x))'],
    ['count / size + sum(tap)', 'add(div(count, size), sum(tap))'],
  ])('%s', (text, graph) => expect(g(text)).toBe(graph))
  it.each(['exp', 'log', 'sqrt', 'abs', 'sign', 'tanh', 'sigmoid', 'softplus'])('%s', (fn) => {
    expect(g(`${fn}(a)`)).toBe(`${fn}(a)`)
  })
})

describe('long formulas', () => {
  it('takes 400 terms and 190 brackets', () => {
    expect(g(`${'a + '.repeat(399)}a`)).toContain('add(a, a)')
    expect(g(`${'('.repeat(190)}a${')'.repeat(190)}`)).toBe('a')
    expect(g(`${'abs('.repeat(190)}a${')'.repeat(190)}`)).toContain('abs(a)')
  })
})
