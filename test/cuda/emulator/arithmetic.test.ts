/** PTX's arithmetic against exact references: rational numbers as bigints, or float64 where that is exact. */
import { expect, it } from 'vitest'
import { Emulator } from '../../../runtime/cuda/emulator/emulator.ts'
import { fmaExact, formats, type Rounding } from '../../../runtime/cuda/emulator/rounding.ts'
import { handwritten, launchOn } from './device.ts'

const device = new Emulator()

/** xorshift: reproducible bits. */
let state = 0x9e3779b9
const bits = (): number => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

const floatsOf = (words: Uint32Array): Float32Array => new Float32Array(words.buffer)
// biome-ignore format: a list
const special32 = Uint32Array.of(0, 0x80000000, 1, 0x80000001, 0x7fffff, 0x800000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x3f800001, 0x33800000)

/** All triples of special values, then random bits, then random values near to each other, where sums cancel. */
const triples = (random: number): readonly [Float32Array, number] => {
  const words: number[] = []
  for (const a of special32) for (const b of special32) for (const c of special32) words.push(a, b, c)
  for (let k = 0; k < random; k++) words.push(bits(), bits(), bits())
  const near = (exponent: number): number => (bits() & 0x807fffff) | ((exponent & 0xff) << 23)
  for (let k = 0; k < random; k++) {
    const [e, f] = [90 + (bits() % 70), 90 + (bits() % 70)]
    words.push(near(e), near(f), near(e + f - 127 + (bits() % 51) - 25))
  }
  // Products that lie just beside half a unit in the last place of c: float64 rounds their sum to a tie, and loses the side.
  const word = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!
  for (let k = 0; k < random / 10; k++) {
    const c = floatsOf(Uint32Array.of(near(100 + (bits() % 60))))[0]!
    const halfUlp = 2 ** (Math.floor(Math.log2(Math.abs(c))) - 24)
    const off = 2 ** -(14 + (bits() % 10))
    const sign = bits() & 1 ? 1 : -1
    words.push(word(sign * halfUlp * (1 + off)), word(bits() & 1 ? 1 - off : 1 + off), word(c))
    words.push(word(sign * halfUlp * (1 - off)), word(1 + off), word(c))
  }
  return [floatsOf(Uint32Array.from(words)), words.length / 3]
}

const perThread = (bytes: number, of: number) => `mul.wide.u32 %rd3, %r3, ${bytes * of}; add.s64 %rd3, %rd1, %rd3;
mul.wide.u32 %rd4, %r3, ${bytes}; add.s64 %rd4, %rd2, %rd4;`

const ternary32 = (instruction: string, x: Float32Array): Float32Array => {
  const y = new Float32Array(x.length / 3)
  const body = `${perThread(4, 3)} ld.global.f32 %f1, [%rd3]; ld.global.f32 %f2, [%rd3+4]; ld.global.f32 %f3, [%rd3+8];
${instruction} st.global.f32 [%rd4], %f0;`
  const block = 1
  expect(launchOn(device, handwritten(body), 'k', { grid: y.length, block }, [{ input: x }, { output: y }]).findings).toEqual([])
  return y
}

/** Equal in value and sign; NaNs are alike. */
const differing = (got: Float32Array | Float64Array, want: (k: number) => number): number[] => {
  const wrong: number[] = []
  got.forEach((value, k) => {
    if (!Object.is(value, want(k)) && !(Number.isNaN(value) && Number.isNaN(want(k)))) wrong.push(k)
  })
  return wrong
}

it('fma.rn.f32 on 100,000 and more triples', () => {
  const [x, n] = triples(60_000)
  expect(n).toBeGreaterThan(100_000)
  const y = ternary32('fma.rn.f32 %f0, %f1, %f2, %f3;', x)
  expect(differing(y, (k) => fmaExact(x[3 * k]!, x[3 * k + 1]!, x[3 * k + 2]!, formats.f32, 'rn'))).toEqual([])
})

it.each(['rz', 'rm', 'rp'] as const)('fma, add and mul in float32, rounded %s', (mode) => {
  const [x] = triples(2000)
  const at = (k: number): [number, number, number] => [x[3 * k]!, x[3 * k + 1]!, x[3 * k + 2]!]
  const exact = (a: number, b: number, c: number, m: Rounding): number => fmaExact(a, b, c, formats.f32, m)
  expect(differing(ternary32(`fma.${mode}.f32 %f0, %f1, %f2, %f3;`, x), (k) => exact(...at(k), mode))).toEqual([])
  // Between the neighbours of the exact value, on the right side of it.
  const sums = ternary32(`add.${mode}.f32 %f0, %f1, %f2;`, x)
  const products = ternary32(`mul.${mode}.f32 %f0, %f1, %f2;`, x)
  const sideOf = (got: number, want: number): boolean =>
    Number.isNaN(got) || !Number.isFinite(want)
      ? true
      : mode === 'rm'
        ? got <= want
        : mode === 'rp'
          ? got >= want
          : Math.abs(got) <= Math.abs(want)
  // A product of float32 is exact in float64; a sum is where the exponents are near.
  for (let k = 0; k < products.length; k++) {
    const [a, b] = at(k)
    expect(sideOf(products[k]!, a * b)).toBe(true)
    if (Math.abs(a) > 2 ** -20 && Math.abs(a) < 2 ** 8 && Math.abs(b) > 2 ** -20 && Math.abs(b) < 2 ** 8)
      expect(sideOf(sums[k]!, a + b)).toBe(true)
  }
})

/** a * b + c by rationals, apart from the emulator's code: the float64 nearest to an exact quotient of bigints. */
const fmaByRationals = (a: number, b: number, c: number): number => {
  const scale = 1074n
  const big = (x: number): bigint => {
    let [m, e] = [x, 0]
    while (!Number.isInteger(m)) {
      m *= 2
      e++
    }
    return (BigInt(m) << scale) >> BigInt(e)
  }
  // In units of 2^-2148.
  const sum = big(a) * big(b) + (big(c) << scale)
  if (sum === 0n) return a * b + c
  const size = sum < 0n ? -sum : sum
  const drop = BigInt(Math.max(size.toString(2).length - 53, 1074))
  let kept = size >> drop
  const rest = size & ((1n << drop) - 1n)
  const half = 1n << (drop - 1n)
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++
  const exponent = Number(drop) - 2148
  const value = Number(kept) * 2 ** Math.ceil(exponent / 2) * 2 ** Math.floor(exponent / 2)
  return sum < 0n ? -value : value
}

it('fma.rn.f64 against rationals, cancelling and subnormal operands among them', () => {
  const n = 6000
  const x = new Float64Array(3 * n)
  for (let k = 0; k < n; k++) {
    const value = (): number => (bits() / 2 ** 32 + bits() / 2 ** 64) * 2 ** ((bits() % 40) - 20) * (bits() & 1 ? 1 : -1)
    const extreme = k % 5 === 0 ? 2 ** -530 : 1
    const [a, b] = [value() * extreme, value() * extreme]
    // Near to -a * b: all leading bits cancel.
    x.set([a, b, k % 2 ? -(a * b) * (1 + (bits() % 5) * 2 ** -52) : value() * extreme * extreme], 3 * k)
  }
  // Products just beside half a unit in the last place of c: what is left over decides the side, and is easily lost.
  for (let k = 10; k < 1000; k++) {
    const c = 1 + bits() * 2 ** -32 + (bits() & 1) * 2 ** -52
    const off = 2 ** -(27 + (bits() % 20))
    const sign = bits() & 1 ? 1 : -1
    x.set([sign * 2 ** -53 * (1 + off), bits() & 1 ? 1 - off : 1 + off, bits() & 1 ? c : -c], 3 * k)
  }
  x.set([5e-324, 0.5, 0, 1e308, 10, -1e308, 0, 5, -0, Number.POSITIVE_INFINITY, 0, 1], 0)
  const y = new Float64Array(n)
  const body = `${perThread(8, 3)} ld.global.f64 %fd1, [%rd3]; ld.global.f64 %fd2, [%rd3+8]; ld.global.f64 %fd3, [%rd3+16];
fma.rn.f64 %fd0, %fd1, %fd2, %fd3; st.global.f64 [%rd4], %fd0;`
  launchOn(device, handwritten(body), 'k', { grid: n, block: 1 }, [{ input: x }, { output: y }])
  expect(y[3]).toBeNaN()
  expect(differing(y, (k) => (k === 3 ? Number.NaN : fmaByRationals(x[3 * k]!, x[3 * k + 1]!, x[3 * k + 2]!)))).toEqual([])
})

it('division and square root are rounded once', () => {
  const [x] = triples(4000)
  expect(differing(ternary32('div.rn.f32 %f0, %f1, %f2;', x), (k) => Math.fround(x[3 * k]! / x[3 * k + 1]!))).toEqual([])
  expect(differing(ternary32('sqrt.rn.f32 %f0, %f1;', x), (k) => Math.fround(Math.sqrt(x[3 * k]!)))).toEqual([])
})

it('minimum and maximum drop a NaN, unless told to keep it; -0 lies below 0', () => {
  const [x] = triples(500)
  const drop = (pick: (a: number, b: number) => number) => (k: number) => {
    const [a, b] = [x[3 * k]!, x[3 * k + 1]!]
    return Number.isNaN(a) ? b : Number.isNaN(b) ? a : pick(a, b)
  }
  expect(differing(ternary32('max.f32 %f0, %f1, %f2;', x), drop(Math.max))).toEqual([])
  expect(differing(ternary32('min.f32 %f0, %f1, %f2;', x), drop(Math.min))).toEqual([])
  expect(differing(ternary32('max.NaN.f32 %f0, %f1, %f2;', x), (k) => Math.max(x[3 * k]!, x[3 * k + 1]!))).toEqual([])
})

it('flushing and saturating', () => {
  const x = Float32Array.of(1e-40, 0, 0, -1e-40, 0, 0, 0.5, 0.25, 0, 3, 1, 0, -3, 1, 0, Number.NaN, 0, 0)
  expect(Array.from(ternary32('add.ftz.f32 %f0, %f1, %f2;', x))).toEqual([0, 0, 0.75, 4, -2, Number.NaN])
  expect(Array.from(ternary32('add.sat.f32 %f0, %f1, %f2;', x))).toEqual([Math.fround(1e-40), 0, 0.75, 1, 0, 0])
  expect(Array.from(ternary32('mul.ftz.f32 %f0, %f1, %f1;', x)).map((v) => Object.is(v, -0))).not.toContain(true)
})

it('widens and narrows all 65,536 halves', () => {
  const n = 65_536
  const x = Uint16Array.from({ length: n }, (_, k) => k)
  const [wide, back] = [new Float32Array(n), new Uint16Array(n)]
  const body = (bytes: number, text: string): string => `mul.wide.u32 %rd3, %r3, 2; add.s64 %rd3, %rd1, %rd3;
mul.wide.u32 %rd4, %r3, ${bytes}; add.s64 %rd4, %rd2, %rd4; ld.global.u16 %rs1, [%rd3]; ${text}`
  const on = (text: string, y: ArrayBufferView): void => {
    launchOn(device, handwritten(text), 'k', { grid: 256, block: 256 }, [{ input: x }, { output: y }])
  }
  on(body(4, 'cvt.f32.f16 %f1, %rs1; st.global.f32 [%rd4], %f1;'), wide)
  on(body(2, 'cvt.f32.f16 %f1, %rs1; cvt.rn.f16.f32 %rs2, %f1; st.global.b16 [%rd4], %rs2;'), back)
  const value = (h: number): number => {
    const [e, f] = [(h >> 10) & 31, h & 1023]
    const size = e === 31 ? (f ? Number.NaN : Number.POSITIVE_INFINITY) : e ? 2 ** (e - 15) * (1 + f / 1024) : f * 2 ** -24
    return h & 0x8000 ? -size : size
  }
  expect(differing(wide, value)).toEqual([])
  const wrong = Array.from(x).filter((h) => back[h] !== (Number.isNaN(value(h)) ? 0x7fff : h))
  expect(wrong).toEqual([])
  // bfloat16 is the upper half of a float32.
  on(body(4, 'cvt.f32.bf16 %f1, %rs1; st.global.f32 [%rd4], %f1;'), wide)
  const upper = floatsOf(Uint32Array.from(x, (h) => h << 16))
  expect(differing(wide, (k) => upper[k]!)).toEqual([])
})

it('narrows to half between neighbours: to the nearest, ties to even, and in each direction', () => {
  // Midpoints, and values just off them, of all positive halves.
  const value = (h: number): number => (h >> 10 ? 2 ** ((h >> 10) - 15) * (1 + (h & 1023) / 1024) : h * 2 ** -24)
  const x: number[] = []
  const want: number[] = []
  for (let h = 0; h < 0x7bff; h += 7) {
    const middle = (value(h) + value(h + 1)) / 2
    x.push(middle, middle * (1 - 2 ** -20), middle * (1 + 2 ** -20))
    want.push(h & 1 ? h + 1 : h, h, h + 1)
  }
  const narrowed = (mode: string, sign: number): number[] => {
    const y = new Uint16Array(x.length)
    const body = `mul.wide.u32 %rd3, %r3, 4; add.s64 %rd3, %rd1, %rd3; mul.wide.u32 %rd4, %r3, 2; add.s64 %rd4, %rd2, %rd4;
ld.global.f32 %f1, [%rd3]; cvt.${mode}.f16.f32 %rs1, %f1; st.global.b16 [%rd4], %rs1;`
    const input = Float32Array.from(x, (v) => v * sign)
    launchOn(device, handwritten(body), 'k', { grid: y.length, block: 1 }, [{ input }, { output: y }])
    return Array.from(y, (h) => h & 0x7fff)
  }
  expect(narrowed('rn', 1)).toEqual(want)
  expect(narrowed('rn', -1)).toEqual(want)
  const below = x.map((_, k) => 7 * Math.floor(k / 3))
  expect(narrowed('rz', -1)).toEqual(below)
  expect(narrowed('rm', 1)).toEqual(below)
  expect(narrowed('rm', -1)).toEqual(below.map((h) => h + 1))
  expect(narrowed('rp', 1)).toEqual(below.map((h) => h + 1))
})

/** An integer instruction on rows of three words. */
const integers = (instruction: string, rows: readonly (readonly number[])[]): number[] => {
  const x = Uint32Array.from(rows.flatMap((row) => [row[0] ?? 0, row[1] ?? 0, row[2] ?? 0]))
  const y = new Uint32Array(rows.length)
  const body = `${perThread(4, 3)} ld.global.u32 %r4, [%rd3]; ld.global.u32 %r5, [%rd3+4]; ld.global.u32 %r6, [%rd3+8];
${instruction} st.global.u32 [%rd4], %r7;`
  launchOn(device, handwritten(body), 'k', { grid: rows.length, block: 1 }, [{ input: x }, { output: y }])
  return Array.from(y)
}

const big = 0x8765_4321
it('shifts beyond the width', () => {
  const amounts = [0, 1, 31, 32, 33, 64, 255, 0xffffffff].map((amount) => [big, amount])
  expect(integers('shl.b32 %r7, %r4, %r5;', amounts)).toEqual([big, 0x0eca8642, 0x80000000, 0, 0, 0, 0, 0])
  expect(integers('shr.u32 %r7, %r4, %r5;', amounts)).toEqual([big, 0x43b2a190, 1, 0, 0, 0, 0, 0])
  const ones = 0xffffffff
  expect(integers('shr.s32 %r7, %r4, %r5;', amounts)).toEqual([big, 0xc3b2a190, ones, ones, ones, ones, ones, ones])
  const half = 'cvt.u16.u32 %rs1, %r4; shr.s16 %rs2, %rs1, %r5; cvt.u32.u16 %r7, %rs2;'
  expect(
    integers(half, [
      [0x8000, 3],
      [0x8000, 16],
      [0x7fff, 15],
    ]),
  ).toEqual([0xf000, 0xffff, 0])
  const long = 'cvt.s64.s32 %rd5, %r4; shr.s64 %rd5, %rd5, %r5; shr.u64 %rd6, %rd5, 32; cvt.u32.u64 %r7, %rd6;'
  expect(
    integers(long, [
      [big, 64],
      [1, 64],
      [big, 8],
    ]),
  ).toEqual([ones, 0, ones])
  expect(
    integers('shf.l.wrap.b32 %r7, %r4, %r5, %r6;', [
      [0x80000000, 1, 1],
      [1, 2, 33],
    ]),
  ).toEqual([3, 4])
  expect(
    integers('shf.r.clamp.b32 %r7, %r4, %r5, %r6;', [
      [1, 3, 1],
      [1, 7, 40],
    ]),
  ).toEqual([0x80000000, 7])
})

it('divides without a trap', () => {
  const rows = [
    [7, 0],
    [0x80000000, 0xffffffff],
    [0xfffffff9, 2],
    [7, 0xfffffffe],
  ]
  expect(integers('div.s32 %r7, %r4, %r5;', rows)).toEqual([0xffffffff, 0x80000000, 0xfffffffd, 0xfffffffd])
  expect(integers('rem.s32 %r7, %r4, %r5;', rows)).toEqual([7, 0, 0xffffffff, 1])
  expect(integers('div.u32 %r7, %r4, %r5;', rows)).toEqual([0xffffffff, 0, 0x7ffffffc, 0])
})

it('products: high, wide, added', () => {
  const rows = [
    [0xffffffff, 0xffffffff, 5],
    [0x80000000, 2, 0],
  ]
  expect(integers('mul.hi.u32 %r7, %r4, %r5;', rows)).toEqual([0xfffffffe, 1])
  expect(integers('mul.hi.s32 %r7, %r4, %r5;', rows)).toEqual([0, 0xffffffff])
  expect(integers('mad.hi.u32 %r7, %r4, %r5, %r6;', rows)).toEqual([3, 1])
  const wide = 'mul.wide.s32 %rd5, %r4, %r5; mul.hi.s64 %rd6, %rd5, %rd5; mov.b64 {%r8, %r7}, %rd6;'
  expect(
    integers(wide, [
      [0x80000000, 0x80000000],
      [3, 5],
    ]),
  ).toEqual([0x10000000, 0])
  const high = 'mov.b64 %rd5, {%r4, %r5}; mul.hi.u64 %rd6, %rd5, %rd5; mov.b64 {%r8, %r7}, %rd6;'
  expect(integers(high, [[0, 0x80000000]])).toEqual([0x40000000])
})

it('fields, bytes and bits', () => {
  expect(
    integers('bfe.u32 %r7, %r4, %r5, %r6;', [
      [big, 4, 8],
      [big, 28, 8],
      [big, 0, 0],
      [big, 40, 8],
    ]),
  ).toEqual([0x32, 8, 0, 0])
  expect(
    integers('bfe.s32 %r7, %r4, %r5, %r6;', [
      [big, 28, 8],
      [big, 0, 4],
      [0x80, 4, 4],
      [big, 40, 8],
    ]),
  ).toEqual([0xfffffff8, 1, 0xfffffff8, 0xffffffff])
  expect(integers('bfi.b32 %r7, %r4, %r5, 8, 8;', [[0xab, big]])).toEqual([0x8765ab21])
  expect(
    integers('prmt.b32 %r7, %r4, %r5, %r6;', [
      [0x03020180, 0x07060504, 0x7081],
      [1, 2, 0x5410],
    ]),
  ).toEqual([0x0780ff01, 0x00020001])
  expect(integers('clz.b32 %r7, %r4;', [[0], [1], [big]])).toEqual([32, 31, 0])
  expect(integers('popc.b32 %r7, %r4;', [[0], [big]])).toEqual([0, 13])
  expect(integers('brev.b32 %r7, %r4;', [[1], [0x12345678]])).toEqual([0x80000000, 0x1e6a2c48])
  expect(integers('bfind.u32 %r7, %r4;', [[0], [1], [big]])).toEqual([0xffffffff, 0, 31])
  expect(integers('bfind.s32 %r7, %r4;', [[0xffffffff], [0xfffffff0]])).toEqual([0xffffffff, 3])
  expect(integers('lop3.b32 %r7, %r4, %r5, %r6, 0xe8;', [[0b1100, 0b1010, 0b0110]])).toEqual([0b1110])
  expect(
    integers('slct.u32.s32 %r7, %r4, %r5, %r6;', [
      [1, 2, 0],
      [1, 2, 0xffffffff],
    ]),
  ).toEqual([1, 2])
})

it('sums that stop at the ends of their range, distances, opposites of truth, amounts to the top', () => {
  const [most, least] = [0x7fffffff, 0x80000000]
  expect(
    integers('add.sat.s32 %r7, %r4, %r5;', [
      [most, 1],
      [least, 0xffffffff],
      [5, 6],
    ]),
  ).toEqual([most, least, 11])
  expect(
    integers('sub.sat.s32 %r7, %r4, %r5;', [
      [least, 1],
      [most, 0xffffffff],
      [5, 6],
    ]),
  ).toEqual([least, most, 0xffffffff])
  expect(
    integers('sad.s32 %r7, %r4, %r5, %r6;', [
      [0xffffffff, 1, 10],
      [7, 3, 0],
    ]),
  ).toEqual([12, 4])
  expect(integers('sad.u32 %r7, %r4, %r5, %r6;', [[0xffffffff, 1, 1]])).toEqual([0xffffffff])
  expect(integers('cnot.b32 %r7, %r4;', [[0], [5]])).toEqual([1, 0])
  expect(integers('bfind.shiftamt.u32 %r7, %r4;', [[0], [1], [big]])).toEqual([0xffffffff, 31, 0])
  expect(integers('bfind.shiftamt.s32 %r7, %r4;', [[0xffffffff], [0xfffffff0]])).toEqual([0xffffffff, 28])
})

it('integers with their carriers: signs, saturation, halves of registers', () => {
  expect(integers('cvt.s32.s8 %r7, %r4;', [[0x180], [0x17f]])).toEqual([0xffffff80, 0x7f])
  expect(integers('cvt.sat.u8.s32 %r7, %r4;', [[300], [0xffffffff], [7]])).toEqual([255, 0, 7])
  expect(integers('cvt.sat.s16.s32 %r7, %r4;', [[40_000], [0xffff0000]])).toEqual([0x7fff, 0xffff8000])
  expect(integers('cvt.u16.u32 %rs1, %r4; add.s16 %rs1, %rs1, -1; cvt.u32.u16 %r7, %rs1;', [[0], [5]])).toEqual([0xffff, 4])
  expect(integers('min.s32 %r7, %r4, %r5;', [[0xffffffff, 1]])).toEqual([0xffffffff])
  expect(integers('min.u32 %r7, %r4, %r5;', [[0xffffffff, 1]])).toEqual([1])
  expect(integers('abs.s32 %r7, %r4;', [[0xfffffffe], [0x80000000]])).toEqual([2, 0x80000000])
  const both = 'setp.lt.s32 %p1|%p2, %r4, %r5; selp.u32 %r7, 1, 0, %p1; @%p2 add.u32 %r7, %r7, 2;'
  expect(
    integers(both, [
      [1, 2],
      [2, 1],
    ]),
  ).toEqual([1, 2])
})

it('floats to integers: each rounding, saturation, NaN', () => {
  const values = [2.5, 3.5, -2.5, 0.99, -0.5, 1e10, -1e10, Number.NaN]
  const rows = values.map((value) => [new Uint32Array(Float32Array.of(value).buffer)[0]!])
  const signed = (mode: string): number[] => integers(`mov.b32 %f1, %r4; cvt.${mode}.s32.f32 %r7, %f1;`, rows).map((v) => v | 0)
  expect(signed('rni')).toEqual([2, 4, -2, 1, 0, 2 ** 31 - 1, -(2 ** 31), 0])
  expect(signed('rzi')).toEqual([2, 3, -2, 0, 0, 2 ** 31 - 1, -(2 ** 31), 0])
  expect(signed('rmi')).toEqual([2, 3, -3, 0, -1, 2 ** 31 - 1, -(2 ** 31), 0])
  expect(signed('rpi')).toEqual([3, 4, -2, 1, 0, 2 ** 31 - 1, -(2 ** 31), 0])
  expect(integers('mov.b32 %f1, %r4; cvt.rzi.u32.f32 %r7, %f1;', rows)).toEqual([2, 3, 0, 0, 0, 2 ** 32 - 1, 0, 0])
  const up = integers('cvt.rp.f32.s32 %f1, %r4; mov.b32 %r7, %f1;', [[0x1000001], [0xfefffffd]])
  expect(Array.from(floatsOf(Uint32Array.from(up)))).toEqual([16_777_218, -16_777_218 - 0 + 0])
})

it('compares NaNs as PTX does', () => {
  const [nan, one] = [0x7fc00000, 0x3f800000]
  const results = (how: string): number[] =>
    integers(`mov.b32 %f1, %r4; mov.b32 %f2, %r5; setp.${how}.f32 %p1, %f1, %f2; selp.u32 %r7, 1, 0, %p1;`, [
      [nan, one],
      [one, one],
      [0, one],
    ])
  const expected = { eq: '010', ne: '001', lt: '001', le: '011', gt: '000', ge: '010', num: '011', nan: '100' }
  for (const [how, want] of Object.entries(expected)) expect([how, results(how).join('')]).toEqual([how, want])
  for (const [how, want] of Object.entries({ equ: '110', neu: '101', ltu: '101', leu: '111', gtu: '100', geu: '110' }))
    expect([how, results(how).join('')]).toEqual([how, want])
})

it('halves in pairs', () => {
  expect(integers('add.f16x2 %r7, %r4, %r5;', [[0x40003c00, 0x3c003c00]])).toEqual([0x42004000])
  expect(integers('fma.rn.f16x2 %r7, %r4, %r5, %r6;', [[0x40003c00, 0x40003c00, 0x3c000001]])).toEqual([0x45003c00])
  expect(integers('max.f16x2 %r7, %r4, %r5;', [[0x7e003c00, 0x3c004000]])).toEqual([0x3c004000])
  expect(integers('neg.f16x2 %r7, %r4;', [[0x3c00bc00]])).toEqual([0xbc003c00])
  expect(integers('mov.b32 %f1, %r4; mov.b32 %f2, %r5; cvt.rn.bf16x2.f32 %r7, %f1, %f2;', [[0x3f800000, 0x40000000]])).toEqual([
    0x3f804000,
  ])
})

it('halves: atomics, approximations, products and sums below zero', () => {
  const sums = (instruction: string, value: number): number => {
    const y = new Uint32Array(1)
    launchOn(device, handwritten(`mov.u32 %r4, ${value}; cvt.u16.u32 %rs1, %r4; ${instruction}`), 'k', { grid: 2, block: 20 }, [
      { input: y },
      { both: y },
    ])
    return y[0]!
  }
  // Forty times (1, 0.5): (40, 20).
  expect(sums('red.global.add.noftz.f16x2 [%rd2], %r4;', 0x38003c00)).toBe(0x4d005100)
  expect(sums('atom.global.add.noftz.bf16x2 %r5, [%rd2], %r4;', 0x3f003f80)).toBe(0x41a04220)
  expect(sums('atom.add.noftz.f16 %rs2, [%rd2], %rs1;', 0x3c00)).toBe(0x5100)
  expect(integers('ex2.approx.f16x2 %r7, %r4;', [[0x4200bc00]])).toEqual([0x48003800])
  expect(integers('tanh.approx.bf16x2 %r7, %r4;', [[0x00004270]])).toEqual([0x00003f80])
  expect(integers('fma.rn.relu.f16x2 %r7, %r4, %r5, %r6;', [[0x3c00bc00, 0x40004000, 0x3c003c00]])).toEqual([0x42000000])
})
