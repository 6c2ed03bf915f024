/** Derivatives where a careless rule would give a plausible number: below the domain of log, at powers of zero, far from zero. */
import { expect, it } from 'vitest'
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { targets } from '../../runtime/targets.ts'

const gradient = async (formula: string, x: number[], target: 'js' | 'interpreter' | 'oracle', arith: 'f32' | 'f64' = 'f64') => {
  const checked = settle(operatorFromFormula(formula))
  const kernel = await targets[target].compile(checked, normaliseGeometry({ kernelSize: [x.length] }), {
    dtype: 'float32',
    arith,
  })
  const cotangent = { shape: [1, 1, 1], data: Float32Array.of(1) }
  return Array.from(kernel.backward({ x: { shape: [1, 1, x.length], data: Float32Array.from(x) } }, { y: cotangent }).x!.data)
}

it.each(['js', 'interpreter', 'oracle'] as const)('log below 0 has a NaN derivative: %s', async (target) => {
  expect(await gradient('sum(log(x))', [-2, 4], target)).toEqual([Number.NaN, 0.25])
})

it.each(['js', 'interpreter', 'oracle'] as const)('x^0 is 1 everywhere, with derivative 0: %s', async (target) => {
  expect(await gradient('sum(x^0) + sum(x * 0.5)', [0, 3], target)).toEqual([0.5, 0.5])
})

it('keeps x - y together in the gradient of softpool: a distant offset costs no digits', async () => {
  const near = await gradient('sum(x * exp(x)) / sum(exp(x))', [0, 0.25, 0.5, 1], 'oracle')
  const far = await gradient('sum(x * exp(x)) / sum(exp(x))', [1024, 1024.25, 1024.5, 1025], 'interpreter', 'f32')
  far.forEach((got, k) => {
    expect(Math.abs(got - near[k]!)).toBeLessThan(2e-4)
  })
})
