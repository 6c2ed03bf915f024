/** Which names are names, and which name a misspelt one meant. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, functionNames, isName, nearest, whyReserved } from '../../dsl/names.ts'

describe('editDistance', () => {
  it.each([
    ['sdt', 'std', 1],
    ['', 'abc', 3],
    ['mean', 'maen', 1],
    ['exp', 'exp', 0],
    ['wieght', 'weight', 1],
    ['softpls', 'softplus', 1],
    ['abs', 'log', 3],
  ])('%s to %s is %i', (a, b, n) => expect(editDistance(a, b)).toBe(n))
  it('is symmetric, and zero only for equal texts', () => {
    const word = fc.string({ maxLength: 8 })
    fc.assert(
      fc.property(word, word, (a, b) => editDistance(a, b) === editDistance(b, a) && (editDistance(a, b) === 0) === (a === b)),
    )
  })
})

describe('nearest', () => {
  it.each([
    ['sdt', 'std'],
    ['maen', 'mean'],
    ['sotfplus', 'softplus'],
    ['Max', 'max'],
    ['flatindex', 'flatIndex'],
    ['argmx', 'argmax'],
  ])('%s meant %s', (name, meant) => expect(nearest(name, functionNames)).toBe(meant))
  it.each(['q', 'quantile', 'weight', 'x'.repeat(1000)])('%s meant none', (name) =>
    expect(nearest(name, functionNames)).toBeUndefined(),
  )
})

describe('names', () => {
  it.each(['a', '_', 'x1', 'A_b', 'x'.repeat(100)])('%s is one', (name) => expect(isName(name)).toBe(true))
  it.each(['', '1x', 'a b', 'a-b', 'é', 'x'.repeat(101), 'a\n'])('%j is none', (name) => expect(isName(name)).toBe(false))
  it('says why some are reserved', () => {
    expect(whyReserved('mean')).toBe('it is a function')
    expect(whyReserved('normal')).toBe('it is a function')
    expect(whyReserved('tap')).toBe('it is a word of the language')
    expect(whyReserved('let')).toBe('it is a word of the language')
    expect(whyReserved('cotangent')).toBe('it is an argument of every kernel')
    expect(whyReserved('__proto__')).toBe('every JavaScript object has it')
    expect(whyReserved('weight')).toBeUndefined()
  })
})
