/** Halves of both kinds as inline PTX computes them, for all architectures, against float64 rounded once. */
import { describe, expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { compiledVariants } from './compiled.ts'
import { launchOn } from './device.ts'

const device = new Emulator()

interface Format {
  /** Bits of the fraction, and the exponent's bias. */
  readonly fraction: number
  readonly bias: number
}
const f16: Format = { fraction: 10, bias: 15 }
const bf16: Format = { fraction: 7, bias: 127 }
const nan = 0x7fff

const numberOf = (bits: number, { fraction, bias }: Format): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits & 0x7fff) >> fraction
  const rest = (bits & ((1 << fraction) - 1)) / 2 ** fraction
  if (exponent === 0x7fff >> fraction) return rest ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent ? (1 + rest) * 2 ** (exponent - bias) : rest * 2 ** (1 - bias))
}

/** The nearest half, by a search among all of them: ties go to the even one. */
const nearest = (x: number, format: Format): number => {
  if (Number.isNaN(x)) return nan
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0
  const size = Math.abs(x)
  let [low, high] = [0, ((0x7fff >> format.fraction) << format.fraction) - 1]
  const greatest = numberOf(high, format)
  if (size > greatest) return sign | (size >= greatest + (greatest - numberOf(high - 1, format)) / 2 ? high + 1 : high)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numberOf(middle, format) <= size) low = middle
    else high = middle - 1
  }
  const [below, above] = [size - numberOf(low, format), numberOf(low + 1, format) - size]
  return sign | (below < above || (below === above && low % 2 === 0) || below === 0 ? low : low + 1)
}

const n = 256
/** Specials first, then bits that lie near each other's size, so that sums do not lose one of them. */
const bits = (seed: number, count: number): Uint16Array => {
  const specials = [0, 0x8000, 1, 0x3ff, 0x400, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3c00, 0xbc00, 0x7f7f, 0x7f80, 0xff80, 0x3f80]
  let state = seed
  return Uint16Array.from({ length: count }, (_, k) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    if (k < 120) return specials[(k * seed) % specials.length]!
    return k % 2 ? state >>> 16 : 0x3000 | ((state >>> 16) & 0x8fff)
  })
}

const larger = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b))
const smaller = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b))
/** Of halves the sum of an exact product is exact enough in float64 for one more rounding, but for ties. */
const fused = (a: number, b: number, c: number, format: Format): number => {
  const product = a * b
  const sum = product + c
  const t = sum - product
  const error = product - (sum - t) + (c - t)
  // What float64 left over decides ties.
  return nearest(error > 0 || error < 0 ? sum + Math.sign(error) * Math.abs(sum) * 2 ** -50 : sum, format)
}

describe.each(compiledVariants)('$title', ({ arch, load }) => {
  it('scalars', async (context) => {
    const [x, z, y] = [bits(3, n), bits(11, n), new Uint16Array(6 * n)]
    const ptx = await load('halves', context)
    expect(launchOn(device, ptx, 'scalars', { grid: 1, block: n }, [{ input: x }, { input: z }, { output: y }]).findings).toEqual(
      [],
    )
    x.forEach((bitsOfX, k) => {
      const [a, b] = [numberOf(bitsOfX, f16), numberOf(z[k]!, f16)]
      const negated = Number.isNaN(a) ? nan : bitsOfX ^ 0x8000
      const greater = a > b ? bitsOfX : z[k]!
      const got = Array.from(y.subarray(6 * k, 6 * k + 6))
      expect(got).toEqual([nearest(a * b, f16), nearest(a + b, f16), nearest(a * b, f16), fused(a, b, a, f16), negated, greater])
    })
  })

  it('pairs', async (context) => {
    const [x, z] = [bits(5, 2 * n), bits(7, 2 * n)]
    const y = new Uint16Array(8 * n)
    const words = (of: Uint16Array) => new Uint32Array(of.buffer)
    const ptx = await load('halves', context)
    const args = [{ input: words(x) }, { input: words(z) }, { output: words(y) }]
    expect(launchOn(device, ptx, 'pairs', { grid: 1, block: n }, args).findings).toEqual([])
    x.forEach((bitsOfX, k) => {
      const [a, b] = [numberOf(bitsOfX, f16), numberOf(z[k]!, f16)]
      const at = (operation: number): number => y[8 * (k >> 1) + 2 * operation + (k & 1)]!
      expect([0, 1, 2, 3].map(at)).toEqual([nearest(a + b, f16), nearest(a * b, f16), fused(a, b, b, f16), bitsOfX ^ 0x8000])
    })
  })

  if (arch >= 80)
    describe('with the instructions of sm_80', () => {
      it('extrema that drop a NaN, and that keep it', async (context) => {
        const [x, z] = [bits(13, 2 * n), bits(17, 2 * n)]
        const y = new Uint16Array(20 * n)
        const words = (of: Uint16Array) => new Uint32Array(of.buffer)
        const ptx = await load('halves', context)
        const args = [{ input: words(x) }, { input: words(z) }, { output: words(y) }]
        expect(launchOn(device, ptx, 'extrema', { grid: 1, block: n }, args).findings).toEqual([])
        x.forEach((bitsOfX, k) => {
          const at = (operation: number): number => y[20 * (k >> 1) + 2 * operation + (k & 1)]!
          const [a, b] = [numberOf(bitsOfX, f16), numberOf(z[k]!, f16)]
          const [p, q] = [numberOf(bitsOfX, bf16), numberOf(z[k]!, bf16)]
          const expected = [larger(a, b), smaller(a, b), Math.max(a, b), Math.min(a, b)].map((v) => nearest(v, f16))
          expected.push(nearest(larger(p, q), bf16), nearest(Math.min(p, q), bf16))
          expect([0, 1, 2, 3, 4, 5].map(at)).toEqual(expected)
          expect(at(8)).toBe(fused(p, q, q, bf16))
          if (k % 2 === 0) {
            expect([at(6), at(7)]).toEqual([nearest(Math.max(a, b), f16), nearest(Math.max(p, q), bf16)])
            const [lower, upper] = [p, numberOf(z[k + 1]!, bf16)]
            const f = Math.fround
            expect([y[10 * k + 18], y[10 * k + 19]]).toEqual([nearest(f(lower * upper), bf16), nearest(f(lower + upper), bf16)])
          }
        })
      })

      it('floats: extrema, and pairs of halves from them', async (context) => {
        const values = [0, -0, 1, -1, Number.NaN, 1e-40, 65_519.9, 65_520, -7e4, 3e38, Number.POSITIVE_INFINITY, 1 + 2 ** -11]
        const x = Float32Array.from({ length: 144 }, (_, k) => values[k % 12]!)
        const z = Float32Array.from({ length: 144 }, (_, k) => values[Math.floor(k / 12)]!)
        const [y, h] = [new Float32Array(4 * 144), new Uint32Array(4 * 144)]
        const ptx = await load('halves', context)
        const args = [{ input: x }, { input: z }, { output: y }, { output: h }]
        expect(launchOn(device, ptx, 'floats', { grid: 1, block: 144 }, args).findings).toEqual([])
        const towardsZero = (v: number): number => (Number.isNaN(v) ? nan : new Uint32Array(Float32Array.of(v).buffer)[0]! >>> 16)
        x.forEach((a, k) => {
          const b = z[k]!
          expect(Array.from(y.subarray(4 * k, 4 * k + 4))).toEqual([Math.max(a, b), Math.min(a, b), larger(a, b), smaller(a, b)])
          const both = (of: (v: number) => number): number => ((of(a) << 16) | of(b)) >>> 0
          expect(Array.from(h.subarray(4 * k, 4 * k + 4))).toEqual([
            both((v) => nearest(v, f16)),
            both((v) => nearest(v, bf16)),
            both(towardsZero),
            both((v) => nearest(Math.max(v, 0), f16)),
          ])
        })
      })
    })
})
