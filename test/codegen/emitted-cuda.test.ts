/**
 * No change alters an emitted CUDA kernel unseen: the whole text of a few small ones, each with something that the others have
 * not. `npx vitest run test/codegen/emitted-cuda.test.ts -u` accepts a change; its diff belongs into the review.
 */
import { expect, it } from 'vitest'
import { type GeometryOptions, normaliseGeometry, type StorageType } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { cudaSources } from '../../runtime/cuda/target/sources.ts'
import { specs } from '../../specs/index.ts'

interface Kept {
  readonly operator: string
  readonly label: string
  readonly geometry: GeometryOptions
  readonly direction: 'forward' | 'backward'
  readonly dtype: StorageType
}

const k3s2p1: GeometryOptions = { kernelSize: [3, 3], stride: 2, padding: 1 }

const kept: readonly Kept[] = [
  // Windows that share nothing, maxima with their places.
  { operator: 'max', label: 'k2s2', geometry: { kernelSize: [2, 2] }, direction: 'forward', dtype: 'float32' },
  // Windows that overlap, carriers that elements gather, a gradient that is summed.
  { operator: 'gaussian', label: 'k3s2p1', geometry: k3s2p1, direction: 'backward', dtype: 'float32' },
  // Loops, lanes that share a window.
  { operator: 'avg', label: 'global', geometry: { global: true, dims: 2 }, direction: 'forward', dtype: 'float32' },
  // Bits that are widened and narrowed.
  { operator: 'avg', label: 'k3s2p1', geometry: k3s2p1, direction: 'forward', dtype: 'float16' },
]

it.each(kept)(
  '$operator, $label, $direction, $dtype: the whole text',
  async ({ operator, label, geometry, direction, dtype }) => {
    const sources = cudaSources(settle(specs.get(operator)!), normaliseGeometry(geometry), { dtype })
    await expect(sources[direction].source).toMatchFileSnapshot(`emitted/${operator}-${label}-${direction}-${dtype}.cu`)
  },
)
