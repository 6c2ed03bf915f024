/**
 * No change alters an emitted kernel unseen: hashes of all kernels of a fixed matrix, and the whole text of a few small ones.
 * `npx vitest run test/codegen/emitted.test.ts -u` accepts a change; its diff belongs into the review.
 */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { refuseOperator } from '../../dsl/fit.ts'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { targets } from '../../runtime/targets.ts'
import { specs } from '../../specs/index.ts'

const geometries: Record<string, GeometryOptions> = {
  k2s2: { kernelSize: [2, 2] },
  k3s2p1: { kernelSize: [3, 3], stride: 2, padding: 1 },
  'k3s1p1, channels-last': { kernelSize: [3, 3], stride: 1, padding: 1, layout: 'channels-last' },
  'k3s2 in one dimension, ceil mode': { kernelSize: [3], stride: 2, ceilMode: true },
  'k2s2 in three dimensions': { kernelSize: [2, 2, 2] },
  k12: { kernelSize: [12, 12] },
  adaptive: { outputSize: [3, 5] },
  global: { global: true, dims: 2 },
}

const schedules: readonly Record<string, unknown>[] = [{}, { phases: 'plane', outputsPerThread: 2 }]

it('emits the same kernels as before over the whole matrix', async () => {
  const hashes: Record<string, string> = {}
  for (const [name, operator] of specs) {
    const checked = settle(operator)
    for (const [label, options] of Object.entries(geometries)) {
      const geometry = normaliseGeometry(options)
      if (refuseOperator(checked, geometry)) continue
      for (const schedule of schedules) {
        if (geometry.kind !== 'sliding' && Object.keys(schedule).length > 0) continue
        const { source } = await targets.js.compile(checked, geometry, { dtype: 'float32', schedule })
        const pair = createHash('sha256').update(source.forward).update(source.backward).digest('hex').slice(0, 16)
        hashes[`${name}, ${label}${Object.keys(schedule).length > 0 ? `, ${JSON.stringify(schedule)}` : ''}`] = pair
      }
    }
  }
  await expect(`${JSON.stringify(hashes, null, 2)}\n`).toMatchFileSnapshot('emitted/hashes.json')
})

it.each([
  ['max', 'k2s2'],
  ['avg', 'k3s2p1'],
  ['gaussian', 'k3s2p1'],
  ['softpool', 'k2s2'],
  ['lip', 'k3s1p1, channels-last'],
] as const)('%s, %s: the whole text', async (name, label) => {
  const { source } = await targets.js.compile(settle(specs.get(name)!), normaliseGeometry(geometries[label]!), {
    dtype: 'float32',
  })
  const file = `${name}-${label.replace(/[^a-z0-9]+/g, '-')}`
  await expect(source.forward).toMatchFileSnapshot(`emitted/${file}-forward.js`)
  await expect(source.backward).toMatchFileSnapshot(`emitted/${file}-backward.js`)
})
