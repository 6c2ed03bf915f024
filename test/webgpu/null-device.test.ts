/**
 * Texts for what no adapter of the tests has: memory that holds float16. Dawn's null device has it, and runs nothing; its
 * compiler reads shaders like any other's. It stands in a file of its own, since a process has room for one Dawn.
 */
import { expect, it } from 'vitest'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import type { Gpu } from '../../runtime/webgpu/api.ts'
import { abilitiesOf } from '../../runtime/webgpu/device.ts'
import { wgslSources } from '../../runtime/webgpu/target.ts'
import { specs } from '../../specs/index.ts'

const schedules = [{ vector: 1 }, { vector: 2, outputsPerThread: [1, 2] }, { vector: 4, outputsPerThread: [1, 4] }]

/** What it gave out dies with it. */
let gpu: Gpu

it('are ones that a compiler takes', async (context) => {
  const dawnByName = 'webgpu'
  const dawn = (await import(dawnByName).catch(() => undefined)) as
    | { readonly create: (options: readonly string[]) => Gpu }
    | undefined
  if (!dawn) return context.skip('the package webgpu is not installed')
  gpu = dawn.create(['backend=null'])
  const adapter = (await gpu.requestAdapter())!
  expect(adapter.features.has('shader-f16')).toBe(true)
  const device = await adapter.requestDevice({ requiredFeatures: ['shader-f16'] })
  const abilities = abilitiesOf(device)
  expect(abilities.halves).toBe(true)
  const types = new Set<string>()
  for (const name of ['max', 'gaussian', 'softpool'])
    for (const schedule of schedules) {
      const options = { dtype: 'float16', schedule } as const
      const made = wgslSources(settle(specs.get(name)!), normaliseGeometry({ kernelSize: [2, 2] }), options, abilities)
      for (const { source } of [...made.forward.kernels, ...made.backward.kernels]) {
        const { messages } = await device.createShaderModule({ code: source }).getCompilationInfo()
        expect(messages).toEqual([])
        for (const [type] of source.matchAll(/array<(f16|vec.<f16>|atomic<u32>)>/g)) types.add(type)
      }
    }
  expect([...types].sort()).toEqual(['array<f16>', 'array<vec2<f16>>', 'array<vec4<f16>>'])
  device.destroy()
})
