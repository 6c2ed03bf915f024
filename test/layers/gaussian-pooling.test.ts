/** The Gaussian pooling layer against cases that PyTorch's autograd computed, and against differences of itself. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../index.ts'
import type { BlockState, EstimatorGradients } from '../../layers/estimator.ts'
import { GaussianPooling2d, type GaussianPoolingOptions } from '../../layers/gaussian-pooling.ts'

interface Stored {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

interface Case {
  readonly id: string
  readonly attrs: Omit<GaussianPoolingOptions, 'numFeatures'> & { readonly training: boolean }
  readonly input: Stored
  readonly params: Readonly<Record<string, Stored>>
  readonly buffers: Readonly<Record<string, Stored>>
  readonly noise?: Stored
  readonly output: Stored
  readonly gradOutput: Stored
  readonly gradInput: Stored
  readonly gradParams: Readonly<Record<string, Stored>>
}

const { cases } = JSON.parse(readFileSync(new URL('./gaussian-layer.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[]
}

const tensor = ({ shape, data }: Stored): Tensor => ({ shape, data: Float32Array.from(data) })

/** The arrays of a part by the names that cases have. */
const arraysOf = ({ weight, bias, bn }: BlockState): Readonly<Record<string, Float32Array>> => ({
  weight,
  bias,
  'bn.weight': bn.weight,
  'bn.bias': bn.bias,
  'bn.runningMean': bn.runningMean,
  'bn.runningVar': bn.runningVar,
})

const parts = ['hidden', 'mean', 'sigma'] as const

const layerOf = ({ attrs, input, params, buffers }: Case): GaussianPooling2d => {
  const layer = new GaussianPooling2d({ ...attrs, numFeatures: input.shape[1]! })
  const given = { ...params, ...buffers }
  for (const part of parts)
    for (const [name, array] of Object.entries(arraysOf(layer.state[part]))) array.set(given[`${part}.${name}`]?.data ?? array)
  return attrs.training ? layer.train() : layer.eval()
}

/** The largest error, as a part of what the format of golden files allows. */
const worst = (made: ArrayLike<number>, wanted: Stored, tolerance: number): number => {
  expect(made.length).toBe(wanted.data.length)
  return Math.max(...wanted.data.map((want, k) => Math.abs(made[k]! - want) / (tolerance * Math.max(1, Math.abs(want)))))
}

const gradientOf = (gradients: EstimatorGradients, name: string): ArrayLike<number> => {
  const [part, ...path] = name.split('.')
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], gradients[part as 'hidden']) as Float64Array
}

describe('the layer', () => {
  it.for(cases)('agrees with $id, forward and backward', async (one) => {
    const pooled = await layerOf(one).forward(tensor(one.input), one.noise ? { noise: tensor(one.noise) } : {})
    expect(worst(pooled.y.data, one.output, 1e-5)).toBeLessThan(1)
    const { x, parameters } = await pooled.backward(tensor(one.gradOutput))
    expect(worst(x.data, one.gradInput, 1e-4)).toBeLessThan(1)
    for (const [name, want] of Object.entries(one.gradParams))
      expect(worst(gradientOf(parameters, name), want, 1e-4), name).toBeLessThan(1)
    expect('sigma' in parameters).toBe('sigma.weight' in one.gradParams)
  })

  it('draws the same from the same seed, and other values from another', async () => {
    const one = cases.find(({ attrs }) => attrs.training && attrs.stochasticity === 'HWCN')!
    const drawn = async (seed: bigint) => [...(await layerOf(one).forward(tensor(one.input), { seed })).y.data]
    expect(await drawn(1n)).toEqual(await drawn(1n))
    expect(await drawn(1n)).not.toEqual(await drawn(2n))
    await expect(layerOf(one).forward(tensor(one.input))).rejects.toThrow('give a seed')
  })

  it('lets running statistics follow the batch while training, and not after it', async () => {
    const one = cases.find(({ attrs }) => attrs.training)!
    const layer = layerOf(one)
    const before = layer.state.mean.bn.runningMean.slice()
    await layer.forward(tensor(one.input), { seed: 1n })
    const after = layer.state.mean.bn.runningMean.slice()
    expect(after).not.toEqual(before)
    await layer.eval().forward(tensor(one.input))
    expect(layer.state.mean.bn.runningMean).toEqual(after)
  })

  it('refuses what does not fit', async () => {
    const one = cases[0]!
    const layer = layerOf(one)
    await expect(layer.forward({ shape: [2, 5, 6, 7], data: new Float32Array(420) })).rejects.toThrow(
      'is for 6 channels, but the input has 5',
    )
    await expect(layer.forward({ shape: [1, 6, 6, 7], data: new Float32Array(252) })).rejects.toThrow('a batch of one sample')
    await expect(layer.eval().forward(tensor(one.input), { noise: tensor(one.noise!) })).rejects.toThrow('nothing is drawn')
    expect(() => new GaussianPooling2d({ numFeatures: 0, kernelSize: 2 })).toThrow('numFeatures must be an integer of at least 1')
  })
})
