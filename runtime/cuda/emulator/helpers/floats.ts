/** Float arithmetic that WebAssembly lacks or does differently, as functions of its own: fused, narrow, flushed, saturated. */
import { Code, type FunctionBody, type ValueType } from '../wasm.ts'
import { signature } from './imports.ts'

const body = (params: string, results: string, locals: readonly ValueType[], code: Code): FunctionBody => ({
  ...signature(params, results),
  locals,
  code,
})

/** The error of s = a + b, all in locals: Knuth's two-sum, (a - (s - t)) + (b - t) with t = s - a. Leaves it on the stack. */
const pushTwoSumError = (code: Code, a: number, b: number, s: number, t: number): void => {
  code.get(s).get(a).op('f64.sub').set(t)
  code.get(a).get(s).get(t).op('f64.sub', 'f64.sub')
  code.get(b).get(t).op('f64.sub', 'f64.add')
}

/** Moves local s, a rounded sum whose error is known, to the neighbour with an odd significand: "rounded to odd". */
const roundToOdd = (code: Code, s: number, error: number): void => {
  code.get(error).f64(0n).op('f64.ne').get(error).get(error).op('f64.eq', 'i32.and')
  code.get(s).op('i64.reinterpret_f64').i64(1n).op('i64.and', 'i64.eqz', 'i32.and')
  code.if()
  code.get(s).op('i64.reinterpret_f64').i64(1n).i64(-1n)
  code.get(error).f64(0n).op('f64.gt').get(s).f64(0n).op('f64.gt', 'i32.eq', 'select', 'i64.add', 'f64.reinterpret_i64').set(s)
  code.op('end')
}

/**
 * a * b + c for a product that float64 holds exactly, rounded to odd: then rounding it once more, to float32 or narrower,
 * cannot go wrong, since 53 bits are more than 24 + 2 (Boldo and Melquiond, 2008).
 */
export const fmaToOdd = (): FunctionBody => {
  const code = new Code()
  const [a, b, c, product, sum, t, error] = [0, 1, 2, 3, 4, 5, 6]
  code.get(a).get(b).op('f64.mul').tee(product).get(c).op('f64.add').set(sum)
  pushTwoSumError(code, product, c, sum, t)
  code.set(error)
  roundToOdd(code, sum, error)
  code.get(sum)
  return body('f64 f64 f64', 'f64', ['f64', 'f64', 'f64', 'f64'], code)
}

/**
 * (a, b, c, direction): a * b + c of float32 numbers, rounded once towards zero (1), down (2) or up (3). The sum in float64
 * with its error is exact, and says on which side of its rounding to the nearest it lies; the neighbour there is the result.
 */
export const fmaDirected = (): FunctionBody => {
  const code = new Code()
  const [a, b, c, direction, product, sum, t, error, nearest, down] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const sign = (x: number): Code => code.get(x).op('i64.reinterpret_f64').i64(63n).op('i64.shr_u', 'i32.wrap_i64')
  code.get(a).get(b).op('f64.mul').tee(product).get(c).op('f64.add').set(sum)
  pushTwoSumError(code, product, c, sum, t)
  code.set(error)
  // An exact zero is negative when rounding down, unless both parts are positive.
  code.get(sum).f64(0n).op('f64.eq').get(direction).i32(2).op('i32.eq', 'i32.and').if()
  sign(product)
  sign(c)
  code.op('i32.or').if().f32(0x8000_0000n).op('return', 'end', 'end')
  code.get(sum).op('f32.demote_f64').set(nearest)
  // Towards zero is down for a positive sum, up for a negative one.
  code.get(direction).i32(2).op('i32.eq').get(direction).i32(1).op('i32.eq')
  sign(sum)
  code.op('i32.eqz', 'i32.and', 'i32.or').set(down)
  const pushMore = (greater: 'f64.gt' | 'f64.lt'): void => {
    // Whether the nearest lies beyond the exact sum.
    code.get(nearest).op('f64.promote_f32').get(sum).op(greater)
    code.get(nearest).op('f64.promote_f32').get(sum).op('f64.eq').f64(0n).get(error).op(greater, 'i32.and', 'i32.or')
  }
  code.get(down).if('i32')
  pushMore('f64.gt')
  code.op('else')
  pushMore('f64.lt')
  code.op('end').if()
  // The neighbour: the bits count away from zero, and beside zero lies the least number.
  code.get(nearest).f32(0n).op('f32.eq').if('i32')
  code.i32(-0x7fff_ffff).i32(1).get(down).op('select', 'else')
  code.get(nearest).op('i32.reinterpret_f32').i32(-1).i32(1)
  code.get(nearest).f32(0n).op('f32.gt').get(down).op('i32.eq', 'select', 'i32.add', 'end', 'f32.reinterpret_i32').set(nearest)
  code.op('end').get(nearest)
  return body('f64 f64 f64 i32', 'f32', ['f64', 'f64', 'f64', 'f64', 'f32', 'i32'], code)
}

/** The halves of local x, of 26 bits each, so that products of halves are exact (Veltkamp). */
const splitInHalves = (code: Code, x: number, high: number, low: number): void => {
  const veltkamp = 0x41a0_0000_0200_0000n
  code.f64(veltkamp).get(x).op('f64.mul').tee(high).get(high).get(x).op('f64.sub', 'f64.sub').set(high)
  code.get(x).get(high).op('f64.sub').set(low)
}

/** Leaves whether the exponent of local x is extreme, as zero's is: error terms might overflow or underflow. */
const pushIsExtreme = (code: Code, x: number): void => {
  // Exponents from -299 to 299, moved to begin at zero.
  code.get(x).op('i64.reinterpret_f64').i64(52n).op('i64.shr_u', 'i32.wrap_i64').i32(0x7ff).op('i32.and')
  code
    .i32(1023 - 299)
    .op('i32.sub')
    .i32(598)
    .op('i32.gt_u')
}

/**
 * a * b + c in float64, rounded once: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums" (2008). Where
 * an exponent is extreme, exact integers do it, in JavaScript.
 */
export const fmaF64 = (exact: number): FunctionBody => {
  const code = new Code()
  const [a, b, c, ah, al, bh, bl, product, rest, low, high, t, lowError] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
  for (const x of [a, b, c]) pushIsExtreme(code, x)
  code.get(c).f64(0n).op('f64.ne', 'i32.and', 'i32.or', 'i32.or').if('f64')
  // A product with zero is exact.
  code.get(a).f64(0n).op('f64.eq').get(b).f64(0n).op('f64.eq', 'i32.or').if('f64')
  code.get(a).get(b).op('f64.mul').get(c).op('f64.add', 'else').get(a).get(b).get(c).call(exact).op('end', 'else')
  splitInHalves(code, a, ah, al)
  splitInHalves(code, b, bh, bl)
  code.get(a).get(b).op('f64.mul').set(product)
  // rest = al bl - (((product - ah bh) - al bh) - ah bl), which is a b - product.
  code.get(al).get(bl).op('f64.mul')
  code.get(product).get(ah).get(bh).op('f64.mul', 'f64.sub').get(al).get(bh).op('f64.mul', 'f64.sub')
  code.get(ah).get(bl).op('f64.mul', 'f64.sub', 'f64.sub').set(rest)
  code.get(c).get(rest).op('f64.add').set(low)
  pushTwoSumError(code, c, rest, low, t)
  code.set(lowError)
  code.get(product).get(low).op('f64.add').set(high)
  pushTwoSumError(code, product, low, high, t)
  // The errors' own sum is rounded to odd; `rest` and `low` are free again.
  code.tee(low).get(lowError).op('f64.add').set(rest)
  pushTwoSumError(code, low, lowError, rest, t)
  code.set(t)
  roundToOdd(code, rest, t)
  code.get(high).get(rest).op('f64.add', 'end')
  return body(
    'f64 f64 f64',
    'f64',
    Array.from({ length: 10 }, () => 'f64' as const),
    code,
  )
}

/** `.ftz`: subnormal numbers are zeros of their sign; a NaN stays. */
export const flush = (): FunctionBody => {
  const code = new Code()
  const leastNormal = 0x0080_0000n
  code.get(0).f32(0n).get(0).op('f32.copysign')
  code.get(0).op('f32.abs').f32(leastNormal).op('f32.lt', 'i32.eqz', 'select')
  return body('f32', 'f32', [], code)
}

/** `.sat`: into 0 to 1, a NaN becoming 0. */
export const saturate = (type: 'f32' | 'f64'): FunctionBody => {
  const code = new Code()
  const one = type === 'f32' ? 0x3f80_0000n : 0x3ff0_0000_0000_0000n
  code.get(0)[type](0n).op(`${type}.max`)[type](one).op(`${type}.min`)[type](0n)
  code.get(0).get(0).op(`${type}.eq`, 'select')
  return body(type, type, [], code)
}

/** A half's sixteen bits to a float32: moved in place they are 2^112 too small, subnormal numbers too. */
export const f16ToF32 = (): FunctionBody => {
  const code = new Code()
  const [bits, size] = [0, 1]
  const sign = (): void => {
    code.get(bits).i32(0x8000).op('i32.and').i32(16).op('i32.shl')
  }
  code.get(bits).i32(0x7fff).op('i32.and').i32(13).op('i32.shl').set(size)
  code.get(bits).i32(0x7c00).op('i32.and').i32(0x7c00).op('i32.eq').if('i32')
  code.get(size).i32(0x7f80_0000).op('i32.or', 'else')
  code.get(size).op('f32.reinterpret_i32').f32(0x7780_0000n).op('f32.mul', 'i32.reinterpret_f32', 'end')
  sign()
  code.op('i32.or', 'f32.reinterpret_i32')
  return body('i32', 'f32', ['i32'], code)
}

/** A float64 to sixteen bits, to the nearest with ties to even; a NaN becomes 0x7fff, as on a GPU. */
export const toHalf = (fraction: number, bias: number): FunctionBody => {
  const code = new Code()
  const [x, size, bits] = [0, 1, 2]
  const power = (exponent: number): bigint => BigInt(1023 + exponent) << 52n
  const cut = BigInt(52 - fraction)
  const infinity = ((1 << (15 - fraction)) - 1) << fraction
  // Midway between the greatest number and the next power of two.
  const overflow = (BigInt(1023 + bias) << 52n) | (((1n << BigInt(fraction + 1)) - 1n) << (cut - 1n))
  code.get(x).op('f64.abs').set(size)
  code.get(x).get(x).op('f64.ne').if('i32').i32(0x7fff).op('else')
  code.get(size).f64(overflow).op('f64.ge').if('i32').i32(infinity).op('else')
  code
    .get(size)
    .f64(power(1 - bias))
    .op('f64.lt')
    .if('i32')
  // Subnormal: an integer in units of the least number.
  code
    .get(size)
    .f64(power(bias - 1 + fraction))
    .op('f64.mul', 'f64.nearest', 'i32.trunc_sat_f64_u', 'else')
  code.get(size).op('i64.reinterpret_f64').tee(bits)
  code
    .get(bits)
    .i64(cut)
    .op('i64.shr_u')
    .i64(1n)
    .op('i64.and')
    .i64((1n << (cut - 1n)) - 1n)
    .op('i64.add', 'i64.add')
  code
    .i64(cut)
    .op('i64.shr_u', 'i32.wrap_i64')
    .i32((1023 - bias) << fraction)
    .op('i32.sub', 'end', 'end')
  code.get(x).op('i64.reinterpret_f64').i64(48n).op('i64.shr_u', 'i32.wrap_i64').i32(0x8000).op('i32.and', 'i32.or', 'end')
  return body('f64', 'i32', ['f64', 'i64'], code)
}
