/** The layer's noise on the targets that need no device; on a device it is held to the same in test/webgpu and test/cuda. */
import { describe, expect, it } from 'vitest'
import { targets } from '../../runtime/targets.ts'
import { drawnIntegers, each, expectedIntegers, expectNoise, seeds } from './drawn.ts'

describe.each(Object.entries(targets))('on %s', (_, target) => {
  it.each(['HWCN', 'CN'] as const)('the integers of %s are those of the generator', async (stochasticity) => {
    for (const seed of seeds)
      expect(await drawnIntegers(target, stochasticity, seed)).toEqual(expectedIntegers(stochasticity, seed))
  })

  it.each(each)('the layer draws them under $stochasticity', async ({ stochasticity }) => {
    for (const seed of seeds) await expectNoise(target, stochasticity, seed)
  })
})
