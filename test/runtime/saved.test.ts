/**
 * Carriers saved by the forward kernel: whatever is savable, under every way to reach the elements, the gradients are those of
 * a kernel that makes its carriers again.
 */
import { describe, expect, it } from 'vitest'
import { defaultSchedule, refuse } from '../../codegen/js/schedule.ts'
import { programsOf } from '../../codegen/program.ts'
import { type GeometryOptions, normaliseGeometry, outputSize } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { paramTensorShape } from '../../dsl/param-shapes.ts'
import { settle } from '../../dsl/settle.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import { jsTarget } from '../../runtime/js.ts'
import type { Inputs, Kept } from '../../runtime/target.ts'
import { specs } from '../../specs/index.ts'

const geometries: Record<string, GeometryOptions> = {
  k2s2: { kernelSize: [2, 2] },
  'k3s2p1, ceil mode': { kernelSize: [3, 3], stride: 2, padding: 1, ceilMode: true },
  'k2x3 dilated, channels-last': { kernelSize: [2, 3], stride: 1, padding: 1, dilation: 2, layout: 'channels-last' },
  'k3s1p1 in three dimensions': { kernelSize: [3, 2, 3], stride: 1, padding: [1, 0, 1] },
  adaptive: { outputSize: [3, 2] },
  global: { global: true, dims: 2 },
}

const values = (shape: readonly number[], seed: number): Tensor<Float32Array> => ({
  shape,
  data: Float32Array.from({ length: elements(shape) }, (_, i) => Math.fround(Math.sin(12.9898 * (i + 1) + seed) * 2)),
})

describe.each(Object.entries(geometries))('%s', (_, options) => {
  const geometry = normaliseGeometry(options)
  const names = [...specs.keys()].filter((name) => geometry.kind === 'sliding' || name !== 'gated')
  it.each(names)('%s', async (name) => {
    const operator = settle(specs.get(name)!)
    const { forward, backward } = programsOf(operator, geometry)
    const savable = forward.carriers.map((x) => x.buffer.name)
    const extents = geometry.dims === 3 ? [5, 6, 5] : [7, 6]
    const shape = joinShape(geometry, { samples: 2, channels: 3, extents })
    const outExtents = outputSize(geometry, extents)
    const out = joinShape(geometry, { samples: 2, channels: 3, extents: outExtents })
    const context = {
      samples: 2,
      channels: 3,
      extents,
      outExtents,
      ...(geometry.kind === 'sliding' && { kernel: geometry.axes.map((x) => x.kernel) }),
    }
    const inputs: Inputs = Object.fromEntries(
      operator.tensors.map((decl, k) => [
        decl.name,
        decl.role === 'param' || decl.role === 'noise'
          ? values(paramTensorShape(decl.shape, geometry.dims, context), k)
          : values(shape, k),
      ]),
    )
    const seed = operator.seeded ? { seed: 7n } : {}
    const cotangents = { y: values(out, 9) }
    const plain = await jsTarget.compile(operator, geometry, { dtype: 'float32' })
    const want = plain.backward(inputs, cotangents, seed)
    for (const phases of ['owner', 'scatter', 'plane', 'global'] as const) {
      const schedule = { phases, saved: savable }
      if (refuse({ ...defaultSchedule(backward), ...schedule }, backward)) continue
      const kernel = await jsTarget.compile(operator, geometry, { dtype: 'float32', schedule })
      const kept: Kept = {}
      expect(kernel.forward(inputs, { ...seed, kept }).y!.data).toEqual(plain.forward(inputs, seed).y!.data)
      expect(Object.keys(kept).sort()).toEqual([...savable].sort())
      const got = kernel.backward(inputs, cotangents, { ...seed, kept })
      for (const [of, { data }] of Object.entries(want)) {
        const made = got[of]!.data
        data.forEach((x, i) => {
          expect(Math.abs(made[i]! - x), `${phases}: ${of}[${i}]`).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(x)))
        })
      }
      if (savable.length > 0) expect(() => kernel.backward(inputs, cotangents, seed)).toThrow(/hand to backward, as kept/)
    }
  })
})
