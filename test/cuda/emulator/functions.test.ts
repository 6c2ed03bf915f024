/** The mathematical functions that NVRTC writes out, for all architectures, against the platform's, in units of the last place. */
import { describe, expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { compiledVariants } from './compiled.ts'
import { i32, launchOn } from './device.ts'

const device = new Emulator()
const inputs = [0, -0, 1, -1, 0.5, -0.5, 1e-6, -1e-6, 3.25, -3.25, 10, -10, 0.1, 20.7, -20.7, 1e-3, 2.5, 88, -87, 700]

const erf = (x: number): number => {
  // The series converges fast enough up to three, and beyond that little is left.
  if (Math.abs(x) > 6) return Math.sign(x)
  let [term, sum] = [x, x]
  for (let k = 1; k < 200; k++) {
    term *= -(x * x) / k
    sum += term / (2 * k + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

/** In the order of the kernels. */
const expected = (x: number): readonly number[] => {
  const u = Math.abs(x) + 1e-3
  return [
    ...[Math.exp(x), Math.log(u), Math.log1p(u), Math.expm1(x), u ** 1.7, Math.tanh(x), Math.sin(x), Math.cos(x)],
    ...[Number.NaN, Number.NaN, Math.atan2(x, u), erf(x), Math.sqrt(u) / u, 1 / Math.sqrt(u)],
    ...[Math.log2(u) + 2 ** x, (x % 3) + Math.cbrt(x)],
  ]
}

/** Whether two numbers differ by less than a part of the larger, or of the least that matters. */
const near = (got: number, want: number, part: number): boolean =>
  Object.is(got, want) ||
  Math.abs(got - want) <= part * Math.max(Math.abs(want), 0.25) ||
  (Number.isNaN(got) && Number.isNaN(want))

const checkAll = (
  xs: readonly number[],
  got: ArrayLike<number>,
  part: number,
  large: (x: number) => readonly [number, number],
): void => {
  xs.forEach((x, k) => {
    const want = [...expected(x)]
    want.splice(8, 2, ...large(x))
    // A series that alternates loses digits in between.
    const tolerance = (n: number): number => (n === 11 && Math.abs(x) > 2 ? 1e-6 : part)
    const far = want.map((one, n) => [n, got[16 * k + n]!, one] as const).filter(([n, its, one]) => !near(its, one, tolerance(n)))
    expect({ x, far }).toEqual({ x, far: [] })
  })
}

describe.each(compiledVariants)('$title', ({ load }) => {
  it('float32', async (context) => {
    const xs = inputs.filter((x) => Math.abs(x) < 100).map(Math.fround)
    const n = xs.length
    const y = new Float32Array(16 * n)
    const args = [{ input: Float32Array.from(xs) }, { output: y }, i32(n)]
    expect(launchOn(device, await load('functions', context), 'singles', { grid: 1, block: 32 }, args).findings).toEqual([])
    const f = Math.fround
    checkAll(xs, y, 2e-6, (x) => [Math.sin(f(x * 1e6)), Math.cos(f(x * 3e8))])
  })
  it('float64', async (context) => {
    const n = inputs.length
    const y = new Float64Array(16 * n)
    const args = [{ input: Float64Array.from(inputs) }, { output: y }, i32(n)]
    expect(launchOn(device, await load('functions', context), 'doubles', { grid: 1, block: 32 }, args).findings).toEqual([])
    checkAll(inputs, y, 4e-15, (x) => [Math.sin(x * 1e6), Math.cos(x * 3e14)])
  })
  it('fast approximations', async (context) => {
    const xs = inputs.filter((x) => Math.abs(x) < 30).map(Math.fround)
    const n = xs.length
    const y = new Float32Array(8 * n)
    const args = [{ input: Float32Array.from(xs) }, { output: y }, i32(n)]
    expect(launchOn(device, await load('functions', context), 'fast', { grid: 1, block: 32 }, args).findings).toEqual([])
    xs.forEach((x, k) => {
      const u = Math.abs(x) + 1e-3
      const want = [Math.exp(x), Math.log(u), u ** 1.7, Math.sin(x), Math.cos(x), x / u, 1 / Math.sqrt(u)]
      want.push(x * u + x + u + Math.min(Math.max(x, 0), 1))
      expect({
        x,
        far: want.map((one, m) => [m, y[8 * k + m]!, one] as const).filter(([, got, one]) => !near(got, one, 1e-5)),
      }).toEqual({ x, far: [] })
    })
  })
  it('roundings', async (context) => {
    const xs = [0.5, 1.5, -0.5, -1.5, 2.4999, -7.51, 1e9, -3, 0, 123_456.7]
    const n = xs.length
    const [x, d] = [Float32Array.from(xs), Float64Array.from(xs, (v) => v * 1.1)]
    const [y, z, r] = [new Float32Array(8 * n), new Float64Array(4 * n), new Int32Array(4 * n)]
    const args = [{ input: x }, { input: d }, { output: y }, { output: z }, { output: r }, i32(n)]
    expect(launchOn(device, await load('functions', context), 'roundings', { grid: 1, block: 32 }, args).findings).toEqual([])
    const even = (v: number): number => (v % 1 === 0.5 || v % 1 === -0.5 ? 2 * Math.round(v / 2) : Math.round(v))
    const away = (v: number): number => Math.sign(v) * Math.floor(Math.abs(v) + 0.5)
    const word = (v: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, v))
    x.forEach((v, k) => {
      const w = d[k]!
      expect(Array.from(y.subarray(8 * k, 8 * k + 5), (one) => one + 0)).toEqual(
        [Math.floor(v), Math.ceil(v), even(v), Math.trunc(v), away(v)].map((one) => Math.fround(one) + 0),
      )
      expect([y[8 * k + 6], y[8 * k + 7]]).toEqual([v < 0 ? -1.5 : 1.5, Math.fround(w)])
      expect([z[4 * k], z[4 * k + 2], z[4 * k + 3]! + 0]).toEqual([Math.floor(w), v, away(w) + 0])
      expect(z[4 * k + 1]! - (w + 0.1) >= 0 && z[4 * k + 1]! - (w + 0.1) <= Math.abs(w) * 2 ** -51 + 2 ** -52).toBe(true)
      const integers = [word(even(v)), word(Math.trunc(w)), Number(BigInt.asIntN(32, BigInt(Math.trunc(v))))]
      integers.push(Number(BigInt.asIntN(32, BigInt(Math.trunc(Math.abs(w))))))
      expect(Array.from(r.subarray(4 * k, 4 * k + 4))).toEqual(integers.map((one) => one + 0))
    })
  })
})
