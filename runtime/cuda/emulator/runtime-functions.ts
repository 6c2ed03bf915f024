/** The JavaScript behind the arithmetic that is imported: what is rare, and the platform's own functions. */
import { numberToHalf } from './half.ts'
import type { ArithmeticFunction } from './helpers/imports.ts'
import {
  addRounded,
  divRounded,
  fmaExact,
  formats,
  mulRounded,
  type Rounding,
  roundExact,
  roundTo,
  sqrtRounded,
} from './rounding.ts'

const modes: readonly Rounding[] = ['rn', 'rz', 'rm', 'rp']
const modeOf = (index: number): Rounding => modes[index] ?? 'rn'
const formatOf = (isFloat32: number) => (isFloat32 ? formats.f32 : formats.f64)
const integerFormats = [formats.f64, formats.f32, formats.f16, formats.bf16]

/** Functions of values alone; the launch adds its own. */
export const arithmeticFunctions = {
  // As they are: engines know these, and call them without a detour through JavaScript.
  pow: Math.pow,
  sin: Math.sin,
  cos: Math.cos,
  lg2: Math.log2,
  tanh: Math.tanh,
  fmaF64Exact: (a: number, b: number, c: number) => fmaExact(a, b, c, formats.f64, 'rn'),
  // Float64 in a direction; float32 translated code does itself.
  addRounded: (a: number, b: number, mode: number) => addRounded(a, b, formats.f64, modeOf(mode)),
  mulRounded: (a: number, b: number, mode: number) => mulRounded(a, b, formats.f64, modeOf(mode)),
  fmaRounded: (a: number, b: number, c: number, mode: number) => fmaExact(a, b, c, formats.f64, modeOf(mode)),
  divRounded: (a: number, b: number, f32: number, mode: number) => divRounded(a, b, formatOf(f32), modeOf(mode)),
  sqrtRounded: (a: number, f32: number, mode: number) => sqrtRounded(a, formatOf(f32), modeOf(mode)),
  roundF32: (x: number, mode: number) => roundTo(x, formats.f32, modeOf(mode)),
  roundInteger: (x: bigint, signed: number, format: number, mode: number) =>
    x === 0n ? 0 : roundExact(signed ? x : BigInt.asUintN(64, x), 0, integerFormats[format]!, modeOf(mode)),
  roundF16: (x: number, mode: number) => numberToHalf(x, 'f16', modeOf(mode)),
  roundBf16: (x: number, mode: number) => numberToHalf(x, 'bf16', modeOf(mode)),
} satisfies Record<ArithmeticFunction, (...values: never[]) => number | bigint>
