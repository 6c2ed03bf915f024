/** Every axis of a shader's schedule, pinned: the results and gradients of the oracle, where sizes fit its vectors and tiles and where not. */
import { describe, expect, it } from 'vitest'
import { input, tensor } from '../../dsl/declarations.ts'
import { type GeometryOptions, type Layout, normaliseGeometry, outputSize, type StorageType } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import { paramTensorShape } from '../../dsl/param-shapes.ts'
import { settle } from '../../dsl/settle.ts'
import { narrow, ulp, widen } from '../../dsl/storage.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { pool } from '../../runtime/pool.ts'
import { readFrom, type Target, type Tensors } from '../../runtime/target.ts'
import { specs } from '../../specs/index.ts'
import { opened } from './adapter.ts'

/** Its gradient reads where the maximum lies, which the forward kernels have left. */
const places = pool('places', { x: input(), l: tensor() }, 'y = max(x); z = min(0.1 * flatIndex(argmax(x)), 0.08 * sum(l))')
const operators = new Map([...specs, [places.name, places]])

interface Pinned {
  readonly operator: string
  readonly geometry: GeometryOptions
  readonly schedule: Readonly<Record<string, unknown>>
  /** Spatial sizes: some that are multiples, and some that are not. */
  readonly sizes: readonly (readonly number[])[]
  readonly channels?: number
  readonly dtype?: StorageType
}

const k2 = { kernelSize: [2, 2] }
const k3 = { kernelSize: [3, 3], stride: 2, padding: 1 }
const dilated = { kernelSize: [2, 3], dilation: [3, 2], padding: 1 }
const overlapping = { kernelSize: [3, 3], stride: 1, padding: 1 }
const last: Layout = 'channels-last'
const global: GeometryOptions = { global: true, dims: 2 }
const even = [
  [8, 16],
  [6, 14],
]
const odd = [
  [8, 16],
  [7, 9],
]
const planes = [
  [9, 13],
  [1, 1],
]

const cases: readonly Pinned[] = [
  // Vectors: rows, rows that carry conditions, channels, gradients that are written whole, and numbers of 16 bits.
  { operator: 'max', geometry: k2, schedule: { vector: 4, outputsPerThread: [1, 4] }, sizes: even },
  { operator: 'max', geometry: k3, schedule: { vector: 4, outputsPerThread: [1, 2] }, sizes: odd },
  { operator: 'gaussian', geometry: overlapping, schedule: { vector: 2, outputsPerThread: [2, 2], border: 'split' }, sizes: odd },
  { operator: 'softpool', geometry: { ...k2, layout: last }, schedule: { vector: 4 }, sizes: even, channels: 8 },
  { operator: 'softpool', geometry: { ...k2, layout: last }, schedule: { vector: 4 }, sizes: even, channels: 3 },
  { operator: 'max', geometry: k2, schedule: { vector: 4, outputsPerThread: [1, 4] }, sizes: even, dtype: 'float16' },
  {
    operator: 'gaussian',
    geometry: overlapping,
    schedule: { vector: 2, outputsPerThread: [1, 2] },
    sizes: odd,
    dtype: 'float16',
  },
  { operator: 'max', geometry: k3, schedule: { vector: 1 }, sizes: odd, dtype: 'float16' },
  // The memory of a workgroup.
  { operator: 'gaussian', geometry: k3, schedule: { staging: { tile: [4, 8] }, threads: 32 }, sizes: odd },
  {
    operator: 'gaussian',
    geometry: overlapping,
    schedule: { staging: { tile: [8, 8] }, phases: 'fused', outputsPerThread: [1, 2], sums: 'warps' },
    sizes: odd,
  },
  { operator: 'max', geometry: overlapping, schedule: { staging: { planes: 2 }, extents: [7, 9] }, sizes: [[7, 9]] },
  { operator: 'gaussian', geometry: k3, schedule: { staging: { tile: [4, 8] }, threads: 32 }, sizes: odd, dtype: 'bfloat16' },
  // Sums of warps: planes of fewer cells than a warp has, and of more.
  { operator: 'gaussian', geometry: k3, schedule: { sums: 'warps' }, sizes: [...odd, [40, 40]] },
  { operator: 'isp-gaussian', geometry: k2, schedule: { sums: 'warps', threads: 128 }, sizes: even },
  // Several invocations a window: sums, maxima, places, of a few, of a workgroup, and of several.
  ...[8, 32, 'block', { blocks: 3 }].flatMap((lanes): Pinned[] => [
    { operator: 'gaussian', geometry: global, schedule: { lanes }, sizes: planes },
    { operator: 'max', geometry: global, schedule: { lanes }, sizes: planes },
  ]),
  { operator: 'softpool', geometry: { outputSize: [3, 2] }, schedule: { lanes: 4, threads: 32 }, sizes: odd },
  { operator: 'max', geometry: k3, schedule: { unroll: 'none', lanes: 2 }, sizes: odd },
  // Carriers that the forward kernels leave.
  { operator: 'gaussian', geometry: k3, schedule: { saved: ['mean'] }, sizes: odd },
  { operator: 'max', geometry: k3, schedule: { saved: ['argmax'] }, sizes: odd, dtype: 'float16' },
  { operator: 'softpool', geometry: global, schedule: { saved: ['greatest'] }, sizes: planes },
  { operator: 'places', geometry: k3, schedule: { saved: ['argmax'], unroll: 'none' }, sizes: odd },
  { operator: 'places', geometry: dilated, schedule: { saved: ['argmax'], unroll: 'none', lanes: 8 }, sizes: odd },
]

const ramp = (shape: readonly number[], of: number): Tensor => ({
  shape,
  data: Float32Array.from({ length: elements(shape) }, (_, k) => 2 * Math.sin(of + 7 * k)),
})

/** The results and the gradients of a target, as numbers. */
const made = async (
  target: Target,
  { operator, geometry: options, schedule, dtype = 'float32', channels = 3 }: Pinned,
  size: readonly number[],
) => {
  const settled = settle(operators.get(operator)!)
  const geometry = normaliseGeometry(options)
  const kernel = await target.compile(settled, geometry, { dtype, ...(target !== oracleTarget && { schedule }) })
  const stored = ({ shape, data }: Tensor): Tensor => ({ shape, data: narrow(data, dtype) })
  const shape = joinShape(geometry, { samples: 2, channels, extents: size })
  const out = joinShape(geometry, { samples: 2, channels, extents: outputSize(geometry, size) })
  const inputs: Record<string, Tensor> = { x: stored(ramp(shape, 1)) }
  const kernelSize = geometry.kind === 'sliding' ? geometry.axes.map((axis) => axis.kernel) : undefined
  const context = { samples: 2, channels, extents: size, outExtents: outputSize(geometry, size), kernel: kernelSize }
  for (const decl of settled.tensors) {
    if ('shape' in decl) inputs[decl.name] = ramp(paramTensorShape(decl.shape, geometry.dims, context), 2)
    else if (decl.role === 'tensor') inputs[decl.name] = stored(ramp(shape, 4))
  }
  const floats = [...settled.results].flatMap(([name, { type }]) => (type === 'float' ? [name] : []))
  const cotangents = Object.fromEntries(floats.map((name) => [name, stored(ramp(out, 3))]))
  const run = { kept: {}, ...(settled.seeded && { seed: 5n }) }
  const results = await readFrom(target, kernel.forward(inputs, run))
  const gradients = await readFrom(target, kernel.backward(inputs, cotangents, run))
  return { results, gradients }
}

const expectClose = (got: Tensors, want: Tensors, dtype: StorageType, bound: number): void => {
  expect(Object.keys(got).sort()).toEqual(Object.keys(want).sort())
  for (const [name, { data }] of Object.entries(want)) {
    const [here, there] = [widen(got[name]!.data, dtype), widen(data, dtype)]
    const step = (x: number): number => (data instanceof Uint16Array ? 1.5 * ulp(x, dtype) : 0)
    const wrong = [...there].flatMap((x, k) => {
      const most = data instanceof Int32Array ? 0 : bound * Math.max(1, Math.abs(x)) + step(x)
      return Math.abs(here[k]! - x) <= most ? [] : [`${name}[${k}] is ${here[k]}, not ${x}`]
    })
    expect(wrong.slice(0, 5)).toEqual([])
  }
}

describe('pinned', () => {
  it.for(cases)('$operator, $schedule, $dtype', async (one, context) => {
    const { target } = await opened(context)
    for (const size of one.sizes) {
      const [got, want] = [await made(target, one, size), await made(oracleTarget, one, size)]
      expectClose(got.results, want.results, one.dtype ?? 'float32', 2e-5)
      expectClose(got.gradients, want.gradients, one.dtype ?? 'float32', 2e-4)
    }
  })
})

it('saved carriers are asked for where they are not handed on, and come anew for other sizes', async (context) => {
  const { target, liveBytes } = await opened(context)
  expect(liveBytes).toBe(0)
  const kernel = await target.compile(settle(specs.get('max')!), normaliseGeometry(k3), {
    dtype: 'float32',
    schedule: { saved: ['argmax'] },
  })
  const [x, y] = [ramp([1, 1, 6, 6], 1), ramp([1, 1, 3, 3], 2)]
  expect(() => kernel.backward({ x }, { y })).toThrow(/the schedule saves argmax: hand to backward, as kept/)
  const kept = {}
  kernel.forward({ x }, { kept })
  await readFrom(target, kernel.backward({ x }, { y }, { kept }))
  const large = { x: ramp([1, 1, 40, 40], 1) }
  expect(() => kernel.backward(large, { y: ramp([1, 1, 20, 20], 2) }, { kept })).toThrow(/the record that forward filled/)
  kernel.forward(large, { kept })
  await readFrom(target, kernel.backward(large, { y: ramp([1, 1, 20, 20], 2) }, { kept }))
})
