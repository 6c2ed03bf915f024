/** The layer as shaders: it draws what it draws elsewhere, and a step of training leaves nothing in the device's memory. */
import { describe, expect, it } from 'vitest'
import { GaussianPooling2d } from '../../layers/index.ts'
import { drawnIntegers, each, expectedIntegers, expectNoise, seeds } from '../layers/drawn.ts'
import { ramp } from '../layers/ramp.ts'
import { opened } from './adapter.ts'

describe('noise', () => {
  it.for(['HWCN', 'CN'] as const)('the integers of %s are those of every target', async (stochasticity, context) => {
    const { target } = await opened(context)
    for (const seed of seeds)
      expect(await drawnIntegers(target, stochasticity, seed)).toEqual(expectedIntegers(stochasticity, seed))
  })

  it.for(each)('the layer draws them under $stochasticity', async ({ stochasticity }, context) => {
    const { target } = await opened(context)
    for (const seed of seeds) await expectNoise(target, stochasticity, seed)
  })
})

it('a step gives back all memory but that of its results, which are the caller’s', async (context) => {
  const gpu = await opened(context)
  const layer = new GaussianPooling2d({ numFeatures: 4, kernelSize: 2 }, gpu.target)
  const x = gpu.tensor([2, 4, 8, 8], ramp(512))
  const cotangent = gpu.tensor([2, 4, 4, 4], ramp(128))
  const live: number[] = []
  for (let step = 0; step < 20; step++) {
    const { y, backward } = await layer.forward(x, { seed: 1n })
    const [first, again] = [await backward(cotangent), await backward(cotangent)]
    expect(await gpu.read(first.x)).toEqual(await gpu.read(again.x))
    for (const tensor of [y, first.x, again.x]) gpu.release(tensor)
    live.push(gpu.liveBytes)
  }
  expect(live.at(-1)).toBe(live[2])
})
