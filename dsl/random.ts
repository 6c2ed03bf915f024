/**
 * Random values that can be made again: Philox4x32-10 is a function of a seed, an index and a stream, so the backward pass
 * remakes what the forward pass drew, whatever the order of work. Targets differ in `log` and `cos`, so the polynomials for
 * them stand here with their coefficients: emitters write the same ones, and results agree but for rounding.
 */

/** Philox' multipliers and Weyl increments (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011). */
export const philoxConstants = {
  multiplier0: 0xd2511f53,
  multiplier1: 0xcd9e8d57,
  weyl0: 0x9e3779b9,
  weyl1: 0xbb67ae85,
  rounds: 10,
} as const

export type Words4 = readonly [number, number, number, number]

/** The high 32 bits of a product of unsigned words, from half words, since the whole product exceeds a double. */
const multiplyHigh = (a: number, b: number): number => {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  // Each of the three summands is below 2^32; their sum is the high word and so is below it too.
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0
}

/** Philox4x32-10: four random words from four words of counter and two of key, as Random123 has it. */
export const philox4x32 = (counter: Words4, key: readonly [number, number]): Words4 => {
  const { multiplier0, multiplier1, weyl0, weyl1, rounds } = philoxConstants
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0)
    const low0 = Math.imul(multiplier0, c0)
    const high1 = multiplyHigh(multiplier1, c2)
    const low1 = Math.imul(multiplier1, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1 >>> 0
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0 >>> 0
    k0 = (k0 + weyl0) >>> 0
    k1 = (k1 + weyl1) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** The first two words for an index (row-major, channels-first, over the axes that vary, taps last) and a stream. */
const draw = (seed: bigint, index: number, stream: number): Words4 =>
  philox4x32(
    [index >>> 0, Math.floor(index / 2 ** 32) >>> 0, stream, 0],
    [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)],
  )

/** What a word is shifted by and multiplied with: 24 bits, which float32 holds exactly. */
export const uniformScale = { shift: 8, scale: 2 ** -24 } as const

/** A uniform number in [0, 1) with 24 bits. */
export const uniform = (seed: bigint, index: number, stream: number): number =>
  (draw(seed, index, stream)[0] >>> uniformScale.shift) * uniformScale.scale

/**
 * The logarithm of m 2^e, sqrt(1/2) <= m < sqrt(2): e ln 2 + 2 s (1 + s^2 p(s^2)), s = (m - 1) / (m + 1), the series of
 * 2 atanh(s). With |s| < 0.1716 what is left out is below 1e-12. Lowest power first. ln 2 comes in two parts: the first has
 * few bits, so that its product with an exponent is exact in float32 too.
 */
export const logConstants = {
  sqrtHalf: Math.SQRT1_2,
  series: [1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13],
  ln2High: 0.693359375,
  ln2Low: -2.1219444005469057e-4,
} as const

/** cos(y) = 1 + y^2 c(y^2) and sin(y) = y (1 + y^2 s(y^2)) for |y| <= pi / 4: Taylor's, below 1e-12 there. Lowest power first. */
export const cosConstants = {
  quarterTurn: Math.PI / 2,
  cos: [-1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600],
  sin: [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800],
} as const

/** A polynomial by Horner's rule, lowest power first. */
const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduceRight((sum, c) => sum * x + c, 0)

/** log(k 2^-24) for an integer k of 1 to 2^24. */
export const logOfUniform = (k: number): number => {
  // The highest bit of an integer tells exponent and mantissa without looking into a float.
  let exponent = 31 - Math.clz32(k)
  let mantissa = k * 2 ** -exponent
  if (mantissa >= 2 * logConstants.sqrtHalf) {
    mantissa *= 0.5
    exponent++
  }
  const e = exponent - 24
  const s = (mantissa - 1) / (mantissa + 1)
  const s2 = s * s
  return e * logConstants.ln2High + (e * logConstants.ln2Low + 2 * s * (1 + s2 * polynomial(logConstants.series, s2)))
}

/** cos(2 pi k 2^-24) for an integer k of 0 to 2^24 - 1. */
export const cosOfTurn = (k: number): number => {
  // The nearest quarter turn is found in integers, so what is left is exact: -2^21 <= rest < 2^21 of 2^24.
  const quarter = (k + 0x200000) >> 22
  const rest = k - (quarter << 22)
  const y = rest * 2 ** -22 * cosConstants.quarterTurn
  const y2 = y * y
  const cos = 1 + y2 * polynomial(cosConstants.cos, y2)
  const sin = y * (1 + y2 * polynomial(cosConstants.sin, y2))
  const size = quarter & 1 ? sin : cos
  return ((quarter + 1) & 2) === 0 ? size : -size
}

/** A normal number of mean 0 and variance 1, by Box and Muller's cosine from the first two words. */
export const normal = (seed: bigint, index: number, stream: number): number => {
  const [word0, word1] = draw(seed, index, stream)
  return Math.sqrt(-2 * logOfUniform((word0 >>> uniformScale.shift) + 1)) * cosOfTurn(word1 >>> uniformScale.shift)
}
