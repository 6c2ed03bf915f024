/** Signs and powers side by side: JavaScript's own rules for them are not the language's, and -a ** b is no expression there. */
import { expect, it } from 'vitest'
import { input, pool } from '../../index.ts'

const formulas = [
  'x^-1',
  '-(x^-2)',
  'sigmoid(x^2)',
  '(-2)^x',
  '(-x)^3',
  '-x^3',
  'sigmoid(-x^3)',
  '2^-x^2',
  'x / -x^2',
  '1 - -x',
  '(x - 1)^-(x^2)',
]
const x = { shape: [1, 1, 4], data: Float64Array.of(-2, -0.5, 0.5, 2) }
const cotangent = { shape: [1, 1, 4], data: Float64Array.of(1, 2, 3, 4) }

it.each(formulas)('%s is what the oracle says, forward and backward', async (formula) => {
  const operator = pool('signs', { x: input() }, `sum(${formula})`)
  const compiled = { kernelSize: [1], dtype: 'float64' } as const
  const kernel = await operator.compile(compiled)
  const oracle = await operator.compile({ ...compiled, target: 'oracle' })
  const pairs = [
    [kernel.forward({ x }).y, oracle.forward({ x }).y],
    [kernel.backward({ x, cotangent }).x, oracle.backward({ x, cotangent }).x],
  ] as const
  for (const [got, want] of pairs) {
    const close = (value: number) => (Number.isNaN(value) ? Number.NaN : expect.closeTo(value, 9))
    expect([...got.data]).toEqual(Array.from(want.data, close))
  }
})
