/** Numbers to sixteen-bit floats, in any direction: to the nearest, translated code rounds by itself. */
import { type Format, formats, type Rounding, roundTo } from './rounding.ts'

export type HalfType = 'f16' | 'bf16'

const float32 = new Float32Array(1)
const bits32 = new Uint32Array(float32.buffer)

/** What a GPU makes of a NaN. */
const canonicalNaN = 0x7fff

export const numberToHalf = (x: number, type: HalfType, mode: Rounding): number => {
  if (Number.isNaN(x)) return canonicalNaN
  const format: Format = formats[type]
  const rounded = roundTo(x, format, mode)
  if (type === 'bf16') {
    float32[0] = rounded
    return bits32[0]! >>> 16
  }
  const sign = Object.is(Math.sign(x), -0) || x < 0 ? 0x8000 : 0
  const size = Math.abs(rounded)
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00
  if (size < 2 ** -14) return sign | (size * 2 ** 24)
  const exponent = Math.floor(Math.log2(size))
  // log2 may round up just below a power of two.
  const exact = 2 ** exponent > size ? exponent - 1 : exponent
  return sign | ((exact + 15) << 10) | ((size / 2 ** exact - 1) * 1024)
}
