/** Operators as modules of Python: whole texts of small ones, and what names become. What they compute is tested in Python. */
import { describe, expect, it } from 'vitest'
import { argumentName, pythonName, snake } from '../../codegen/torch/names.ts'
import { numberText } from '../../codegen/torch/spelling.ts'
import { input, param } from '../../dsl/declarations.ts'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { pool } from '../../runtime/pool.ts'
import { torchOperator } from '../../runtime/torch/operator.ts'
import { specs } from '../../specs/index.ts'

const bodies = (text: string): string => text.slice(text.indexOf('def _forward'), text.indexOf('_operator = '))

describe('a module', () => {
  it.for(['gaussian', 'max', 'isp-gaussian-cn', 'gated'])('of %s', (name) => {
    expect(torchOperator(specs.get(name)!, '1.2.3')).toMatchSnapshot()
  })

  it('draws what the formula draws by itself, and says so', () => {
    const text = torchOperator(operatorFromFormula('mean(x + 2 * uniform(input)) + normal(position)'), '1.2.3')
    expect(text).toContain('windows.random("uniform", 0, "n c in")')
    expect(text).toContain('windows.random("normal", 1, "n c out")')
    expect(text).toContain('draws=True')
    expect(text).toContain('seed: Seed = None')
  })

  it('keeps a divisor of its own from a variance', () => {
    expect(torchOperator(specs.get('std')!, '1')).toContain('allows_divisor=False')
    expect(torchOperator(specs.get('avg')!, '1')).not.toContain('allows_divisor')
  })

  it('has a parameter of rows as one, whatever the dimensions', () => {
    const rows = pool('rows', { x: input(), w: param(['sample', 'height']) }, 'w * sum(x)')
    const text = torchOperator(rows, '1')
    expect(text).toContain('parameters={"w": "n height"}')
    expect(bodies(text)).toContain('over="n c out"')
  })

  it('holds names that no text of Python can', () => {
    const formula = 'let __debug__ = mean(x); _operator * __debug__ + __debug__'
    const text = torchOperator(pool('a"""\n\0b\\', { x: input(), _operator: param() }, formula), '1')
    expect(text.split('\n')[0]).toBe(`"""a''' b\\\\: ${formula}`)
    expect(text).toContain(String.raw`name="a\"\"\"\n\u0000b\\",`)
    expect(text).toContain('_operator_: Parameter')
    expect(bodies(text)).not.toMatch(/__debug__ /)
  })

  it('computes indices as integers, and converts them where it counts with them', () => {
    const text = torchOperator(operatorFromFormula('sum(x * tap) + argmax(x) / 2'), '1')
    expect(bodies(text)).toContain('windows.real(windows.tap)')
    expect(bodies(text)).toMatch(/windows\.real\(argmax\)|windows\.real\(windows\.argmax/)
  })
})

describe('names', () => {
  it('are Python’s', () => {
    expect(['isp-gaussian', 'lambda', '2nd', 'a.b', 'match'].map(pythonName)).toEqual([
      'isp_gaussian',
      'lambda_',
      '_2nd',
      'a_b',
      'match_',
    ])
    expect(['stride', 'seed', 'windows', 'weight', 'None', '_operator', '__debug__'].map(argumentName)).toEqual([
      'stride_',
      'seed_',
      'windows_',
      'weight',
      'None_',
      '_operator_',
      '__debug___',
    ])
    expect(['atLeast', 'share2', 'x'].map(snake)).toEqual(['at_least', 'share2', 'x'])
  })

  it('and so are numbers', () => {
    expect([1, 1e-7, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(numberText)).toEqual([
      '1',
      '1e-7',
      '-0.0',
      'float("nan")',
      'float("inf")',
      '-float("inf")',
    ])
  })
})
