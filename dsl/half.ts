/**
 * The two floats of 16 bits, float16 and bfloat16, as bits and as numbers. JavaScript has arrays of neither in every engine,
 * so tensors hold their bits. A double is rounded once: by way of float32, one that lies just beside the middle of two
 * neighbours would come to the middle first, and then to the wrong one.
 */

/** A binary format: the bits of its fraction, and the exponents of its least and greatest normal numbers. */
export interface FloatFormat {
  readonly fractionBits: number
  readonly leastExponent: number
  readonly greatestExponent: number
}

const view = new DataView(new ArrayBuffer(8))

/** The exponent of a number's leading bit: -1023 where a double is subnormal or 0, 1024 for infinities and NaN. */
const exponentOf = (x: number): number => {
  view.setFloat64(0, x)
  return ((view.getUint16(0) >> 4) & 0x7ff) - 1023
}

/** The step from a number to its neighbours in a format, away from 0; that of the greatest number for whatever lies beyond it. */
export const stepAt = (x: number, { fractionBits, leastExponent, greatestExponent }: FloatFormat): number =>
  2 ** (Math.min(Math.max(exponentOf(x), leastExponent), greatestExponent) - fractionBits)

/** 2^-1022 to 2^1023, since V8 takes longer for `2 ** x` than for all the rest of a conversion. */
const powers = Float64Array.from({ length: 2046 }, (_, k) => 2 ** (k - 1022))

/** The nearest integer, the even one of two. */
const roundToEven = (x: number): number => {
  const below = Math.floor(x)
  const rest = x - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/** All ones in the exponent, zeros in the fraction. */
const infinityOf = ({ fractionBits }: FloatFormat): number => 0x8000 - (1 << fractionBits)

/** The bits of the nearest number of a 16-bit format, the even one of two; every NaN becomes the one quiet NaN. */
export const toBits = (x: number, format: FloatFormat): number => {
  const { fractionBits, leastExponent } = format
  const infinity = infinityOf(format)
  if (Number.isNaN(x)) return infinity + (1 << (fractionBits - 1))
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0
  const exponent = Math.max(exponentOf(x), leastExponent)
  // Bits count steps from 0 on, 2^fractionBits of them for each exponent: so a sum that carries over is right as it is, into
  // the next exponent, from subnormal to normal, and to infinity.
  const steps = roundToEven(Math.abs(x) / powers[exponent - fractionBits + 1022]!)
  return sign | Math.min(infinity, steps + ((exponent - leastExponent) << fractionBits))
}

const fromBits = (bits: number, format: FloatFormat): number => {
  const { fractionBits, leastExponent } = format
  const size = bits & 0x7fff
  const sign = bits & 0x8000 ? -1 : 1
  const infinity = infinityOf(format)
  if (size >= infinity) return size > infinity ? Number.NaN : sign * Number.POSITIVE_INFINITY
  const exponent = size >> fractionBits
  const fraction = size & ((1 << fractionBits) - 1)
  const step = 2 ** (leastExponent - fractionBits)
  return sign * (exponent === 0 ? fraction * step : ((1 << fractionBits) + fraction) * step * 2 ** (exponent - 1))
}

const tables = new Map<FloatFormat, Float32Array>()

/** The number of each of the 65,536 patterns of a 16-bit format; float32 holds all of them exactly. */
export const numbersOf = (format: FloatFormat): Float32Array => {
  const known = tables.get(format)
  if (known) return known
  const made = Float32Array.from({ length: 0x1_0000 }, (_, bits) => fromBits(bits, format))
  tables.set(format, made)
  return made
}
