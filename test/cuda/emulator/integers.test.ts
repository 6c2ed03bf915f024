/** Integer kernels as NVRTC translates them, for all architectures, against BigInt. */
import { describe, expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { compiledVariants } from './compiled.ts'
import { i32, launchOn } from './device.ts'

const n = 64
const device = new Emulator()

/** Bits of all sizes: small numbers, numbers with one bit, all bits. */
const words = (seed: number): Uint32Array => {
  let state = seed
  return Uint32Array.from({ length: 4 * n }, (_, k) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    const random = state >>> 0
    return [random, random >>> 24, 1 << (random & 31), 0xffffffff, random | 0x80000000][k % 5]!
  })
}
const longs = (seed: number): BigUint64Array<ArrayBuffer> => {
  const low = words(seed)
  const high = words(seed + 1)
  return BigUint64Array.from({ length: n }, (_, k) =>
    k % 3 === 0 ? BigInt(low[k]! | 1) : (BigInt(high[k]!) << 32n) | BigInt(low[k]! | 1),
  )
}
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x)
const s64 = (x: bigint): bigint => BigInt.asIntN(64, x)
const u32 = (x: bigint): bigint => BigInt.asUintN(32, x)
const s32 = (x: bigint): bigint => BigInt.asIntN(32, x)

const popcount = (x: bigint): number => x.toString(2).replaceAll('0', '').length
const leadingZeros = (x: bigint, width: number): number => (x === 0n ? width : width - x.toString(2).length)
const firstSet = (x: bigint): number => (x === 0n ? 0 : x.toString(2).length - x.toString(2).lastIndexOf('1'))
const reverse = (x: bigint, width: number): bigint => BigInt(`0b${[...x.toString(2).padStart(width, '0')].reverse().join('')}`)

describe.each(compiledVariants)('$title', ({ load }) => {
  it('64 bits: products, quotients, remainders, upper halves, shifts', async (context) => {
    const ptx = await load('integers', context)
    const [x, z, y] = [longs(1), longs(7), new BigUint64Array(10 * n)]
    const { findings } = launchOn(device, ptx, 'wide', { grid: 1, block: n }, [{ input: x }, { input: z }, { output: y }])
    expect(findings).toEqual([])
    x.forEach((a, k) => {
      const b = z[k]!
      const by = b & 63n
      const quotient = s64(a) === -(2n ** 63n) && s64(b) === -1n ? s64(a) : s64(a) / s64(b)
      const high = (BigInt.asUintN(32, (s32(a) * s32(b)) >> 32n) << 32n) + u32((u32(a) * u32(b)) >> 32n)
      const [, least] = [s64(a), s64(b)].sort((p, q) => (p < q ? 1 : -1))
      const [most] = [a, b].sort((p, q) => (p < q ? 1 : -1))
      const expected = [a * b, a / b, a % b, quotient, s64(a) - quotient * s64(b), (a * b) >> 64n, (s64(a) * s64(b)) >> 64n, high]
      expected.push((a << by) ^ (a >> by) ^ u64(s64(a) >> by), least! + most!)
      expect(Array.from(y.subarray(10 * k, 10 * k + 10))).toEqual(expected.map(u64))
    })
  })

  it('chains of carries', async (context) => {
    const ptx = await load('integers', context)
    const [x, z, y] = [words(3), words(11), new Uint32Array(16 * n)]
    const { findings } = launchOn(device, ptx, 'carries', { grid: 1, block: n }, [{ input: x }, { input: z }, { output: y }])
    expect(findings).toEqual([])
    const number = (of: Uint32Array, at: number, count: number): bigint =>
      Array.from({ length: count }, (_, k) => BigInt(of[at + k]!) << BigInt(32 * k)).reduce((a, b) => a + b)
    for (let k = 0; k < n; k++) {
      const [a, b] = [number(x, 4 * k, 4), number(z, 4 * k, 4)]
      expect(number(y, 16 * k, 4)).toBe(BigInt.asUintN(128, a + b))
      expect(number(y, 16 * k + 4, 4)).toBe(BigInt.asUintN(128, a - b))
      expect(number(y, 16 * k + 8, 4)).toBe(u64(a) * u64(b))
      expect(number(y, 16 * k + 12, 3)).toBe(u64(a) + u64(b))
    }
  })

  it('bits, bytes and fields', async (context) => {
    const ptx = await load('integers', context)
    const [x, z, y] = [words(5).subarray(0, n), words(13).subarray(0, n), new Uint32Array(24 * n)]
    const { findings } = launchOn(device, ptx, 'bits', { grid: 1, block: n }, [{ input: x }, { input: z }, { output: y }])
    expect(findings).toEqual([])
    x.forEach((first, k) => {
      const [a, b] = [BigInt(first), BigInt(z[k]!)]
      const long = (a << 32n) | b
      const both = (b << 32n) | a
      const byte = (of: bigint, at: number): bigint => (of >> BigInt(8 * at)) & 0xffn
      const permuted = (selector: bigint): bigint =>
        [0, 1, 2, 3].reduce((sum, at) => {
          const nibble = Number((selector >> BigInt(4 * at)) & 0xfn)
          const chosen = byte(both, nibble & 7)
          return sum | ((nibble & 8 ? (chosen > 127n ? 255n : 0n) : chosen) << BigInt(8 * at))
        }, 0n)
      const dot = (signed: boolean): bigint =>
        [0, 1, 2, 3].reduce((sum, at) => {
          const [p, q] = [byte(a, at), byte(b, at)]
          return sum + (signed ? BigInt.asIntN(8, p) * BigInt.asIntN(8, q) : p * q)
        }, 100n)
      const halfDot = (signed: boolean, from: number): bigint =>
        [0, 1].reduce((sum, at) => {
          const [p, q] = [(a >> BigInt(16 * at)) & 0xffffn, byte(b, from + at)]
          return sum + (signed ? BigInt.asIntN(16, p) * BigInt.asIntN(8, q) : p * q)
        }, 5n)
      const logic = (a & b) ^ (~a | (b >> 3n))
      const distance = (p: bigint, q: bigint): bigint => (p > q ? p - q : q - p)
      const low24 = (p: bigint): bigint => BigInt.asIntN(24, p)
      const inserted = (b & ~(0x7ffn << 5n)) | ((a & 0x7ffn) << 5n)
      const turned = b & 63n
      const expected = [
        BigInt(leadingZeros(a, 32)),
        BigInt(popcount(a)),
        BigInt(firstSet(a)),
        reverse(a, 32),
        BigInt(leadingZeros(long, 64)),
        BigInt(popcount(long)),
        BigInt(firstSet(long)),
        reverse(long, 64) ^ (reverse(long, 64) >> 32n),
        permuted(0x6420n),
        // __byte_perm takes three bits of each nibble; the instruction would take the fourth for a sign.
        permuted(b & 0x7777n),
        ((both << (b & 31n)) >> 32n) & 0xffffffffn,
        both >> (turned > 32n ? 32n : turned),
        dot(true),
        dot(false),
        halfDot(true, 0),
        halfDot(false, 2),
        // The truth table 0x6a: a and b decide whether the third is turned round.
        u32(logic) ^ (a & b),
        (a >> 5n) & 0x3ffn,
        distance(s32(a), s32(b)) + 7n,
        distance(a, b) + 9n,
        low24(a) * low24(b),
        (a & 0xffffffn) * (b & 0xffffffn),
        BigInt.asIntN(9, a >> 7n),
        inserted,
      ]
      expect(Array.from(y.subarray(24 * k, 24 * k + 24), BigInt)).toEqual(expected.map(u32))
    })
  })

  it('chooses among many cases', async (context) => {
    const ptx = await load('integers', context)
    const x = Int32Array.from({ length: 100 }, (_, k) => (k - 40) * 37)
    const y = new Int32Array(102).fill(9)
    launchOn(device, ptx, 'choices', { grid: 2, block: 64 }, [{ input: x }, { both: y }, i32(100)])
    const cases: Record<number, (v: number) => number> = {
      0: (v) => v * 3,
      1: (v) => Math.trunc(v / 7),
      2: (v) => v % 9,
      3: (v) => v ^ (v << 3),
      4: (v) => -v,
      5: (v) => (v > 100 ? 9 : 5),
      6: (v) => ~v,
      7: (v) => v * v,
      8: (v) => Math.clz32(v),
      9: (v) => v >> 2,
      11: (v) => v + 1000,
    }
    expect(Array.from(y.subarray(0, 100))).toEqual(Array.from(x, (v) => (cases[v & 15]?.(v) ?? 42) + 0))
  })
})
