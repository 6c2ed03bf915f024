/** The typed face of kernels, over a target that only notes what it is given. */
import { describe, expect, it } from 'vitest'
import { input, normal, param } from '../../dsl/declarations.ts'
import { ArgumentError, GeometryError } from '../../dsl/errors.ts'
import { argmax, max, min } from '../../dsl/handles.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import { compile, pool } from '../../runtime/pool.ts'
import type { Target } from '../../runtime/target.ts'

const t = (value: number): Tensor => ({ shape: [1], data: Float32Array.of(value) })

/** A target whose kernels return their arguments. */
const noting = () => {
  const notes: { compiled: unknown[]; forward: unknown[]; backward: unknown[] } = { compiled: [], forward: [], backward: [] }
  const target: Target = {
    device: 'notes',
    compile: (operator, geometry, options) => {
      notes.compiled.push({ operator: operator.name, geometry, options })
      return Promise.resolve({
        forward: (...args) => {
          notes.forward.push(args)
          return { y: t(1) }
        },
        backward: (...args) => {
          notes.backward.push(args)
          return { x: t(2) }
        },
        source: { forward: 'f', backward: 'b' },
      })
    },
  }
  return { notes, target }
}

const weighted = pool('weighted', { x: input(), w: param('channel') }, 'mean(x) * w')
const noisy = pool('noisy', { x: input(), n: normal('position') }, 'mean(x) + n')
const maximum = pool('max', { x: input() }, ({ x }) => ({ where: argmax(x), top: max(x), low: min(x) }))

describe('compile', () => {
  it('hands the target what it needs, with defaults', async () => {
    const { notes, target } = noting()
    const kernel = await weighted.compile({ target, kernelSize: 3 })
    expect(notes.compiled).toEqual([
      {
        operator: 'weighted',
        geometry: expect.objectContaining({ dims: 2, kind: 'sliding', layout: 'channels-first' }),
        options: { dtype: 'float32' },
      },
    ])
    expect(kernel.source).toEqual({ forward: 'f', backward: 'b' })
    expect(kernel.operator.tensors.at(-1)).toMatchObject({ shape: 'channel' })
    expect(kernel.geometry.dims).toBe(2)
  })
  it('passes on what is asked for', async () => {
    const { notes, target } = noting()
    const kernel = await compile(maximum, {
      target,
      kernelSize: [2],
      dtype: 'float64',
      results: ['top'],
      schedule: { phases: 'owner' },
    })
    expect(notes.compiled).toMatchObject([
      { geometry: { dims: 1 }, options: { dtype: 'float64', results: ['top'], schedule: { phases: 'owner' } } },
    ])
    expect(kernel.geometry.dims).toBe(1)
    expect((await weighted.compile({ target, global: true, dims: 3, shapes: { w: 'sample' } })).geometry).toMatchObject({
      dims: 3,
      kind: 'global',
    })
  })
  it('refuses what does not fit, before the target sees it', async () => {
    const { notes, target } = noting()
    await expect(weighted.compile({ target, kernelSize: 0 })).rejects.toThrow(GeometryError)
    await expect(weighted.compile({ target, global: true, shapes: { w: 'kernel' } })).rejects.toThrow('varies with')
    const perTap = pool('per-tap', { x: input(), w: param('kernel') }, 'sum(x * w)')
    await expect(perTap.compile({ target, global: true })).rejects.toThrow(GeometryError)
    await expect(weighted.compile({ target: 'jss' as never, kernelSize: 2 })).rejects.toThrow(
      "there is no target 'jss': did you mean 'js'?",
    )
    await expect(weighted.compile({ target: 'webgl' as never, kernelSize: 2 })).rejects.toThrow(
      "there is no target 'webgl': there are js",
    )
    await expect(weighted.compile({ target: 'cuda' as never, kernelSize: 2 })).rejects.toThrow(
      "the target cuda is opened, not named: const { target } = await openCuda(), from 'poolwright/cuda'",
    )
    await expect(maximum.compile({ target, kernelSize: 2, results: ['tpo' as never] })).rejects.toThrow("did you mean 'top'?")
    await expect(maximum.compile({ target, kernelSize: 2, results: ['mean' as never] })).rejects.toThrow(
      'it gives where, top, low',
    )
    expect(notes.compiled).toEqual([])
  })
})

describe('a kernel', () => {
  it('hands on tensors by name, and the seed as a bigint', async () => {
    const { notes, target } = noting()
    const kernel = await noisy.compile({ target, kernelSize: 2 })
    const out = { y: t(0) }
    expect(kernel.forward({ x: t(3), seed: 7 }, { out }).y).toEqual(t(1))
    kernel.forward({ x: t(3), seed: 8n })
    expect(notes.forward).toEqual([
      [{ x: t(3) }, { seed: 7n, out }],
      [{ x: t(3) }, { seed: 8n }],
    ])
    const handed = await noisy.compile({ target, kernelSize: 2, handIn: ['n'] })
    handed.forward({ x: t(3), n: t(4) })
    expect(notes.forward.at(-1)).toEqual([{ x: t(3), n: t(4) }, {}])
  })
  it('takes a cotangent of the first float result, or several by name', async () => {
    const { notes, target } = noting()
    const kernel = await maximum.compile({ target, kernelSize: 2 })
    expect(kernel.backward({ x: t(3), cotangent: t(5) }).x).toEqual(t(2))
    kernel.backward({ x: t(3), cotangents: { low: t(6) } }, { out: { x: t(0) } })
    expect(notes.backward).toEqual([
      [{ x: t(3) }, { top: t(5) }, {}],
      [{ x: t(3) }, { low: t(6) }, { out: { x: t(0) } }],
    ])
    const low = await maximum.compile({ target, kernelSize: 2, results: ['low'] })
    low.backward({ x: t(3), cotangent: t(5) })
    expect(notes.backward.at(-1)).toEqual([{ x: t(3) }, { low: t(5) }, {}])
  })
  it('refuses what means nothing', async () => {
    const { target } = noting()
    const kernel = await maximum.compile({ target, kernelSize: 2 })
    const seeded = await noisy.compile({ target, kernelSize: 2 })
    const indices = await maximum.compile({ target, kernelSize: 2, results: ['where'] })
    const both = { x: t(1), cotangent: t(1), cotangents: { top: t(1) } }
    const refused: readonly [() => unknown, string][] = [
      [() => kernel.forward({ x: t(1), seed: 1 as never }), 'makes no random value'],
      [() => seeded.forward({ x: t(1), seed: 0.5 }), 'a seed is a bigint, or a safe integer'],
      [() => seeded.forward({ x: t(1), seed: 'a' as never }), 'a seed is a bigint'],
      [() => kernel.forward({ x: t(1), cotangent: t(1) } as never), 'hand it to backward'],
      [() => kernel.backward({ x: t(1) } as never), "backward needs the cotangent of 'top'"],
      [() => kernel.backward(both as never), 'not both'],
      [() => indices.backward({ x: t(1), cotangent: t(1) }), 'no float result'],
    ]
    for (const [call, message] of refused) {
      expect(call).toThrow(ArgumentError)
      expect(call).toThrow(message)
    }
  })
})
