/**
 * Float32 maxima are found by their bits. That must not show: the first of equals wins, -0 and +0 are equal, the last NaN of
 * either sign wins, an infinity is a value; with and without the place, written out, by loops, and in one long row.
 */
import { describe, expect, it } from 'vitest'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { oracleBackward, oracleForward } from '../../oracle/oracle.ts'
import { jsTarget } from '../../runtime/js.ts'
import { maxPool, minPool } from '../../specs/index.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
/** A NaN with its sign bit set, and one with the smallest payload there is. */
const negativeNaN = new Float32Array(Uint32Array.of(0xffc00001).buffer)[0]!
const rows: Readonly<Record<string, readonly number[]>> = {
  ties: [1, 3, 3, 2, 3, 3, 0, 1],
  'zeros of both signs': [-1, -0, 0, -0, -2, 0, -0, -1],
  'zeros after one another': [0, -0, -0, 0, 0, 0, 0, 0],
  'one NaN': [1, nan, 5, 2, 0, 1, 7, 2],
  'NaNs of both signs': [negativeNaN, 2, nan, 1, negativeNaN, 3, inf, 4],
  infinities: [-inf, inf, 2, inf, -inf, 1, -inf, 0],
  'nothing but -inf': [-inf, -inf, -inf, -inf, -inf, -inf, -inf, -inf],
  'nothing but inf': [inf, inf, inf, inf, inf, inf, inf, inf],
  negative: [-3, -1, -2, -1, -5, -1.5, -4, -1],
  denormal: [1e-45, -1e-45, 0, 2e-45, -3e-45, 1e-45, 2e-45, -0],
}

const shapes: readonly (readonly [GeometryOptions, readonly number[], Readonly<Record<string, unknown>>?])[] = [
  [{ kernelSize: [8] }, [1, 1, 8]],
  [{ kernelSize: [3], stride: 1, padding: 1 }, [1, 1, 8]],
  [{ kernelSize: [3], stride: 1, padding: 1 }, [1, 1, 8], { outputsPerThread: 4 }],
  [{ kernelSize: [3], stride: 1, padding: 1, dilation: 2 }, [1, 1, 8], { unroll: 'none' }],
  [{ kernelSize: [2, 2] }, [1, 1, 2, 4]],
  [{ kernelSize: [2, 3], stride: 1, padding: 1, layout: 'channels-last' }, [1, 2, 4, 1]],
  [{ kernelSize: [2, 2], stride: 2 }, [1, 1, 2, 4], { unroll: 'inner' }],
  [{ global: true, dims: 1 }, [1, 1, 8]],
  [{ global: true, dims: 1 }, [1, 1, 8], { split: 1 }],
  [{ global: true, dims: 1 }, [1, 1, 8], { split: 4 }],
  [{ global: true, dims: 2, layout: 'channels-last' }, [1, 2, 2, 2]],
  [{ outputSize: [3], dims: 1 }, [1, 1, 8]],
]

describe.each(Object.entries(rows))('%s', (_, row) => {
  it.each(shapes.map(([options, shape, schedule = {}]) => ({ options, shape, schedule })))(
    '$options of $shape, $schedule',
    async ({ options, shape, schedule }) => {
      const geometry = normaliseGeometry(options)
      // A cast keeps the bits of a NaN as little as JavaScript does; the array below is written as bits.
      const data = Float32Array.from(row)
      row.forEach((value, i) => {
        if (Number.isNaN(value)) new Uint32Array(data.buffer)[i] = i % 2 === 0 ? 0xff800001 : 0x7fc00000
      })
      const x = { shape, data }
      for (const pool of [maxPool, minPool]) {
        const operator = settle(pool)
        const want = oracleForward(operator, geometry, { x })
        const cotangent = { shape: want.y!.shape, data: Float32Array.from(want.y!.data, (_value, i) => i + 1) }
        const compile = (results?: string[]) =>
          jsTarget.compile(operator, geometry, { dtype: 'float32', schedule, ...(results && { results }) })
        const kernel = await compile()
        const { y, indices } = kernel.forward({ x })
        // A value that is found without its place may be +0 for -0.
        const unsigned = (values: Iterable<number>): number[] => [...values].map((v) => v + 0)
        const exact = indices === undefined ? unsigned : (values: Iterable<number>): number[] => [...values]
        expect(exact(y!.data)).toEqual(exact(want.y!.data))
        if (indices) expect([...indices.data]).toEqual([...want.indices!.data])
        const alone = (await compile(['y'])).forward({ x }).y!.data
        expect(unsigned(alone)).toEqual(unsigned(want.y!.data))
        const gradient = kernel.backward({ x }, { y: cotangent }).x!.data
        expect([...gradient]).toEqual([...oracleBackward(operator, geometry, { x }, { y: cotangent }).x!.data])
      }
    },
  )
})
