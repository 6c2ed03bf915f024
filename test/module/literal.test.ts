/** Plain data as text: what is read back is what was written. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Code, literal, template } from '../../codegen/module/literal.ts'

const evaluated = (text: string): unknown => new Function(`return ${text}`)()

describe('a literal', () => {
  it('is its value again', () => {
    const plain = fc.anything({
      values: [
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ],
      key: fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      maxDepth: 4,
    })
    fc.assert(fc.property(plain, (value) => void expect(evaluated(literal(value))).toEqual(value)))
  })

  it('is a map again', () => {
    const map = new Map([
      ['y', { type: 'float' }],
      ['indices', { type: 'int' }],
    ])
    expect(evaluated(literal(map))).toEqual(map)
  })

  it('leaves out what is undefined, and keeps the sign of zero', () => {
    expect(evaluated(literal({ a: undefined, b: -0 }))).toEqual({ b: -0 })
  })

  it('is on one line where it is short', () => {
    expect(literal({ kernel: 3, stride: [2, 2] })).toBe('{ kernel: 3, stride: [2, 2] }')
    expect(literal({ long: 'x'.repeat(120), short: 1 }).split('\n')).toHaveLength(4)
  })

  it('has code as it is, and texts of several lines between backticks', () => {
    const text = `a \`quoted\` \${name}\\n\n  line`
    expect(evaluated(literal({ text: template(text) }))).toEqual({ text })
    expect(literal({ call: new Code('halve') })).toBe('{ call: halve }')
  })

  it('refuses what is no data', () => {
    expect(() => literal({ f: () => 1 })).toThrow('function is no plain data')
  })
})
