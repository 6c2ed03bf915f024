/** The layer as CUDA kernels: it draws what it draws elsewhere, and a step of training leaves nothing in the device's memory. */
import { describe, expect, it } from 'vitest'
import { GaussianPooling2d } from '../../../layers/index.ts'
import type { Observation } from '../../../runtime/cuda/device.ts'
import { CudaTensor } from '../../../runtime/cuda/target/tensor.ts'
import { drawnIntegers, each, expectedIntegers, expectNoise, seeds } from '../../layers/drawn.ts'
import { ramp } from '../../layers/ramp.ts'
import { nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

describe.each(nvrtcs)('noise, on $name', (nvrtc) => {
  it.for(['HWCN', 'CN'] as const)('the integers of %s are those of every target', async (stochasticity, context) => {
    const { target } = await emulated(nvrtc, context)
    for (const seed of seeds)
      expect(await drawnIntegers(target, stochasticity, seed)).toEqual(expectedIntegers(stochasticity, seed))
  })

  it.for(each)('the layer draws them under $stochasticity', async ({ stochasticity }, context) => {
    const { target } = await emulated(nvrtc, context)
    for (const seed of seeds) await expectNoise(target, stochasticity, seed)
  })
})

it('a step gives back all memory but that of its results, which are the caller’s', async (context) => {
  const { target, device } = await emulated(nvrtcs[0]!, context)
  const onDevice = (shape: readonly number[], data: Float32Array): CudaTensor => {
    const tensor = CudaTensor.empty(device, shape, 'float32')
    tensor.memory!.write(data)
    return tensor
  }
  const x = onDevice([2, 4, 8, 8], ramp(512))
  const cotangent = onDevice([2, 4, 4, 4], ramp(128))
  const layer = new GaussianPooling2d({ numFeatures: 4, kernelSize: 2 }, target)
  let held = 0
  const allocate = device.allocate.bind(device)
  device.allocate = (...asked) => {
    const memory = allocate(...asked)
    const free = memory.free.bind(memory)
    held++
    memory.free = () => {
      held--
      free()
    }
    return memory
  }
  const { y, backward } = await layer.forward(x, { seed: 1n })
  expect(held).toBe(1)
  const [first, again] = [await backward(cotangent), await backward(cotangent)]
  expect(held).toBe(3)
  expect(first.x.data).toEqual(again.x.data)
  for (const tensor of [y, first.x, again.x]) (tensor as CudaTensor).dispose()
  expect(held).toBe(0)
})

it('reads and writes what docs/layers.md says', async (context) => {
  const seen: Observation[] = []
  const { target } = await emulated(nvrtcs[0]!, context, { observe: (one) => seen.push(one) })
  const layer = new GaussianPooling2d({ numFeatures: 4, kernelSize: 2 }, target)
  const x = { shape: [2, 4, 56, 56], data: ramp(25_088) }
  const bytes = (): readonly number[] => {
    const counts = seen.splice(0).map(({ counts: { globalLoads, globalStores } }) => [globalLoads.bytes, globalStores.bytes])
    return [0, 1].map((k) => Number((counts.reduce((sum, pair) => sum + pair[k]!, 0) / 25_088).toFixed(1)))
  }
  const { y, backward } = await layer.forward(x, { seed: 1n })
  expect(bytes()).toEqual([8.5, 1])
  await backward({ shape: y.shape, data: ramp(6272) })
  expect(bytes()).toEqual([11.4, 8])
})
