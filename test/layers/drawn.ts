/**
 * What the layer's noise has to be on every target: the integers of the generator exactly, where they can be seen, and the
 * normal values made of them but for rounding.
 */
import { expect } from 'vitest'
import { input, uniform as uniformValue } from '../../dsl/declarations.ts'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { normal, uniform } from '../../dsl/random.ts'
import { settle } from '../../dsl/settle.ts'
import { GaussianPooling2d, type Stochasticity } from '../../layers/index.ts'
import { pool } from '../../runtime/pool.ts'
import { readFrom, type Target } from '../../runtime/target.ts'

export const seeds = [0n, 0xffff_ffff_ffffn, 2n ** 64n - 1n]

export const each = [{ stochasticity: 'HWCN' }, { stochasticity: 'CN' }, { stochasticity: null }] as const

const [samples, channels, windows] = [2, 3, 6]
const x = { shape: [samples, channels, 4, 6], data: Float32Array.from({ length: 144 }, (_, k) => (k % 2 === 0 ? 1 : -1)) }

/** Which value of the noise an output element is drawn with. */
const indexOf = (stochasticity: 'HWCN' | 'CN', k: number): number => (stochasticity === 'CN' ? Math.floor(k / windows) : k)

/** A value of 24 bits for each normal one: the upper bits of the first integer that it is made of. As a float it is exact. */
export const drawnIntegers = async (target: Target, stochasticity: 'HWCN' | 'CN', seed: bigint): Promise<readonly number[]> => {
  const noise = uniformValue(stochasticity === 'CN' ? 'sample-channel' : 'position')
  const operator = settle(pool('shown', { x: input(), noise }, 'mean(x) * 0 + noise'))
  const kernel = await target.compile(operator, normaliseGeometry({ kernelSize: [2, 2] }), { dtype: 'float32' })
  const { y } = await readFrom(target, kernel.forward({ x }, { seed }))
  return Array.from(y!.data, (value) => value * 2 ** 24)
}

export const expectedIntegers = (stochasticity: 'HWCN' | 'CN', seed: bigint): readonly number[] =>
  Array.from({ length: samples * channels * windows }, (_, k) => uniform(seed, indexOf(stochasticity, k), 0) * 2 ** 24)

/** A layer whose output is the softplus of half its noise: mean 0 and deviation 1 in every window, and an estimate of 0 and 1/2. */
const bare = (stochasticity: Stochasticity, target: Target): GaussianPooling2d => {
  const layer = new GaussianPooling2d({ numFeatures: channels, kernelSize: 2, stochasticity }, target)
  for (const { bn } of Object.values(layer.state)) bn.weight.fill(0)
  return layer
}

/** Holds the noise of a layer on a target to the generator. */
export const expectNoise = async (target: Target, stochasticity: Stochasticity, seed: bigint): Promise<void> => {
  const pooled = await bare(stochasticity, target).forward(x, { seed })
  const { y } = await readFrom(target, { y: pooled.y })
  for (const [k, value] of y!.data.entries()) {
    const noise = stochasticity === null ? 0 : normal(seed, indexOf(stochasticity, k), 0)
    // The deviation is the root of 1 in float32, and noise reaches 6.
    expect(Math.abs(value - Math.log1p(Math.exp(noise / 2)))).toBeLessThan(1e-5)
  }
}
