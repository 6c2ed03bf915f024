/**
 * Every derivative rule, every rule of stabilising and every way to bring an adjoint down, each in a formula of its own:
 * the compiled stages in double against the oracle, on data with zeros, equal values and clamps exactly at their bound.
 */
import { describe, expect, it } from 'vitest'
import { type FreeFormulaOptions, operatorFromFormula } from '../../dsl/free-formula.ts'
import { type GeometryOptions, normaliseGeometry, outputSize } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { paramTensorShape } from '../../dsl/param-shapes.ts'
import { settle } from '../../dsl/settle.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../../oracle/oracle.ts'
import { interpreterTarget } from '../../runtime/interpreter.ts'
import type { Inputs, Tensors } from '../../runtime/target.ts'

type Options = FreeFormulaOptions & { readonly positive?: boolean }

/** Formulas with what they are there for. */
const formulas: readonly (readonly [string, Options?])[] = [
  // functions of an element, of a window, of a parameter
  ['mean(exp(x))'],
  ['mean(log(x))', { positive: true }],
  ['mean(sqrt(x))', { positive: true }],
  ['mean(sqrt(max(x, 0)))'],
  ['mean(sqrt(x + 3))'],
  ['mean(abs(x))'],
  ['mean(sign(x) * x)'],
  ['mean(tanh(x))'],
  ['mean(sigmoid(x))'],
  ['mean(softplus(x))'],
  ['mean(relu(x))'],
  ['mean(clamp(x, -0.5, 1))'],
  ['tanh(mean(x)) + sigmoid(mean(x)) * softplus(mean(x))'],
  ['exp(mean(x)) - log(mean(x) ^ 2 + 1)'],
  ['tanh(a) * mean(x) + softplus(a) * sigmoid(a)', { paramShapes: { a: 'channel' } }],
  ['log(a) * mean(x) + sqrt(a) / a', { paramShapes: { a: 'sample' }, positive: true }],
  // powers
  ['mean(x ^ 2)'],
  ['mean(x ^ 3)'],
  ['mean(x ^ 1)'],
  ['mean(x ^ 0 + x)'],
  ['mean(max(x, 0) ^ 0.5)'],
  ['mean(max(x, 0) ^ 1.5)'],
  ['mean(max(x, 0.25) ^ 0.5)'],
  ['mean(x ^ 0.5) + mean(x ^ -1)', { positive: true }],
  ['mean(max(x, 0) ^ p)', { paramShapes: { p: 'channel' }, positive: true }],
  ['mean(max(x, 0) ^ p) * p', { paramShapes: { p: 'scalar' } }],
  ['mean(x ^ (x + 3))', { positive: true }],
  // two arguments, and comparisons
  ['mean(max(x, 0.5))'],
  ['mean(min(x, 0.5))'],
  ['mean(max(0.5, x)) + mean(min(-0.5, x))'],
  ['mean(max(x, t) * min(t, x))', { tensors: ['t'] }],
  ['mean(select(x < t, x * t, t))', { tensors: ['t'] }],
  ['mean(select(x >= 0, x, x * 0.1) / (1 + x * x))'],
  ['select(mean(x) > 0, mean(x), mean(x * x))'],
  ['mean(select(x <= 0.5, 0, exp(x) * x))'],
  ['mean(select(x > 0, 1 / x, 0)) + mean(select(x <= 0, 0, x / x ^ 2))'],
  ['mean(select(x > 0, log(x), 0)) + mean(select(x <= 0, 0, sqrt(x) / x))'],
  ['mean(-(select(x > 0, -x, 0)) / t)', { tensors: ['t'], positive: true }],
  ['mean(-(select(x > 0, x, 0) * w)) / 3', { paramShapes: { w: 'channel' } }],
  // reductions of every level, nested
  ['sum(x)'],
  ['max(x) - min(x)'],
  ['max(x * x) + min(abs(x))'],
  ['max(x) * max(x) + mean(x) * min(x)'],
  ['var(x)'],
  ['std(x) * mean(x)'],
  ['var(x * x + x)'],
  ['mean((x - mean(x)) ^ 2)'],
  ['mean((x - mean(x)) ^ 3) / (var(x) + 1)'],
  ['mean(abs(x - mean(x))) / (std(x) + 0.5)'],
  ['sum(w * x)', { paramShapes: { w: 'kernel' } }],
  ['sigmoid(sum(w * x)) * max(x) + mean(w)', { paramShapes: { w: 'kernel' } }],
  ['sum(1) * mean(a) + sum(a)', { paramShapes: { a: 'channel' } }],
  ['count * mean(x) / size + tap_sum', { paramShapes: { tap_sum: 'position' } }],
  ['sum(tap * x) / (1 + count)'],
  ['mean(x * mean(x * mean(x)))'],
  ['max(exp(x)) + var(exp(x) * x) - min(exp(x))'],
  // parameters of every shape
  ['mean(x) * a', { paramShapes: { a: ['channel', 'width'] } }],
  ['mean(x * a) + b', { paramShapes: { a: ['height'], b: ['sample', 'width'] } }],
  ['sum((w + p) * x) + sum(w * p)', { paramShapes: { w: 'kernel', p: ['width'] } }],
  ['mean(x) * a + a', { paramShapes: { a: 'scalar' } }],
  ['mean(x) * a', { paramShapes: { a: 'sample' } }],
  ['mean(x) * a', { paramShapes: { a: 'sample-channel' } }],
  ['mean(x * a)', { paramShapes: { a: 'position' } }],
  ['mean(x) * a + mean(exp(x * b)) * a * b', { paramShapes: { a: 'channel', b: 'sample' } }],
  ['mean(tanh(a * x) * t)', { tensors: ['t'], paramShapes: { a: 'scalar' } }],
  ['a * a * b', { paramShapes: { a: 'channel', b: 'position' } }],
  // sums of exponentials: ratios, logarithms, roots, powers, products, differences
  ['sum(x * exp(x)) / sum(exp(x))'],
  ['sum(x * exp(a * x)) / sum(exp(a * x))', { paramShapes: { a: 'channel' } }],
  ['log(sum(exp(x)))'],
  ['log(mean(exp(a * x))) / a', { paramShapes: { a: 'scalar' }, positive: true }],
  ['sqrt(sum(exp(x)))'],
  ['sum(exp(x)) ^ 0.5 + mean(exp(x)) ^ 2'],
  ['-(sum(exp(x) * x)) / sum(exp(x))'],
  ['(sum(exp(x)) + sum(exp(x) * x)) / sum(exp(x))'],
  ['(sum(exp(x)) - 0.5 * sum(exp(x) * x)) / sum(exp(x))'],
  ['(sum(exp(x)) - sum(exp(-x))) / (sum(exp(x)) + sum(exp(-x)))'],
  ['sum(exp(x) * exp(t) * x) / sum(exp(t) * exp(x))', { tensors: ['t'] }],
  ['sum(x / exp(x)) / sum(1 / exp(x))'],
  ['sum(exp(x) * x / exp(t)) / sum(exp(x) / exp(t))', { tensors: ['t'] }],
  ['sum(exp(x) / (1 + x * x)) / sum(exp(x))'],
  ['sum(exp(x)) * sum(exp(x) * x) / (sum(exp(x)) * sum(exp(x)))'],
  ['sum(exp(x) * (sum(exp(x)) / sum(exp(x) * 2)))'],
  ['sum(exp(x) * sum(exp(t)) * x) / sum(exp(t))', { tensors: ['t'] }],
  ['exp(mean(x)) * sum(exp(x)) / sum(exp(x) * 2)'],
  ['abs(sum(exp(x) * x)) + max(sum(exp(x)), 3)'],
  ['log(sum(exp(x) * x ^ 2)) - log(sum(exp(x)))'],
  ['sum(x / sum(exp(t))) * sum(exp(t))', { tensors: ['t'] }],
  ['sum(exp(x) * x) / (sum(exp(x)) * mean(t)) * mean(t)', { tensors: ['t'], positive: true }],
  ['sum(exp(2)) * mean(x)'],
  // several results
  ['y = mean(x); z = max(x) * y; spread = var(x)'],
  ['let m = mean(x); y = m * m; indices = argmax(x)'],
  ['let k = mean(tap + 1); y = mean(x) * k'],
]

const geometries: Readonly<Record<string, GeometryOptions>> = {
  'overlapping windows with a border': { kernelSize: [2, 3], stride: [1, 2], padding: [1, 1] },
  'gaps between windows, padding left out': {
    kernelSize: [2, 2],
    stride: 3,
    padding: [[1, 0], 0],
    countIncludePad: false,
    ceilMode: true,
  },
}

/** A few values over and over, with zeros, halves and equal neighbours among them. */
const cycle = [0, 0.5, -0.5, 1, 0.5, -1.25, 2, 0, -0.75, 0.25, 1.5, 1.5, -2]

const values = (shape: readonly number[], start: number, positive: boolean): Tensor<Float64Array> => ({
  shape,
  data: Float64Array.from({ length: elements(shape) }, (_, i) => {
    const value = cycle[(i * 5 + start) % cycle.length]! + (i % 3) * 0.125 * (start % 2)
    return positive ? 0.25 + Math.abs(value) : value
  }),
})

const compare = (got: Tensors, want: Tensors): void => {
  expect(Object.keys(got).sort()).toEqual(Object.keys(want).sort())
  for (const [name, { shape, data }] of Object.entries(want)) {
    expect(got[name]!.shape).toEqual(shape)
    data.forEach((x, i) => {
      const y = got[name]!.data[i]!
      if (Object.is(x, y)) return
      expect(Math.abs(x - y), `${name}[${i}]: ${y}, not ${x}`).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(x)))
    })
  }
}

describe.each(Object.entries(geometries))('%s', (_, options) => {
  const geometry = normaliseGeometry(options)
  it.each(formulas.map(([text, given = {}]) => ({ text, given })))(
    '$text',
    async ({ text, given: { positive = false, ...given } }) => {
      const operator = settle(operatorFromFormula(text, given))
      const extents = [4, 5]
      const outExtents = outputSize(geometry, extents)
      const sizes = { samples: 2, channels: 2, extents }
      const kernel = geometry.kind === 'sliding' ? { kernel: geometry.axes.map((x) => x.kernel) } : {}
      const inputs: Inputs = Object.fromEntries(
        operator.tensors.map((decl, k) => [
          decl.name,
          decl.role === 'param' || decl.role === 'noise'
            ? values(paramTensorShape(decl.shape, geometry.dims, { ...sizes, outExtents, ...kernel }), 3 * k + 1, positive)
            : values(joinShape(geometry, sizes), 3 * k, positive),
        ]),
      )
      const floats = [...operator.results].filter(([, x]) => x.type === 'float').map(([name]) => name)
      const cotangents = Object.fromEntries(
        floats.map((name, k) => [name, values(joinShape(geometry, { ...sizes, extents: outExtents }), 4 + k, false)]),
      )
      const compiled = await interpreterTarget('f64').compile(operator, geometry, { dtype: 'float64' })
      compare(compiled.forward(inputs), oracleForward(operator, geometry, inputs))
      compare(compiled.backward(inputs, cotangents), oracleBackward(operator, geometry, inputs, cotangents))
    },
  )
})
