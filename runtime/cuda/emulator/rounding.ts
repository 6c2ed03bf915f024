/**
 * Rounding that WebAssembly does not have: to formats narrower than float64, in PTX's four directions, and of results that
 * float64 cannot hold exactly. WebAssembly itself rounds to the nearest, ties to even, and only to float32 and float64.
 */
import { type FloatFormat, stepAt } from '../../../dsl/half.ts'
import { storages } from '../../../dsl/storage.ts'

/** To the nearest with ties to even; towards zero; down; up. */
export type Rounding = 'rn' | 'rz' | 'rm' | 'rp'

export const formats: Readonly<Record<'f16' | 'bf16' | 'f32' | 'f64', FloatFormat>> = {
  f16: storages.float16,
  bf16: storages.bfloat16,
  f32: storages.float32,
  f64: storages.float64,
}

const float64 = new Float64Array(1)
const long = new BigInt64Array(float64.buffer)

/** An integer from a non-negative float64, rounded in a direction. */
const toInteger = (x: number, mode: Rounding, negative: boolean): number => {
  const below = Math.floor(x)
  const rest = x - below
  const up =
    mode === 'rn'
      ? rest > 0.5 || (rest === 0.5 && below % 2 === 1)
      : rest > 0 && (mode === 'rp' ? !negative : mode === 'rm' ? negative : false)
  return up ? below + 1 : below
}

/** Too large for a format: infinity, or the greatest finite number where the direction points towards zero. */
const overflow = (negative: boolean, mode: Rounding, { fractionBits, greatestExponent }: FloatFormat): number => {
  const infinite = mode === 'rn' || (mode === 'rp' && !negative) || (mode === 'rm' && negative)
  const size = infinite ? Number.POSITIVE_INFINITY : (2 - 2 ** -fractionBits) * 2 ** greatestExponent
  return negative ? -size : size
}

/** A float64 rounded to a narrower format (16 or 32 bits), as a float64. */
export const roundTo = (x: number, format: FloatFormat, mode: Rounding): number => {
  if (x === 0 || !Number.isFinite(x)) return x
  const negative = x < 0
  const ulp = stepAt(x, format)
  const size = toInteger(Math.abs(x) / ulp, mode, negative) * ulp
  if (size >= 2 ** (format.greatestExponent + 1)) return overflow(negative, mode, format)
  return negative ? -size : size
}

/** A finite float64 as significand * 2^exponent. */
const split = (x: number): { readonly significand: bigint; readonly exponent: number } => {
  float64[0] = x
  const bits = BigInt.asUintN(64, long[0]!)
  const field = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const size = field === 0 ? fraction : fraction | (1n << 52n)
  return { significand: x < 0 ? -size : size, exponent: Math.max(field, 1) - 1075 }
}

/** significand * 2^exponent, which may be of any length, rounded once. */
export const roundExact = (significand: bigint, exponent: number, format: FloatFormat, mode: Rounding): number => {
  const negative = significand < 0n
  const size = negative ? -significand : significand
  const bits = size.toString(2).length
  const drop = Math.max(bits - format.fractionBits - 1, format.leastExponent - format.fractionBits - exponent, 0)
  let kept = size >> BigInt(drop)
  if (drop > 0) {
    const rest = size - (kept << BigInt(drop))
    const half = 1n << BigInt(drop - 1)
    const up =
      mode === 'rn'
        ? rest > half || (rest === half && (kept & 1n) === 1n)
        : rest > 0n && (mode === 'rp' ? !negative : mode === 'rm' ? negative : false)
    if (up) kept++
  }
  const length = kept.toString(2).length
  if (kept > 0n && length + exponent + drop - 1 > format.greatestExponent) return overflow(negative, mode, format)
  // Two steps: 2^scale alone may lie beyond the range although the product does not.
  const scale = exponent + drop
  const value = Number(kept) * 2 ** Math.trunc(scale / 2) * 2 ** (scale - Math.trunc(scale / 2))
  return negative ? -value : value
}

/** a * b + c, rounded once. */
export const fmaExact = (a: number, b: number, c: number, format: FloatFormat, mode: Rounding): number => {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a * b + c
  if (!Number.isFinite(c)) return c
  const x = split(a)
  const y = split(b)
  const z = split(c)
  const exponent = Math.min(x.exponent + y.exponent, z.exponent)
  const sum =
    ((x.significand * y.significand) << BigInt(x.exponent + y.exponent - exponent)) +
    (z.significand << BigInt(z.exponent - exponent))
  if (sum !== 0n) return roundExact(sum, exponent, format, mode)
  // An exact zero. Zeros of one sign keep it; otherwise it is positive, but when rounding down.
  const product = a === 0 || b === 0 ? a * b : Number.NaN
  if (product === 0 && c === 0 && Object.is(product, c)) return c
  return mode === 'rm' ? -0 : 0
}

export const addRounded = (a: number, b: number, format: FloatFormat, mode: Rounding): number => fmaExact(a, 1, b, format, mode)

export const mulRounded = (a: number, b: number, format: FloatFormat, mode: Rounding): number =>
  a === 0 || b === 0 ? a * b : fmaExact(a, b, 0, format, mode)

/** Bits enough for the quotient and the root of any format, and then some. */
const spare = 128

/** A number of which not all bits are known, with one more bit that says whether the rest is nothing. */
const withRest = (bits: bigint, isExact: boolean): bigint => (bits << 1n) | (isExact ? 0n : 1n)

const sizeOf = (x: bigint): bigint => (x < 0n ? -x : x)

/** a / b, rounded once. */
export const divRounded = (a: number, b: number, format: FloatFormat, mode: Rounding): number => {
  if (a === 0 || b === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return a / b
  const [x, y] = [split(a), split(b)]
  const dividend = sizeOf(x.significand) << BigInt(spare)
  const divisor = sizeOf(y.significand)
  const quotient = withRest(dividend / divisor, dividend % divisor === 0n)
  return roundExact(a < 0 === b < 0 ? quotient : -quotient, x.exponent - y.exponent - spare - 1, format, mode)
}

/** The greatest integer whose square is not above another: Newton's method, from above. */
const rootOf = (square: bigint): bigint => {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2))
  for (;;) {
    const next = (root + square / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** The square root of a, rounded once. */
export const sqrtRounded = (a: number, format: FloatFormat, mode: Rounding): number => {
  if (!(a > 0) || !Number.isFinite(a)) return Math.sqrt(a)
  const { significand, exponent } = split(a)
  // An even exponent, so that it can be halved.
  const shift = 2 * spare + (exponent & 1)
  const square = significand << BigInt(shift)
  const root = rootOf(square)
  return roundExact(withRest(root, root * root === square), (exponent - shift) / 2 - 1, format, mode)
}
