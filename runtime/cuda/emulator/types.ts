/** PTX's scalar types, and how WebAssembly holds them: 16-bit values lie zero-extended in an i32, predicates are 0 or 1. */
import type { ValueType } from './wasm.ts'

const widths = {
  pred: 1,
  b8: 8,
  u8: 8,
  s8: 8,
  b16: 16,
  u16: 16,
  s16: 16,
  f16: 16,
  bf16: 16,
  b32: 32,
  u32: 32,
  s32: 32,
  f32: 32,
  f16x2: 32,
  bf16x2: 32,
  b64: 64,
  u64: 64,
  s64: 64,
  f64: 64,
} as const

export type ScalarType = keyof typeof widths

export const isScalarType = (text: string): text is ScalarType => Object.hasOwn(widths, text)

/** Bits. */
export const widthOf = (type: ScalarType): number => widths[type]
export const bytesOf = (type: ScalarType): number => Math.ceil(widths[type] / 8)
export const isSigned = (type: ScalarType): boolean => type.startsWith('s')

/** Whether a type is held as a floating-point value. Halves are not: they are bits until an instruction converts them. */
export const isFloat = (type: ScalarType): type is 'f32' | 'f64' => type === 'f32' || type === 'f64'
export const isHalf = (type: ScalarType): type is 'f16' | 'bf16' => type === 'f16' || type === 'bf16'

export const valueTypeOf = (type: ScalarType): ValueType => {
  if (isFloat(type)) return type
  return widths[type] === 64 ? 'i64' : 'i32'
}
