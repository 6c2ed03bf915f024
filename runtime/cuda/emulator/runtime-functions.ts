/** The JavaScript behind the helpers that are imported: arithmetic that is rare, or that WebAssembly has not. */
import { extractBits, findLeading, insertBits, lookUp, multiplyHigh, permuteBytes, reverseBits } from './bits.ts'
import { halfToNumber, numberToHalf } from './half.ts'
import type { ImportName } from './helpers.ts'
import {
  addRounded,
  fmaExact,
  fmaFloat64,
  fmaToOdd,
  formats,
  mulRounded,
  type Rounding,
  roundExact,
  roundTo,
} from './rounding.ts'

const modes: readonly Rounding[] = ['rn', 'rz', 'rm', 'rp']
const modeOf = (index: number): Rounding => modes[index] ?? 'rn'
const formatOf = (isFloat32: number) => (isFloat32 ? formats.f32 : formats.f64)
const integerFormats = [formats.f64, formats.f32, formats.f16, formats.bf16]
const width = (bits: number): 32 | 64 => (bits === 64 ? 64 : 32)

export type LaunchFunction = 'fault' | 'traffic' | 'race' | 'outOfFuel' | 'trap'

/** Functions of values alone; the launch adds its own. */
export const arithmeticFunctions = {
  ex2: (x: number) => 2 ** x,
  lg2: Math.log2,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  fmaF64: fmaFloat64,
  fmaToOdd,
  addRounded: (a: number, b: number, f32: number, mode: number) => addRounded(a, b, formatOf(f32), modeOf(mode)),
  mulRounded: (a: number, b: number, f32: number, mode: number) => mulRounded(a, b, formatOf(f32), modeOf(mode)),
  fmaRounded: (a: number, b: number, c: number, f32: number, mode: number) => fmaExact(a, b, c, formatOf(f32), modeOf(mode)),
  roundF32: (x: number, mode: number) => roundTo(x, formats.f32, modeOf(mode)),
  roundInteger: (x: bigint, signed: number, format: number, mode: number) =>
    x === 0n ? 0 : roundExact(signed ? x : BigInt.asUintN(64, x), 0, integerFormats[format]!, modeOf(mode)),
  f16ToF32: (bits: number) => halfToNumber(bits, 'f16'),
  bf16ToF32: (bits: number) => halfToNumber(bits, 'bf16'),
  toF16: (x: number, mode: number) => numberToHalf(x, 'f16', modeOf(mode)),
  toBf16: (x: number, mode: number) => numberToHalf(x, 'bf16', modeOf(mode)),
  extractBits: (x: bigint, position: number, length: number, bits: number, signed: number) =>
    extractBits(x, position, length, width(bits), signed !== 0),
  insertBits: (x: bigint, base: bigint, position: number, length: number, bits: number) =>
    insertBits(x, base, position, length, width(bits)),
  reverseBits: (x: bigint, bits: number) => reverseBits(x, width(bits)),
  multiplyHighS: (a: bigint, b: bigint) => multiplyHigh(a, b, true),
  multiplyHighU: (a: bigint, b: bigint) => multiplyHigh(a, b, false),
  permuteBytes,
  lookUp,
  findLeading: (x: bigint, bits: number, signed: number) => findLeading(x, width(bits), signed !== 0),
} satisfies Record<Exclude<ImportName, LaunchFunction>, (...values: never[]) => number | bigint>
