/** What is handed to a kernel: names, shapes, seeds; the shapes of parameters; and where an operator and a geometry do not fit. */
import { describe, expect, it } from 'vitest'
import { checkArguments, checkCotangents, type Given } from '../../dsl/arguments.ts'
import { attr, input, normal, param, tensor } from '../../dsl/declarations.ts'
import { declare } from '../../dsl/declare.ts'
import { ArgumentError, GeometryError } from '../../dsl/errors.ts'
import { refuseOperator } from '../../dsl/fit.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { describeShape, inferParamShape, paramTensorShape } from '../../dsl/param-shapes.ts'
import { settle } from '../../dsl/settle.ts'
import type { RandomShape } from '../../dsl/shapes.ts'
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'

const zeros = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(elements(shape)) })
const as = (Data: new (length: number) => TensorData, ...shape: number[]): Tensor => ({ shape, data: new Data(elements(shape)) })

const operator = declare(
  'test',
  {
    x: input(),
    logits: tensor(),
    weight: param('channel'),
    gate: param('kernel'),
    bias: param(),
    noise: normal('position'),
    eps: attr(1),
  },
  'y = mean(x * gate) * weight + sum(logits) + bias + noise + eps; k = argmax(x)',
)
const geometry = normaliseGeometry({ kernelSize: [2, 2], layout: 'channels-last' })
const good: Given = { x: zeros(2, 4, 6, 3), logits: zeros(2, 4, 6, 3), weight: zeros(1, 3, 1, 1), gate: zeros(2, 2), bias: 0 }

describe('checkArguments', () => {
  const checked = settle(operator)

  it('tells extents and the shapes as given', () => {
    expect(checkArguments(checked, geometry, good, 7n, { dtype: 'float32' })).toEqual({
      samples: 2,
      channels: 3,
      extents: [4, 6],
      outExtents: [2, 3],
      kernel: [2, 2],
      paramShapes: new Map([
        ['weight', [1, 3, 1, 1]],
        ['gate', [2, 2]],
        ['bias', []],
      ]),
    })
  })

  it.each<[what: string, change: Record<string, unknown>, message: RegExp]>([
    ['a misspelt name', { wieght: zeros(1) }, /has no tensor 'wieght': did you mean 'weight'\?/],
    ['an unknown name', { velocity: zeros(1) }, /has no tensor 'velocity': it takes x, logits/],
    ['an attribute', { eps: 3 }, /'eps' is an attribute of test: give it when the operator is compiled/],
    ['an input that is a number', { x: 3 }, /the input 'x' must be a tensor/],
    [
      'a tensor of another shape',
      { logits: zeros(2, 4, 6, 2) },
      /'logits' has the shape \[2, 4, 6, 2\], but must have that of 'x', \[2, 4, 6, 3\]/,
    ],
    [
      'data of another length',
      { x: { shape: [2, 4, 6, 3], data: new Float32Array(5) } },
      /which is 144 numbers, but its data are 5/,
    ],
    ['a negative size', { x: { shape: [-1, 4, 6, 3], data: new Float32Array(0) } }, /sizes are integers of at least 0/],
    [
      'another type of array',
      { x: { shape: [2, 4, 6, 3], data: new Float64Array(144) } },
      /must be a Float32Array, .* stores float32, but is a Float64Array/,
    ],
    ['an array alone', { x: new Float32Array(144) }, /must be a tensor \{ shape, data \}/],
    [
      'a parameter of another shape',
      { weight: zeros(3) },
      /'weight' is one per channel, so its shape is \[1, 3, 1, 1\] \(channels-first whatever the layout\), but it is \[3\]/,
    ],
    ['a broadcast where it varies', { weight: zeros(1, 1, 1, 1) }, /its shape is \[1, 3, 1, 1\]/],
    ['a number where it varies', { weight: 2 }, /give a tensor of shape \[1, 3, 1, 1\], not a number/],
    ['one value too many for a scalar', { bias: zeros(2) }, /'bias' is one number/],
    ['no channels', { x: zeros(2, 4, 6, 0) }, /needs at least one channel/],
  ])('refuses %s', (_, change, message) => {
    const check = (): unknown => checkArguments(checked, geometry, { ...good, ...change } as Given, 7n, { dtype: 'float32' })
    expect(check).toThrow(ArgumentError)
    expect(check).toThrow(message)
  })

  it('names all that is missing', () => {
    const { weight: _, gate: __, ...rest } = good
    expect(() => checkArguments(checked, geometry, rest, 7n)).toThrow(/test needs 'weight', 'gate'/)
  })

  it('asks for a seed where random values are made, and only there', () => {
    expect(() => checkArguments(checked, geometry, good)).toThrow(/test draws random values: give a seed/)
    for (const seed of [-1n, 1n << 64n, 7 as unknown as bigint])
      expect(() => checkArguments(checked, geometry, good, seed)).toThrow(/from 0 to 2\^64 - 1/)
    expect(checkArguments(checked, geometry, good, (1n << 64n) - 1n).samples).toBe(2)
    const handed = settle(operator, { handIn: ['noise'] })
    expect(checkArguments(handed, geometry, { ...good, noise: zeros(2, 3, 2, 3) }).paramShapes.get('noise')).toEqual([2, 3, 2, 3])
  })

  it('accepts a scalar as a number or as any tensor of one element', () => {
    for (const bias of [1, zeros(), zeros(1), zeros(1, 1, 1, 1)])
      expect(checkArguments(checked, geometry, { ...good, bias }, 0n).samples).toBe(2)
  })

  it('accepts an empty batch, and leaves the rank to the geometry', () => {
    const empty = { ...good, x: zeros(0, 4, 6, 3), logits: zeros(0, 4, 6, 3) }
    expect(checkArguments(checked, geometry, empty, 0n).samples).toBe(0)
    expect(() => checkArguments(checked, geometry, { ...good, x: zeros(4, 6, 3) }, 0n)).toThrow(GeometryError)
    expect(() => checkArguments(checked, geometry, { ...good, x: zeros(2, 1, 6, 3) }, 0n)).toThrow(/does not fit the height of 1/)
  })

  it.each(['float16', 'bfloat16'] as const)('takes tensors of %s by their bits, and parameters and noise in float32', (dtype) => {
    const handed = settle(operator, { handIn: ['noise'] })
    const given = {
      ...good,
      x: as(Uint16Array, 2, 4, 6, 3),
      logits: as(Uint16Array, 2, 4, 6, 3),
      noise: zeros(2, 3, 2, 3),
    }
    const launch = checkArguments(handed, geometry, given, undefined, { dtype })
    expect(launch.samples).toBe(2)
    const refused: readonly [change: Given, message: string][] = [
      [
        { x: as(Float32Array, 2, 4, 6, 3) },
        `the input 'x' must be a Uint16Array, since the kernel stores ${dtype}, but is a Float32Array: narrow(data, '${dtype}') makes one`,
      ],
      [
        { logits: as(Int32Array, 2, 4, 6, 3) },
        `the tensor 'logits' must be a Uint16Array, since the kernel stores ${dtype}, but is an Int32Array: narrow(data, '${dtype}') makes one`,
      ],
      [
        { weight: as(Uint16Array, 1, 3, 1, 1) },
        `the parameter 'weight' must be a Float32Array, since parameters and noise beside ${dtype} are float32, but is a Uint16Array: widen(data, 'float16') or widen(data, 'bfloat16') gives the numbers of its bits`,
      ],
      [
        { noise: as(Float64Array, 2, 3, 2, 3) },
        `the random value 'noise' must be a Float32Array, since parameters and noise beside ${dtype} are float32, but is a Float64Array: narrow(data, 'float32') makes one`,
      ],
    ]
    for (const [change, message] of refused) {
      const check = (): unknown => checkArguments(handed, geometry, { ...given, ...change }, undefined, { dtype })
      expect(check).toThrow(ArgumentError)
      expect(check).toThrow(message)
    }
    const cotangent = (data: Tensor) => () => checkCotangents(handed, geometry, { y: data }, launch, { dtype })
    expect(cotangent(as(Uint16Array, 2, 2, 3, 3))).not.toThrow()
    expect(cotangent(zeros(2, 2, 3, 3))).toThrow(
      `the cotangent of 'y' must be a Uint16Array, since the kernel stores ${dtype}, but is a Float32Array`,
    )
  })

  it('takes bits for no numbers where nothing says of what they are', () => {
    const bits = { ...good, x: as(Uint16Array, 2, 4, 6, 3) }
    expect(() => checkArguments(checked, geometry, bits, 7n)).toThrow(
      /the input 'x' is a Uint16Array, the bits of float16 or of bfloat16: say by dtype which of them/,
    )
    expect(() => checkArguments(checked, geometry, bits, 7n, { dtype: 'float32' })).toThrow(
      /must be a Float32Array, .* stores float32, but is a Uint16Array: widen\(data, 'float16'\) or/,
    )
  })

  it('checks cotangents', () => {
    const launch = checkArguments(checked, geometry, good, 7n)
    const check = (cotangents: Record<string, Tensor>) => (): void => checkCotangents(checked, geometry, cotangents, launch)
    expect(check({ y: zeros(2, 2, 3, 3) })).not.toThrow()
    expect(check({})).not.toThrow()
    expect(check({ y: zeros(2, 3, 2, 3) })).toThrow(
      /cotangent of 'y' has the shape \[2, 3, 2, 3\], but the output's is \[2, 2, 3, 3\]/,
    )
    expect(check({ k: zeros(1) })).toThrow(/'k', which is an integer and has no gradient of test: give y/)
    expect(check({ z: zeros(1) })).toThrow(/'z', which is no result of test/)
  })
})

describe('the shapes of parameters', () => {
  const context = { samples: 2, channels: 3, extents: [8, 10], outExtents: [4, 5], kernel: [2, 2] }
  it.each<[RandomShape, number[], string]>([
    ['scalar', [1, 1, 1, 1], 'one number'],
    ['channel', [1, 3, 1, 1], 'one per channel'],
    ['sample', [2, 1, 1, 1], 'one per sample'],
    ['sample-channel', [2, 3, 1, 1], 'one per sample and channel'],
    ['position', [2, 3, 4, 5], 'one per output element'],
    ['kernel', [2, 2], 'one per tap'],
    ['input', [2, 3, 8, 10], 'one per input element'],
    ['window', [2, 3, 4, 5, 2, 2], 'one per window and tap'],
    [['channel', 'height'], [1, 3, 4, 1], 'one per channel and height'],
    [['width'], [1, 1, 1, 5], 'one per width'],
  ])('%j', (shape, wanted, words) => {
    expect(paramTensorShape(shape, 2, context)).toEqual(wanted)
    expect(describeShape(shape)).toBe(words)
  })

  it('one value a tap needs a kernel', () => {
    expect(() => paramTensorShape('kernel', 2, { ...context, kernel: undefined })).toThrow(/needs a kernel size/)
  })

  it.each([
    [[], 'scalar'],
    [[1], 'scalar'],
    [[1, 1, 1, 1], 'scalar'],
    [[1, 1], 'scalar'],
    [[2, 3], 'kernel'],
    [[4, 1], 'kernel'],
    [[1, 3, 1, 1], 'channel'],
    [[2, 1, 1, 1], 'sample'],
    [[2, 3, 1, 1], 'sample-channel'],
    [[2, 3, 4, 5], 'position'],
    [
      [1, 3, 4, 5],
      ['channel', 'height', 'width'],
    ],
    [[1, 1, 1, 5], ['width']],
  ])('a tensor of shape %j tells %j', (shape, wanted) => {
    expect(inferParamShape(shape, 2, [2, 3])).toEqual(wanted)
  })

  it('a kernel of one tap is a kernel', () => {
    expect(inferParamShape([1], 1, [1])).toBe('kernel')
    expect(inferParamShape([1], 1)).toBe('scalar')
  })

  it('refuses a rank that is neither', () => {
    expect(() => inferParamShape([3, 4, 5], 2)).toThrow(/has rank 4 .* rank 2 .* but its shape is \[3, 4, 5\]/)
  })
})

describe('refuseOperator', () => {
  const refuse = (declared: Parameters<typeof declare>[1], text: string, options: GeometryOptions): string | undefined =>
    refuseOperator(settle(declare('test', { x: input(), ...declared }, text)), normaliseGeometry(options))

  it.each<[Parameters<typeof declare>[1], string, GeometryOptions, RegExp]>([
    [{}, 'mean(x) + std(x)', { kernelSize: [2], divisorOverride: 3 }, /var and std have no meaning with divisorOverride 3/],
    [{ w: param('kernel') }, 'sum(w * x)', { outputSize: [3] }, /'w' has one value a tap, but adaptive windows differ in size/],
    [{ w: param('kernel') }, 'sum(w * x)', { global: true, dims: 2 }, /a global window is as large as the input/],
    [{ noise: normal('window') }, 'sum(noise * x)', { outputSize: [3] }, /'noise' has one value a tap/],
    [{}, 'sum(uniform(window) * x)', { outputSize: [3] }, /a random value \(uniform\) has one value a tap/],
    [
      { w: param(['height']) },
      'mean(x) * w',
      { kernelSize: [3] },
      /'w' varies along 'height', which 1-dimensional pooling has not/,
    ],
    [
      { w: param(['depth']) },
      'mean(x) * w',
      { kernelSize: [3, 3] },
      /'depth', which 2-dimensional .* its dimensions are height, width/,
    ],
    [{}, 'mean(x) * normal(height)', { kernelSize: [3] }, /a random value \(normal\) varies along 'height'/],
  ])('%j %s with %j', (declared, text, options, message) => {
    expect(refuse(declared, text, options)).toMatch(message)
  })

  it('lets the rest be', () => {
    expect(
      refuse({ w: param(['sample', 'width']) }, 'mean(x) * w + max(select(x > 0, x, 0))', {
        kernelSize: [3],
        divisorOverride: 2,
      }),
    ).toBeUndefined()
    expect(refuse({ w: param('kernel') }, 'std(w * x)', { kernelSize: [3] })).toBeUndefined()
  })
})
