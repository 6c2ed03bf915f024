/** The layer's state by the names of checkpoints: out, in, and what does not fit told at once. */
import { describe, expect, it } from 'vitest'
import {
  fromSafetensors,
  GaussianPooling1d,
  GaussianPooling2d,
  GaussianPooling3d,
  type StateDict,
  toSafetensors,
} from '../../layers/index.ts'
import { ramp } from './ramp.ts'

const options = { numFeatures: 4, hiddenFeatures: 3, kernelSize: 2 }

describe('a state', () => {
  it('has the names and shapes of the reference implementation', () => {
    const state = new GaussianPooling2d(options).stateDict()
    const shapes = Object.entries(state).map(([name, { shape, data }]) => `${name} ${shape.join('x')} ${data.constructor.name}`)
    const norm = (name: string, features: number) => [
      ...['weight', 'bias', 'running_mean', 'running_var'].map((field) => `${name}.${field} ${features} Float32Array`),
      `${name}.num_batches_tracked  BigInt64Array`,
    ]
    expect(shapes).toEqual([
      'ToHidden.1.weight 3x4x1x1 Float32Array',
      'ToHidden.1.bias 3 Float32Array',
      ...norm('ToHidden.2', 3),
      'ToMean.0.weight 4x3x1x1 Float32Array',
      'ToMean.0.bias 4 Float32Array',
      ...norm('ToMean.1', 4),
      'ToSigma.0.weight 4x3x1x1 Float32Array',
      'ToSigma.0.bias 4 Float32Array',
      ...norm('ToSigma.1', 4),
    ])
    expect(new GaussianPooling1d(options).stateDict()['ToMean.0.weight']!.shape).toEqual([4, 3, 1])
    expect(new GaussianPooling3d(options).stateDict()['ToMean.0.weight']!.shape).toEqual([4, 3, 1, 1, 1])
  })

  it('counts the batches of training, by the parts that were evaluated', async () => {
    const x = { shape: [2, 4, 4, 4], data: ramp(128) }
    const counts = async (stochasticity: 'CN' | null) => {
      const layer = new GaussianPooling2d({ ...options, stochasticity })
      await layer.forward(x, { seed: 1n })
      await layer.forward(x, { seed: 2n })
      await layer.eval().forward(x)
      const state = layer.stateDict()
      return ['ToHidden.2', 'ToMean.1', 'ToSigma.1'].map((name) => state[`${name}.num_batches_tracked`]!.data[0])
    }
    expect(await counts('CN')).toEqual([2n, 2n, 2n])
    expect(await counts(null)).toEqual([2n, 2n, 0n])
  })

  it('makes another layer the same, by way of a file too, and stays as it was given', async () => {
    const x = { shape: [2, 4, 4, 4], data: ramp(128) }
    const layer = new GaussianPooling2d(options)
    await layer.forward(x, { seed: 1n })
    const state = layer.stateDict()
    const kept = structuredClone(state)
    const other = new GaussianPooling2d(options).loadStateDict(fromSafetensors(toSafetensors(state)))
    expect(other.stateDict()).toEqual(state)
    const drawn = async (one: GaussianPooling2d) => [...(await one.forward(x, { seed: 2n })).y.data]
    expect(await drawn(other)).toEqual(await drawn(layer))
    expect(state).toEqual(kept)
  })

  it('takes floats of 64 bits', () => {
    const layer = new GaussianPooling2d(options)
    const given = { ...layer.stateDict(), 'ToMean.0.bias': { shape: [4], data: Float64Array.of(0.1, 2, 3, 4) } }
    expect(layer.loadStateDict(given).stateDict()['ToMean.0.bias']!.data).toEqual(Float32Array.of(0.1, 2, 3, 4))
  })
})

describe('what does not fit', () => {
  it('is told at once, and the layer is left as it was', () => {
    const layer = new GaussianPooling2d(options)
    const before = layer.stateDict()
    const { 'ToMean.0.bias': _, ...rest } = new GaussianPooling2d(options).stateDict()
    const given: StateDict = {
      ...rest,
      'ToMean.0.weight': { shape: [4, 3], data: new Float32Array(12) },
      'ToMean.1.bias': { shape: [4], data: new Float32Array(3) },
      'ToSigma.1.num_batches_tracked': { shape: [], data: Float32Array.of(1) },
      'ToMean.2.weight': { shape: [1], data: Float32Array.of(1) },
    }
    expect(() => layer.loadStateDict(given)).toThrow(
      [
        'the state does not fit the layer:',
        "  'ToMean.0.weight' has the shape [4, 3], but must have [4, 3, 1, 1]",
        "  'ToMean.0.bias' is missing",
        "  'ToMean.1.bias' has 3 numbers, but its shape is of 4",
        "  'ToSigma.1.num_batches_tracked' holds floats, but must hold integers",
        "  'ToMean.2.weight' is unexpected",
      ].join('\n'),
    )
    expect(layer.stateDict()).toEqual(before)
  })

  it('is picked out of a whole network by a prefix, which the message names', () => {
    const layer = new GaussianPooling2d(options)
    const network = Object.fromEntries(Object.entries(layer.stateDict()).map(([name, tensor]) => [`layer1.pool.${name}`, tensor]))
    expect(() => new GaussianPooling2d(options).loadStateDict(network)).toThrow(
      "A network's layer is picked by fromSafetensors(bytes, { prefix: 'layer1.pool.' }).",
    )
    const picked = fromSafetensors(toSafetensors({ ...network, 'fc.bias': { shape: [1], data: Float32Array.of(1) } }), {
      prefix: 'layer1.pool.',
    })
    expect(new GaussianPooling2d(options).loadStateDict(picked).stateDict()).toEqual(layer.stateDict())
  })
})
