/** The Gaussian pooling layer against differences of itself, and what callers rely on; PyTorch's numbers are in golden.test.ts. */
import { describe, expect, it } from 'vitest'
import { ArgumentError, GeometryError } from '../../dsl/errors.ts'
import { narrow, ulp, widen } from '../../dsl/storage.ts'
import { elements } from '../../dsl/tensor.ts'
import { GaussianPooling1d, GaussianPooling2d, GaussianPooling3d, type GaussianPoolingOptions } from '../../layers/index.ts'
import { interpreterTarget } from '../../runtime/interpreter.ts'
import { ramp } from './ramp.ts'

const options = { numFeatures: 4, hiddenFeatures: 3, kernelSize: 2 }
const x = { shape: [2, 4, 4, 4], data: ramp(128) }
const cotangent = { shape: [2, 4, 2, 2], data: ramp(32) }

/** Of a state that is the same each time: fresh ones are random. */
const filled = <L extends GaussianPooling2d>(layer: L): L => {
  let k = 0
  for (const { weight, bias, bn } of Object.values(layer.state))
    for (const array of [weight, bias, bn.weight, bn.bias, bn.runningMean])
      array.set(ramp(array.length + 7 * k++).subarray(-array.length))
  return layer
}

const drawn = async (layer: GaussianPooling2d, seed: bigint) => [...(await layer.forward(x, { seed })).y.data]

describe('gradients', () => {
  it.each([
    ['1-d, with ceil mode', GaussianPooling1d, [3, 4, 7], { kernelSize: 2, ceilMode: true }],
    ['1-d, with gaps', GaussianPooling1d, [3, 4, 7], { kernelSize: 2, stride: 3, stochasticity: 'CN' }],
    ['2-d, channels-last, dilated', GaussianPooling2d, [2, 5, 4, 4], { kernelSize: 2, dilation: 2, layout: 'channels-last' }],
    ['2-d, adaptive', GaussianPooling2d, [2, 4, 3, 4], { outputSize: 2, stochasticity: null }],
    ['3-d, padded and not counted', GaussianPooling3d, [2, 4, 3, 2, 3], { kernelSize: 2, padding: 1, countIncludePad: false }],
  ] as const)('are differences of the results: %s', async (_, Layer, shape, geometry) => {
    const layer = filled(
      new Layer({ ...options, kernelSize: undefined, dtype: 'float64', ...geometry } as GaussianPoolingOptions),
    )
    const data = Float64Array.from(ramp(elements(shape)))
    const pooled = (values: Float64Array) => layer.forward({ shape, data: values }, { seed: 5n })
    const { y, backward } = await pooled(data)
    const by = { shape: y.shape, data: Float64Array.from(ramp(y.data.length)) }
    const objective = async (values: Float64Array) =>
      Array.from((await pooled(values)).y.data).reduce((sum, value, k) => sum + value * by.data[k]!, 0)
    const { x: dx, parameters } = await backward(by)
    const step = 1e-5
    const slope = async (array: Float32Array | Float64Array, k: number, width: number) => {
      const before = array[k]!
      const at = async (value: number) => {
        array[k] = value
        return { value: array[k]!, result: await objective(data) }
      }
      const [low, high] = [await at(before - width), await at(before + width)]
      array[k] = before
      return (high.result - low.result) / (high.value - low.value)
    }
    for (const k of [0, 5, data.length - 1]) expect(dx.data[k]).toBeCloseTo(await slope(data, k, step), 5)
    // Parameters are of 32 bits: a step is wide, and what was stored is divided by.
    for (const k of [0, 3]) {
      expect(parameters.hidden.weight[k]).toBeCloseTo(await slope(layer.state.hidden.weight, k, 1e-3), 3)
      expect(parameters.mean.bn.weight[k]).toBeCloseTo(await slope(layer.state.mean.bn.weight, k, 1e-3), 3)
      if (parameters.sigma) expect(parameters.sigma.weight[k]).toBeCloseTo(await slope(layer.state.sigma.weight, k, 1e-3), 3)
    }
    expect('sigma' in parameters).toBe(!('stochasticity' in geometry) || geometry.stochasticity !== null)
  })

  it('are the same when they are asked for again, whatever was pooled in between', async () => {
    const layer = filled(new GaussianPooling2d(options))
    const { backward } = await layer.forward(x, { seed: 1n })
    const first = await backward(cotangent)
    await layer.forward({ shape: x.shape, data: ramp(128).reverse() }, { seed: 2n })
    expect(await backward(cotangent)).toEqual(first)
  })
})

describe('the layer', () => {
  it('draws the same from the same seed, and other values from another', async () => {
    const layer = filled(new GaussianPooling2d(options))
    expect(await drawn(layer, 1n)).toEqual(await drawn(layer, 1n))
    expect(await drawn(layer, 1n)).not.toEqual(await drawn(layer, 2n))
  })

  it('lets running statistics follow the batch while training, and not after it, nor where a call is refused', async () => {
    const layer = filled(new GaussianPooling2d(options))
    const before = layer.stateDict()
    await expect(layer.forward(x)).rejects.toThrow('give a seed')
    await expect(layer.forward(x, { noise: { shape: [1], data: new Float32Array(1) } })).rejects.toThrow("'noise'")
    expect(layer.stateDict()).toEqual(before)
    await layer.forward(x, { seed: 1n })
    const after = layer.stateDict()
    expect(after['ToMean.1.running_mean']).not.toEqual(before['ToMean.1.running_mean'])
    expect(layer.training).toBe(true)
    await layer.eval().forward(x)
    expect(layer.training).toBe(false)
    expect(layer.stateDict()).toEqual(after)
  })

  it('pools a sequence as a plane of one row', async () => {
    const sequence = new GaussianPooling1d(options)
    const plane = new GaussianPooling2d({ ...options, kernelSize: [1, 2] })
    plane.loadStateDict(
      Object.fromEntries(
        Object.entries(sequence.stateDict()).map(([name, { shape, data }]) => [
          name,
          { shape: shape.length === 3 ? [...shape, 1] : shape, data },
        ]),
      ),
    )
    const flat = await sequence.forward({ shape: [2, 4, 16], data: x.data }, { seed: 3n })
    const row = await plane.forward({ shape: [2, 4, 1, 16], data: x.data }, { seed: 3n })
    expect(flat.y.data).toEqual(row.y.data)
  })

  it.each(['float16', 'bfloat16'] as const)('trains in %s, but for its roundings as in float64', async (dtype) => {
    const target = interpreterTarget('f32')
    const bits = (data: Float32Array) => narrow(data, dtype)
    const numbers = (data: Float32Array) => Float64Array.from(widen(bits(data), dtype))
    const run = async (layer: GaussianPooling2d, stored: typeof bits | typeof numbers) => {
      const { y, backward } = await layer.forward({ shape: x.shape, data: stored(x.data) }, { seed: 1n })
      return { y, ...(await backward({ shape: cotangent.shape, data: stored(cotangent.data) })) }
    }
    const rough = await run(filled(new GaussianPooling2d({ ...options, dtype }, target)), bits)
    const exact = await run(filled(new GaussianPooling2d({ ...options, dtype: 'float64' }, target)), numbers)
    for (const name of ['y', 'x'] as const) {
      expect(rough[name].data).toBeInstanceOf(Uint16Array)
      const wanted = exact[name].data
      // A unit of the greatest number: half for its own rounding, and half for what the averages' rounding becomes.
      const bound = ulp(Math.max(...Array.from(wanted, Math.abs)), dtype)
      for (const [k, value] of widen(rough[name].data, dtype).entries()) expect(Math.abs(value - wanted[k]!)).toBeLessThan(bound)
    }
  })

  it('refuses what does not fit, with the remedy', async () => {
    const layer = new GaussianPooling2d(options)
    await expect(layer.forward({ shape: [2, 5, 4, 4], data: new Float32Array(160) })).rejects.toThrow(
      'is for 4 channels, but the input has 5',
    )
    await expect(layer.forward({ shape: [1, 4, 4, 4], data: new Float32Array(64) })).rejects.toThrow('a batch of one sample')
    await expect(layer.forward({ shape: x.shape, data: narrow(x.data, 'float16') }, { seed: 1n })).rejects.toThrow(
      "the input 'x' must be a Float32Array",
    )
    const noise = { shape: [2, 4, 2, 2], data: new Float32Array(32) }
    await expect(layer.eval().forward(x, { noise })).rejects.toThrow('nothing is drawn')
    await expect(new GaussianPooling2d({ ...options, dtype: 'float16' }).forward(x)).rejects.toThrow(
      'js target stores float32 or float64, not float16',
    )
    expect(() => new GaussianPooling2d({ ...options, numFeatures: 0 })).toThrow('numFeatures must be an integer of at least 1')
    expect(() => new GaussianPooling2d({ ...options, stochasticity: 'NC' as 'CN' })).toThrow("is 'HWCN', 'CN' or null, but is")
    expect(() => new GaussianPooling2d({ ...options, kernelSize: 0 })).toThrow('kernelSize must be an integer from 1')
    expect(() => new GaussianPooling2d({ numFeatures: 4 })).toThrow('the windows are unknown')
  })

  it.each([Number.NaN, -9, 0, Number.POSITIVE_INFINITY])('refuses %d as what batch norm adds to variances', (batchNormEps) => {
    const make = () => new GaussianPooling2d({ ...options, batchNormEps })
    expect(make).toThrow(ArgumentError)
    expect(make).toThrow(`batchNormEps must be a finite number above 0, but is ${batchNormEps}; leave it out for 1e-5`)
  })

  it.each(['HWCN', 'CN', null] as const)('refuses before any call what no input could change, drawing %s', (stochasticity) => {
    const make = (wrong: Partial<GaussianPoolingOptions>) => () => new GaussianPooling2d({ ...options, stochasticity, ...wrong })
    expect(make({ divisorOverride: 3 })).toThrow(GeometryError)
    expect(make({ divisorOverride: 3 })).toThrow('no meaning with divisorOverride 3: leave it out')
    expect(make({ eps: Number.NaN })).toThrow("the attribute 'eps' is NaN")
  })
})
