/** Operations rounded in a direction: their results and the neighbours of these must lie on both sides of the exact value. */
import { expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { handwritten, launchOn } from './device.ts'

const device = new Emulator()

let state = 0x1234567
const bits = (): number => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

const n = 3000
/** Numbers of ordinary size, among them some whose quotients and roots are exact. */
const operands = (): Float32Array => {
  const words = Uint32Array.from({ length: 2 * n }, () => (bits() & 0x807fffff) | ((100 + (bits() % 50)) << 23))
  const floats = new Float32Array(words.buffer)
  for (let k = 0; k < 200; k += 2) floats.set([(k * k) / 16, k % 3 ? 0.5 : k], k)
  return floats
}

const run32 = (instruction: string, x: Float32Array): Float32Array => {
  const y = new Float32Array(n)
  const body = `mul.wide.u32 %rd3, %r3, 8; add.s64 %rd3, %rd1, %rd3; ld.global.v2.f32 {%f1, %f2}, [%rd3];
${instruction} mul.wide.u32 %rd4, %r3, 4; add.s64 %rd4, %rd2, %rd4; st.global.f32 [%rd4], %f0;`
  const args = [{ input: x }, { output: y }]
  expect(launchOn(device, handwritten(body), 'k', { grid: n / 30, block: 30 }, args).findings).toEqual([])
  return y
}

/** The next float32 towards an infinity. */
const next = (x: number, up: boolean): number => {
  if (x === 0) return up ? 2 ** -149 : -(2 ** -149)
  const word = new Int32Array(Float32Array.of(x).buffer)
  word[0]! += x > 0 === up ? 1 : -1
  return new Float32Array(word.buffer)[0]!
}

/**
 * How a rounded value compares with the exact one, by a comparison that float64 makes without error: products of two float32
 * numbers are exact in it, and sums are where exponents are near.
 */
const isRounded = (got: number, mode: string, compare: (r: number) => number, exactSign: number): boolean => {
  const down = mode === 'rm' || (mode === 'rz' && exactSign > 0)
  const side = compare(got)
  if (side === 0) return true
  return down ? side < 0 && compare(next(got, true)) > 0 : side > 0 && compare(next(got, false)) < 0
}

it.each(['rz', 'rm', 'rp'])('float32, %s', (mode) => {
  const x = operands()
  const [quotients, roots] = [
    run32(`div.${mode}.f32 %f0, %f1, %f2;`, x),
    run32(`abs.f32 %f1, %f1; sqrt.${mode}.f32 %f0, %f1;`, x),
  ]
  const [inverses, differences] = [run32(`rcp.${mode}.f32 %f0, %f1;`, x), run32(`sub.${mode}.f32 %f0, %f1, %f2;`, x)]
  for (let k = 0; k < n; k++) {
    const [a, b] = [x[2 * k]!, x[2 * k + 1]!]
    const wrong: string[] = []
    const sign = Math.sign(a / b)
    if (b !== 0 && a !== 0 && !isRounded(quotients[k]!, mode, (r) => Math.sign(r * b - a) * Math.sign(b), sign)) wrong.push('div')
    if (a !== 0 && !isRounded(inverses[k]!, mode, (r) => Math.sign(r * a - 1) * Math.sign(a), Math.sign(a))) wrong.push('rcp')
    if (!isRounded(roots[k]!, mode, (r) => Math.sign(r * r - Math.abs(a)), 1)) wrong.push('sqrt')
    if (
      Math.abs(Math.log2(Math.abs(a / b))) < 20 &&
      !isRounded(differences[k]!, mode, (r) => Math.sign(r - (a - b)), Math.sign(a - b))
    )
      wrong.push('sub')
    expect({ a, b, wrong }).toEqual({ a, b, wrong: [] })
  }
})

/** A finite float64 as an integer in units of 2^-1074. */
const whole = (x: number): bigint => {
  const word = new BigInt64Array(Float64Array.of(Math.abs(x)).buffer)[0]!
  const exponent = word >> 52n
  const fraction = word & 0xf_ffff_ffff_ffffn
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return x < 0 ? -size : size
}
const next64 = (x: number, up: boolean): number => {
  const word = new BigInt64Array(Float64Array.of(x).buffer)
  word[0]! += x > 0 === up ? 1n : -1n
  return new Float64Array(word.buffer)[0]!
}

it.each(['rz', 'rm', 'rp'])('float64, %s', (mode) => {
  const count = 600
  const value = (): number => (bits() / 2 ** 32 + bits() / 2 ** 64 + 0.1) * 2 ** ((bits() % 60) - 30) * (bits() & 1 ? 1 : -1)
  const x = Float64Array.from({ length: 2 * count }, value)
  x.set([9, 3, 2, 4, 1, 3], 0)
  const run = (instruction: string): Float64Array => {
    const y = new Float64Array(count)
    const body = `mul.wide.u32 %rd3, %r3, 16; add.s64 %rd3, %rd1, %rd3; ld.global.v2.f64 {%fd1, %fd2}, [%rd3];
${instruction} mul.wide.u32 %rd4, %r3, 8; add.s64 %rd4, %rd2, %rd4; st.global.f64 [%rd4], %fd0;`
    launchOn(device, handwritten(body), 'k', { grid: count / 30, block: 30 }, [{ input: x }, { output: y }])
    return y
  }
  const [quotients, roots] = [run(`div.${mode}.f64 %fd0, %fd1, %fd2;`), run(`abs.f64 %fd1, %fd1; sqrt.${mode}.f64 %fd0, %fd1;`)]
  const differences = run(`sub.${mode}.f64 %fd0, %fd1, %fd2;`)
  const unit = 1n << 1074n
  const sign = (v: bigint): number => (v > 0n ? 1 : v < 0n ? -1 : 0)
  const lies = (got: number, compare: (r: number) => number, exactSign: number): boolean => {
    const down = mode === 'rm' || (mode === 'rz' && exactSign > 0)
    const side = compare(got)
    if (side === 0) return true
    return down ? side < 0 && compare(next64(got, true)) > 0 : side > 0 && compare(next64(got, false)) < 0
  }
  for (let k = 0; k < count; k++) {
    const [a, b] = [x[2 * k]!, x[2 * k + 1]!]
    const right = [
      lies(quotients[k]!, (r) => sign(whole(r) * whole(b) - whole(a) * unit) * Math.sign(b), Math.sign(a / b)),
      lies(roots[k]!, (r) => sign(whole(r) * whole(r) - whole(Math.abs(a)) * unit), 1),
      lies(differences[k]!, (r) => sign(whole(r) - (whole(a) - whole(b))), Math.sign(a - b)),
    ]
    expect({ a, b, right }).toEqual({ a, b, right: [true, true, true] })
  }
})

it('special values', () => {
  const x = new Float32Array(2 * n).fill(1)
  const inf = Number.POSITIVE_INFINITY
  x.set([1, 0, -1, 0, 0, 0, inf, 2, 2, inf, Number.NaN, 1, 0, 3, 3e38, 1e-30, 1e-30, 3e38], 0)
  const greatest = Math.fround(3.4028234663852886e38)
  const quotients = run32('div.rz.f32 %f0, %f1, %f2;', x)
  expect(Array.from(quotients.subarray(0, 9))).toEqual([inf, -inf, Number.NaN, inf, 0, Number.NaN, 0, greatest, 0])
  expect(run32('div.rp.f32 %f0, %f1, %f2;', x)[8]).toBe(2 ** -149)
  const roots = run32('sqrt.rp.f32 %f0, %f1;', x)
  expect(Array.from(roots.subarray(0, 7))).toEqual([1, Number.NaN, 0, inf, Math.fround(1.4142136573791504), Number.NaN, 0])
  // An exact zero is negative when rounding down.
  expect(Object.is(run32('sub.rm.f32 %f0, %f1, %f1;', x)[0], -0)).toBe(true)
  expect(Object.is(run32('sub.rz.f32 %f0, %f1, %f1;', x)[0], 0)).toBe(true)
})
