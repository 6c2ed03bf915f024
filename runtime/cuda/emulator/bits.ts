/** Operations on bits that WebAssembly lacks. They are rare in kernels, and plain JavaScript is easiest to check. */

/** Bits `position` to `position + length - 1` of a value of `width` bits, the sign extended where asked. */
export const extractBits = (value: bigint, position: number, length: number, width: 32 | 64, signed: boolean): bigint => {
  const from = BigInt(position & 0xff)
  const size = BigInt(length & 0xff)
  if (size === 0n) return 0n
  const top = BigInt(width - 1)
  const unsigned = BigInt.asUintN(width, value)
  const field = (unsigned >> from) & ((1n << size) - 1n)
  if (!signed) return field
  const last = from + size - 1n > top ? top : from + size - 1n
  const negative = ((unsigned >> last) & 1n) === 1n
  // Bits beyond the top are copies of the sign, and so is every bit of the result from the field's end on.
  const length_ = last - from + 1n
  return negative ? field | (-1n << (length_ > 0n ? length_ : 0n)) : field
}

/** `base` with the low `length` bits of `field` put in at `position`. */
export const insertBits = (field: bigint, base: bigint, position: number, length: number, width: 32 | 64): bigint => {
  const from = position & 0xff
  const size = length & 0xff
  if (size === 0 || from >= width) return base
  const mask = ((1n << BigInt(size)) - 1n) << BigInt(from)
  return (BigInt.asUintN(width, base) & ~mask) | ((BigInt.asUintN(width, field) << BigInt(from)) & mask)
}

export const reverseBits = (value: bigint, width: 32 | 64): bigint => {
  let reversed = 0n
  for (let k = 0; k < width; k++) reversed |= ((value >> BigInt(k)) & 1n) << BigInt(width - 1 - k)
  return reversed
}

/** The upper half of a product. */
export const multiplyHigh = (a: bigint, b: bigint, signed: boolean): bigint => {
  const cast = (x: bigint): bigint => (signed ? BigInt.asIntN(64, x) : BigInt.asUintN(64, x))
  return (cast(a) * cast(b)) >> 64n
}

/** `prmt`: each of four nibbles chooses one of eight bytes, or its sign. */
export const permuteBytes = (a: number, b: number, selector: number): number => {
  const byte = (k: number): number => ((k < 4 ? a >>> (8 * k) : b >>> (8 * (k - 4))) & 0xff) >>> 0
  let result = 0
  for (let k = 0; k < 4; k++) {
    const nibble = (selector >>> (4 * k)) & 0xf
    const chosen = byte(nibble & 7)
    result |= (nibble & 8 ? (chosen & 0x80 ? 0xff : 0) : chosen) << (8 * k)
  }
  return result
}

/** `lop3`: any logical function of three bits, as its truth table. */
export const lookUp = (a: number, b: number, c: number, table: number): number => {
  let result = 0
  for (let row = 0; row < 8; row++) if ((table >> row) & 1) result |= (row & 4 ? a : ~a) & (row & 2 ? b : ~b) & (row & 1 ? c : ~c)
  return result
}

/** `bfind`: the place of the leading bit that differs from the sign, -1 where there is none. */
export const findLeading = (value: bigint, width: 32 | 64, signed: boolean): number => {
  const cast = signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
  const size = cast < 0n ? ~cast : cast
  return size === 0n ? -1 : size.toString(2).length - 1
}
