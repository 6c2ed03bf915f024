/** The oracle's semantics, rule by rule, on cases small enough to be worked out by hand; and its gradients against differences. */
import { describe, expect, it } from 'vitest'
import type { CheckedOperator } from '../../dsl/expression.ts'
import { type FreeFormulaOptions, operatorFromFormula } from '../../dsl/free-formula.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { normal } from '../../dsl/random.ts'
import { settle } from '../../dsl/settle.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import { oracleBackward, oracleForward } from '../../oracle/oracle.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

const formula = (text: string, options: FreeFormulaOptions = {}): CheckedOperator => settle(operatorFromFormula(text, options))

const tensor = (shape: readonly number[], data: readonly number[]): Tensor<Float64Array> => ({
  shape,
  data: Float64Array.from(data),
})

/** One sample and channel of one dimension. */
const row = (...data: number[]): Tensor<Float64Array> => tensor([1, 1, data.length], data)

const forward = (text: string, x: Tensor, options: GeometryOptions, more: Record<string, Tensor | number> = {}): number[] => [
  ...oracleForward(formula(text), normaliseGeometry(options, x.shape.length), { x, ...more }).y!.data,
]

/** The gradient by x, of the sum of all outputs. */
const gradient = (
  text: string,
  x: Tensor,
  options: GeometryOptions,
  more: Record<string, Tensor | number> = {},
): Record<string, number[]> => {
  const geometry = normaliseGeometry(options, x.shape.length)
  const { y } = oracleForward(formula(text), geometry, { x, ...more })
  const gradients = oracleBackward(
    formula(text),
    geometry,
    { x, ...more },
    { y: { shape: y!.shape, data: new Float64Array(y!.data.length).fill(1) } },
  )
  return Object.fromEntries(Object.entries(gradients).map(([name, { data }]) => [name, [...data]]))
}

const close = (got: readonly number[], want: readonly number[]): void => {
  expect(got.length).toBe(want.length)
  for (const [k, x] of got.entries()) expect(x).toBeCloseTo(want[k]!, 12)
}

describe('sums, divisors and counts', () => {
  it('divides by what PyTorch divides by in ceil mode', () => {
    const x = tensor(
      [1, 1, 4, 4],
      Array.from({ length: 16 }, (_, k) => k + 1),
    )

    close(forward('mean(x)', x, { kernelSize: 3, stride: 2, padding: 1, ceilMode: true }), [
      14 / 9,
      10 / 3,
      2,
      19 / 3,
      11,
      6,
      4.5,
      7.5,
      4,
    ])
  })

  it('leaves padding out where it is not counted, and lets an override win', () => {
    close(forward('mean(x)', row(2, 4, 6), { kernelSize: 3, stride: 1, padding: 1, countIncludePad: false }), [3, 4, 5])
    close(forward('mean(x)', row(2, 4, 6), { kernelSize: 3, stride: 1, padding: 1, divisorOverride: -2 }), [-3, -6, -5])
  })

  it('sums after the body, over valid taps only', () => {
    close(forward('mean(1)', row(5, 5), { kernelSize: 3, stride: 1, padding: 1 }), [2 / 3, 2 / 3])
    close(forward('sum(exp(x))', row(0, 0), { kernelSize: 3, stride: 1, padding: 1 }), [2, 2])
    close(forward('count + 0 * sum(x)', row(1, 1, 1), { kernelSize: 3, stride: 1, padding: 1 }), [2, 3, 2])
    close(forward('size + 0 * sum(x)', row(1, 1, 1), { kernelSize: 3, stride: 1, padding: 1 }), [3, 3, 3])
    close(forward('sum(w) + 0 * sum(x)', row(1, 1, 1), { kernelSize: 3, stride: 1, padding: 1 }, { w: 0.5 }), [1, 1.5, 1])
  })

  it('counts padding in the variance as zeros', () => {
    // mean(x^2) - mean(x)^2 of 0 (padding), 3, 5.
    close(forward('var(x)', row(3, 5), { kernelSize: 3, stride: 2, padding: 1 }), [34 / 3 - (8 / 3) ** 2])
  })

  it('keeps the variance of values far from zero', () => {
    close(forward('var(x)', row(1e9, 1e9 + 1), { kernelSize: 2 }), [0.25])
  })

  it('has count, size and divisor alike in adaptive windows, and taps of their own', () => {
    const x = row(1, 2, 3, 4, 5)
    close(forward('mean(x)', x, { outputSize: [3] }), [1.5, 3, 4.5])
    close(forward('size + count + 0 * sum(x)', x, { outputSize: [3] }), [4, 6, 4])
    close(forward('sum(tap) + 0 * sum(x)', x, { outputSize: [3] }), [1, 3, 1])
    close(forward('mean(x)', x, { global: true }), [3])
  })
})

describe('maxima and their indices', () => {
  const max = formula('y = max(x); indices = flatIndex(argmax(x)); low = min(x); lowest = argmin(x)')
  const run = (x: Tensor, options: GeometryOptions): Record<string, number[]> =>
    Object.fromEntries(
      Object.entries(oracleForward(max, normaliseGeometry(options, x.shape.length), { x })).map(([name, { data }]) => [
        name,
        [...data],
      ]),
    )

  it('take the first of equal values and the last NaN', () => {
    expect(run(row(1, 7, 7, 0), { kernelSize: 4 })).toEqual({ y: [7], indices: [1], low: [0], lowest: [3] })
    expect(run(row(nan, 7, nan, inf), { kernelSize: 4 })).toMatchObject({ y: [nan], indices: [2], low: [nan], lowest: [2] })
  })

  it('take the first valid tap where everything is infinite', () => {
    expect(run(row(-inf, -inf), { kernelSize: 3, stride: 1, padding: 1 })).toMatchObject({ y: [-inf, -inf], indices: [0, 0] })
    expect(run(row(inf, inf), { kernelSize: 3, stride: 1, padding: 1 })).toMatchObject({ low: [inf, inf], lowest: [1, 0] })
  })

  it('are infinite and without an index in an empty window', () => {
    // Taps at -2 and 2, but the input has one element.
    expect(run(row(3), { kernelSize: 2, dilation: 4, stride: 1, padding: 2 })).toEqual({
      y: [-inf],
      indices: [-1],
      low: [inf],
      lowest: [-1],
    })
    close(forward('mean(x) + std(x)', row(3), { kernelSize: 2, dilation: 4, stride: 1, padding: 2, countIncludePad: false }), [0])
    close(gradient('max(x)', row(3), { kernelSize: 2, dilation: 4, stride: 1, padding: 2 }).x!, [0])
  })

  it('hand the cotangent to the element chosen', () => {
    close(gradient('max(x)', row(1, 7, 7, 0), { kernelSize: 4 }).x!, [0, 1, 0, 0])
    close(gradient('max(x)', row(-inf, -inf), { kernelSize: 2 }).x!, [1, 0])
    close(gradient('max(x)', row(nan, 1, nan), { kernelSize: 3 }).x!, [0, 0, 1])
  })

  it('give int32 indices in the plane, the same in both layouts', () => {
    const geometry = normaliseGeometry({ kernelSize: 2, dims: 2, layout: 'channels-last' })
    const { indices } = oracleForward(max, geometry, { x: tensor([1, 2, 2, 2], [0, 9, 1, 8, 2, 7, 3, 6]) })
    expect(indices!.data).toEqual(Int32Array.from([3, 0]))
  })
})

describe('zero-safe derivatives and comparisons', () => {
  const one = { kernelSize: [1] }
  it.each([
    ['sum(sqrt(x))', 0, 0],
    ['sum(abs(x))', 0, 0],
    ['sum(abs(x))', -2, -1],
    ['sum(x^0.5)', 0, 0],
    ['sum(x^-1)', 0, 0],
    ['sum(x^0)', 0, 0],
    ['sum(x^1)', 0, 1],
    ['sum(x^2)', 0, 0],
    ['sum(x^3)', -2, 12],
    ['sum(sqrt(x))', -1, nan],
    ['sum(log(x))', -1, nan],
    ['sum(x^0.5)', -1, nan],
    ['sum(sign(x))', 0, 0],
    ['sum(relu(x))', 0, 0],
    ['sum(clamp(x, 0, 1))', 0, 1],
    ['sum(clamp(x, 0, 1))', 1, 1],
    ['sum(clamp(x, 0, 1))', 2, 0],
    ['sum(max(x, 0))', nan, 1],
    ['sum(min(x, 0))', 0, 1],
    ['sum(2^x)', 0, Math.LN2],
    ['sum(0^x)', 2, 0],
    ['sum(softplus(x))', 800, 1],
    ['sum(sigmoid(x))', -800, 0],
    ['sum(tanh(x))', 400, 0],
    ['sum(exp(x))', -1, Math.exp(-1)],
    ['sum(select(x > 0, x, 3 * x))', nan, 3],
    ['sum(select(x != 0, x, 3 * x))', nan, 1],
    ['sum(select(x > 0, 1 / x, 0))', 0, 0],
    ['sum(select(x > 0, x, 0) * exp(1000))', 0, 0],
  ])('d %s at %d is %d', (text, x, wanted) => {
    const [got] = gradient(text, row(x), one).x!
    if (Number.isNaN(wanted)) expect(got).toBeNaN()
    else expect(got).toBeCloseTo(wanted, 12)
  })

  it.each([
    ['sum(max(x, 1))', nan, nan],
    ['sum(max(1, x))', nan, nan],
    ['sum(x^0)', 0, 1],
    ['sum((0 - x)^3)', 2, -8],
    ['sum(softplus(x))', 800, 800],
    ['sum(softplus(x))', -800, 0],
    ['sum(sigmoid(x))', -800, 0],
    ['sum(relu(x))', nan, nan],
    ['sum(select(x == 1, 5, 6))', 1, 5],
    ['sum(select(x >= 1, 5, 6))', 1, 5],
    ['sum(select(x <= 1, 5, 6))', 2, 6],
    ['sum(select(x < 1, 5, 6))', nan, 6],
  ])('%s at %d is %d', (text, x, wanted) => {
    expect(forward(text, row(x), one)).toEqual([wanted])
  })

  it('flat windows have finite gradients', () => {
    close(gradient('mean(x) + 2 * std(x)', row(3, 3, 3), { kernelSize: 3 }).x!, [1 / 3, 1 / 3, 1 / 3])
  })
})

describe('random values', () => {
  it('stand at the row-major, channels-first index, in either layout', () => {
    const operator = formula('mean(x) * 0 + normal(position) + 10 * normal(sample)')
    const run = (layout: 'channels-first' | 'channels-last', shape: number[]): Tensor =>
      oracleForward(
        operator,
        normaliseGeometry({ kernelSize: [2], layout }),
        { x: tensor(shape, new Array(elements(shape)).fill(0)) },
        { seed: 5n },
      ).y!
    const first = run('channels-first', [2, 3, 4])
    const last = run('channels-last', [2, 4, 3])
    for (let n = 0; n < 2; n++) {
      for (let c = 0; c < 3; c++) {
        for (let o = 0; o < 2; o++) {
          const wanted = normal(5n, (n * 3 + c) * 2 + o, 0) + 10 * normal(5n, n, 1)
          expect(first.data[(n * 3 + c) * 2 + o]).toBeCloseTo(wanted, 12)
          expect(last.data[(n * 2 + o) * 3 + c]).toBeCloseTo(wanted, 12)
        }
      }
    }
  })
})

/** Deterministic numbers well apart from each other. */
const spread = (length: number, phase: number): number[] =>
  Array.from({ length }, (_, k) => Math.sin(k * 2.399963 + phase) * 1.5 + 0.01 * k)

describe('gradients against central differences', () => {
  const shapes = { w: 'kernel', c: 'channel', n: 'sample', p: 'position', s: 'scalar', h: ['channel', 'height'] } as const
  it.each([
    'mean((x - mean(x))^2)',
    'sum(x * exp(x)) / sum(exp(x))',
    'mean(x) + c * std(x)',
    'sum(l * exp(x + c)) / sum(exp(x + c))',
    'log(mean(exp(s * x)) + 0.5) / s',
    'sigmoid(sum(w * x)) * max(x) + (1 - sigmoid(sum(w * x))) * mean(x)',
    'p * sum(x * w) + n * var(x * h) + tanh(min(l))',
    'mean(select(x > l, x * l, s * x)) + softplus(mean(w) * s)',
    '(mean(abs(x)^3) * size)^(1/3) + abs(s)^1.5',
  ])('%s', (text) => {
    for (const layout of ['channels-first', 'channels-last'] as const) {
      for (const options of [
        { kernelSize: [2, 3], stride: [1, 2], padding: [1, 1], layout },
        {
          kernelSize: [2, 3],
          stride: 1,
          dilation: [2, 1],
          padding: [
            [0, 1],
            [1, 0],
          ],
          ceilMode: true,
          countIncludePad: false,
          layout,
        },
      ] satisfies GeometryOptions[]) {
        checkDifferences(text, options)
      }
    }
  })

  const checkDifferences = (text: string, options: GeometryOptions): void => {
    const names = Object.keys(shapes).filter((name) => new RegExp(`\\b${name}\\b`).test(text))
    const tensors = /\bl\b/.test(text) ? ['l'] : []
    const paramShapes = Object.fromEntries(names.map((name) => [name, shapes[name as keyof typeof shapes]]))
    const operator = formula(text, { tensors, paramShapes })
    const geometry = normaliseGeometry(options)
    const shape = options.layout === 'channels-last' ? [2, 4, 5, 2] : [2, 2, 4, 5]
    const input = tensor(shape, spread(80, 0.3))
    const probe = oracleForward(formula('mean(x)'), geometry, { x: input }).y!
    const [height, width] = options.layout === 'channels-last' ? probe.shape.slice(1, 3) : probe.shape.slice(2)
    const sizes = { w: [2, 3], c: [1, 2, 1, 1], n: [2, 1, 1, 1], p: [2, 2, height!, width!], s: [1], h: [1, 2, height!, 1] }
    const inputs: Record<string, Tensor<Float64Array>> = { x: input }
    if (tensors.length > 0) inputs.l = tensor(shape, spread(80, 1.1))
    for (const name of names) {
      const size = sizes[name as keyof typeof sizes]
      inputs[name] = tensor(size, spread(elements(size), 0.9 + name.charCodeAt(0)))
    }
    const cotangent = { shape: probe.shape, data: Float64Array.from(spread(probe.data.length, 2.2)) }
    const loss = (): number =>
      [...oracleForward(operator, geometry, inputs).y!.data].reduce((sum, y, k) => sum + y * cotangent.data[k]!, 0)
    const gradients = oracleBackward(operator, geometry, inputs, { y: cotangent })
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(inputs).sort())
    for (const [name, { data }] of Object.entries(inputs)) {
      for (let k = 0; k < data.length; k++) {
        const kept = data[k]!
        const step = 1e-5
        data[k] = kept + step
        const above = loss()
        data[k] = kept - step
        const below = loss()
        data[k] = kept
        const wanted = (above - below) / (2 * step)
        const got = gradients[name]!.data[k]!
        expect(Math.abs(got - wanted), `d/d${name}[${k}] of ${text}: ${got}, by differences ${wanted}`).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(wanted)),
        )
      }
    }
  }
})

describe('shapes of what goes in and comes out', () => {
  it('an empty batch has empty results and gradients of zero', () => {
    const x = tensor([0, 3, 4, 4], [])
    const operator = formula('mean(x) * w', { paramShapes: { w: 'channel' } })
    const geometry = normaliseGeometry({ kernelSize: 2, dims: 2 })
    const inputs = { x, w: tensor([1, 3, 1, 1], [1, 2, 3]) }
    const { y } = oracleForward(operator, geometry, inputs)
    expect(y!.shape).toEqual([0, 3, 2, 2])
    const gradients = oracleBackward(operator, geometry, inputs, { y: y! })
    expect(gradients.w).toEqual(tensor([1, 3, 1, 1], [0, 0, 0]))
  })

  it('a plain number has a gradient of shape []', () => {
    const operator = formula('mean(x) * w')
    const geometry = normaliseGeometry({ kernelSize: [2] })
    const made = oracleBackward(operator, geometry, { x: row(1, 3), w: 2 }, { y: row(1) })
    expect(made.w).toEqual(tensor([], [2]))
    expect(made.x!.data).toEqual(Float64Array.from([1, 1]))
  })

  it('a result below the output is broadcast to it, and its cotangent summed', () => {
    const operator = formula('y = w * 2; z = mean(x)', { paramShapes: { w: 'channel' } })
    const geometry = normaliseGeometry({ kernelSize: [1] })
    const inputs = { x: tensor([1, 2, 2], [1, 2, 3, 4]), w: tensor([1, 2, 1], [5, 6]) }
    expect(oracleForward(operator, geometry, inputs, { results: ['y'] })).toEqual({ y: tensor([1, 2, 2], [10, 10, 12, 12]) })
    expect(oracleBackward(operator, geometry, inputs, { y: tensor([1, 2, 2], [1, 1, 1, 3]) }).w!.data).toEqual(
      Float64Array.from([4, 8]),
    )
  })

  it('refuses an operator that does not fit the geometry', () => {
    expect(() => forward('var(x)', row(1, 2), { kernelSize: [2], divisorOverride: 3 })).toThrow(
      /var and std have no meaning with divisorOverride 3/,
    )
  })
})
