/** The launches that stand beside CUDA sources in words: the same numbers that a launcher computes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blocksOf, type LaunchShape, type Sizes, sharedBytesOf } from '../../codegen/gpu/launch.ts'
import { type Level, levels } from '../../dsl/level.ts'
import { launchText } from '../../runtime/build/launch-text.ts'

/** The value of a text, where its names are the sizes of a launch. */
const evaluated = (text: string, { samples, channels, extents, outExtents, taps }: Sizes): number => {
  const names = ['depth', 'height', 'width'].slice(3 - extents.length)
  const values = new Map<string, unknown>([
    ['samples', samples],
    ['channels', channels],
    ['taps', taps],
    ['ceil', Math.ceil],
    ['max', Math.max],
    ...names.map((name, d): [string, number] => [name, extents[d]!]),
    ...names.map((name, d): [string, number] => [`out${name[0]!.toUpperCase()}${name.slice(1)}`, outExtents[d]!]),
  ])
  return new Function(...values.keys(), `return ${text}`)(...values.values()) as number
}

const size = fc.integer({ min: 1, max: 9 })
const dims = 2

const counted = fc.record({ of: fc.constantFrom('extents' as const, 'outExtents' as const), plus: fc.nat(4), per: size })
const level: fc.Arbitrary<Level> = fc.constantFrom(levels.output, levels.input, levels.constant, levels.tap, {
  n: false,
  c: true,
  place: 'out' as const,
  dims: 0b10,
})
const shape: fc.Arbitrary<LaunchShape> = fc.record(
  {
    threads: fc.constantFrom(32, 64, 256),
    lanes: fc.constantFrom(1, 8),
    items: fc.oneof(fc.array(counted, { minLength: dims, maxLength: dims }), level),
    channels: fc.constantFrom(1, 2),
    multiple: size,
  },
  { requiredKeys: ['threads', 'lanes', 'items'] },
)
const sizes: fc.Arbitrary<Sizes> = fc
  .tuple(size, size, fc.tuple(size, size), fc.tuple(size, size), size)
  .map(([samples, channels, extents, outExtents, taps]) => ({ samples, channels: 2 * channels, extents, outExtents, taps }))

describe('a launch in words', () => {
  it('is the launch', () => {
    fc.assert(
      fc.property(shape, sizes, (launch, at) => {
        const { blocks, sharedBytes, threads } = launchText(launch, dims)
        expect(evaluated(blocks, at)).toBe(blocksOf(launch, at))
        expect(evaluated(sharedBytes, at)).toBe(sharedBytesOf(launch, at))
        expect(threads).toBe(launch.threads)
      }),
    )
  })

  it('tells of planes in shared memory', () => {
    const items = [0, 1].map(() => ({ of: 'outExtents' as const, plus: 0, per: 1 }))
    const launch: LaunchShape = { threads: 64, lanes: 1, items, planes: { count: 2, bytes: 4 } }
    const at: Sizes = { samples: 2, channels: 4, extents: [5, 6], outExtents: [2, 3], taps: 4 }
    expect(launchText(launch, dims).sharedBytes).toBe('8 * height * width')
    expect(evaluated(launchText(launch, dims).blocks, at)).toBe(blocksOf(launch, at))
  })
})
