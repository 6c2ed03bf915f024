/** Random geometries that exist, with extents that fit them: small ones, where borders, gaps and short windows are common. */
import fc from 'fast-check'
import type { GeometryOptions, Layout } from '../../dsl/geometry.ts'

/** What is pooled: the geometry asked for, and the size of the input. */
export interface Launch {
  readonly options: GeometryOptions
  readonly samples: number
  readonly channels: number
  readonly extents: readonly number[]
}

interface AxisDraft {
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly low: number
  readonly high: number
  readonly extent: number
}

/** One dimension: padding is at most half of the window's reach, and the extent such that a window fits. */
const axis = (dims: number): fc.Arbitrary<AxisDraft> =>
  fc
    .record({
      kernel: fc.integer({ min: 1, max: dims === 1 ? 7 : dims === 2 ? 4 : 3 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.constantFrom(1, 1, 1, 2, 3),
      low: fc.nat(1000),
      high: fc.nat(1000),
      padded: fc.boolean(),
      more: fc.nat(dims === 1 ? 14 : dims === 2 ? 6 : 2),
    })
    .map(({ kernel, stride, dilation, low, high, padded, more }) => {
      const reach = (kernel - 1) * dilation + 1
      const most = padded ? Math.floor(reach / 2) : 0
      const [before, after] = [low % (most + 1), high % (most + 1)]
      const least = Math.max(1, reach - before - after)
      return { kernel, stride, dilation, low: before, high: after, extent: least + more }
    })

const sizes = fc.record({
  layout: fc.constantFrom<Layout>('channels-first', 'channels-last'),
  samples: fc.constantFrom(1, 2, 3, 2, 1, 2, 1, 2, 3, 2, 0),
  channels: fc.integer({ min: 1, max: 3 }),
})

const sliding = (dims: number): fc.Arbitrary<Launch> =>
  fc
    .record({
      sizes,
      axes: fc.array(axis(dims), { minLength: dims, maxLength: dims }),
      ceilMode: fc.boolean(),
      countIncludePad: fc.boolean(),
      divisorOverride: fc.constantFrom(null, null, null, 3, -2.5),
    })
    .map(({ sizes: { layout, samples, channels }, axes, ceilMode, countIncludePad, divisorOverride }) => ({
      options: {
        kernelSize: axes.map((a) => a.kernel),
        stride: axes.map((a) => a.stride),
        padding: axes.map((a): [number, number] => [a.low, a.high]),
        dilation: axes.map((a) => a.dilation),
        ceilMode,
        countIncludePad,
        divisorOverride,
        layout,
      },
      samples,
      channels,
      extents: axes.map((a) => a.extent),
    }))

const extentsOf = (dims: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: dims === 1 ? 12 : dims === 2 ? 6 : 4 }), { minLength: dims, maxLength: dims })

const adaptive = (dims: number): fc.Arbitrary<Launch> =>
  fc
    .record({ sizes, extents: extentsOf(dims), outputs: extentsOf(dims) })
    .map(({ sizes: { layout, samples, channels }, extents, outputs }) => ({
      options: { outputSize: outputs, layout },
      samples,
      channels,
      extents,
    }))

const global = (dims: number): fc.Arbitrary<Launch> =>
  fc.record({ sizes, extents: extentsOf(dims) }).map(({ sizes: { layout, samples, channels }, extents }) => ({
    options: { global: true, dims, layout },
    samples,
    channels,
    extents,
  }))

const ofDims = (dims: number): fc.Arbitrary<Launch> =>
  fc.oneof(
    { arbitrary: sliding(dims), weight: 8 },
    { arbitrary: adaptive(dims), weight: 2 },
    { arbitrary: global(dims), weight: 1 },
  )

/** Every kind of window in one, two and three dimensions. */
export const launches: fc.Arbitrary<Launch> = fc.oneof(
  { arbitrary: ofDims(1), weight: 3 },
  { arbitrary: ofDims(2), weight: 4 },
  { arbitrary: ofDims(3), weight: 2 },
)
