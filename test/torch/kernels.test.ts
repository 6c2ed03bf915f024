/** What Python is handed: every text that a launch may need, and a manifest that leads to it. */
import { describe, expect, it } from 'vitest'
import { attr, input } from '../../dsl/declarations.ts'
import { GeometryError } from '../../dsl/errors.ts'
import { cudaSources } from '../../runtime/cuda/target/sources.ts'
import { pool, settled } from '../../runtime/pool.ts'
import { torchKernels } from '../../runtime/torch/kernels.ts'
import { gaussianPool, ispGaussianPool, maxPool, varPool } from '../../specs/index.ts'

const all = { dtypes: ['float32', 'bfloat16'], layouts: ['channels-first', 'channels-last'] } as const
const plain = { dtypes: ['float32'], layouts: ['channels-first'] } as const
const options = { dims: 2, kernelSize: 2 }

describe('torchKernels', () => {
  it('has an entry for each geometry, type and layout, in this order', () => {
    const { manifest } = torchKernels(maxPool, [options, { global: true, dims: 2 }], all)
    expect(manifest.operator).toBe('max')
    expect(manifest.kernels.map(({ geometry, dtype, layout }) => `${geometry} ${dtype} ${layout}`)).toEqual(
      ['k2x2-s2x2', 'global2d'].flatMap((geometry) =>
        all.dtypes.flatMap((dtype) => all.layouts.map((layout) => `${geometry} ${dtype} ${layout}`)),
      ),
    )
  })

  it('holds the texts as they are emitted, under names that tell what they are for', () => {
    const { manifest, files } = torchKernels(gaussianPool, [options], plain)
    const { checked, geometry } = settled(gaussianPool, options)
    const emitted = cudaSources(checked, geometry, { dtype: 'float32' })
    const text = new Map(files.map((file) => [file.name, file.text]))
    const [entry] = manifest.kernels
    expect(entry!.forward[0]!.file).toBe('k2x2-s2x2.channels-first.float32.forward.cu')
    expect(text.get(entry!.forward[0]!.file)).toBe(emitted.forward.source)
    expect(text.get(entry!.backward[0]!.file)).toBe(emitted.backward.source)
    expect(entry!.backward[0]!.kernels).toEqual(emitted.backward.kernels)
  })

  it('leads from every kind of launch to a file, and has no other files', () => {
    const { manifest, files } = torchKernels(ispGaussianPool, [options], all)
    const sources = manifest.kernels.map(({ forward, backward }) => [forward, backward])
    for (const direction of sources.flat()) expect(direction.flatMap(({ variants }) => variants)).toHaveLength(8)
    const named = new Set(sources.flat(2).map(({ file }) => file))
    expect([...named].sort()).toEqual(files.map(({ name }) => name).sort())
    expect(new Set(files.map(({ text }) => text)).size).toBe(files.length)
  })

  it('has kernels with random values drawn, and with all of them handed in', () => {
    const { manifest } = torchKernels(ispGaussianPool, [options], plain)
    expect(manifest.kernels.map(({ hand_in }) => hand_in)).toEqual([[], ['noise']])
    const roles = manifest.kernels.map(({ forward }) => forward[0]!.kernels[0]!.arrays.map(({ buffer }) => buffer.role))
    expect(roles.map((one) => one.includes('noise'))).toEqual([false, true])
  })

  it('takes other attributes beside the defaults, each choice once, as constants in texts of their own', () => {
    const two = pool('two', { x: input(), a: attr(1), b: attr(2) }, 'a * mean(x) + b')
    const { manifest, files } = torchKernels(two, [options], { ...plain, attrs: { a: [0.25, 1, 0.25], b: [5], c: [7] } })
    expect(manifest.kernels.map(({ attrs }) => attrs)).toEqual([
      { a: 1, b: 2 },
      { a: 0.25, b: 2 },
      { a: 1, b: 5 },
      { a: 0.25, b: 5 },
    ])
    const text = new Map(files.map((file) => [file.name, file.text]))
    expect(text.size).toBe(files.length)
    const forward = manifest.kernels.map((one) => text.get(one.forward[0]!.file)!)
    expect(forward.map((one) => one.includes('0.25f'))).toEqual([false, true, false, true])
  })

  it('names files that every system can have', () => {
    const padded = {
      kernelSize: [3, 3],
      padding: [
        [0, 1],
        [1, 1],
      ],
    } as const
    const { files } = torchKernels(maxPool, [padded], plain)
    for (const { name } of files) expect(name).toMatch(/^[\w.-]+$/)
  })

  it('is plain data, and the same each time', () => {
    const made = () => JSON.stringify(torchKernels(gaussianPool, [options], all))
    expect(made()).toBe(made())
    const { manifest } = torchKernels(gaussianPool, [options], all)
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest)
  })

  it('refuses what cannot be built', () => {
    expect(() => torchKernels(varPool, [{ ...options, divisorOverride: 3 }], plain)).toThrow(GeometryError)
  })
})
