/** All functions that translated code calls, by name: what runs often is WebAssembly itself, the rest comes from JavaScript. */
import type { FunctionBody } from '../wasm.ts'
import { f16ToF32, flush, fmaDirected, fmaF64, fmaToOdd, saturate, toHalf } from './floats.ts'
import { type ImportName, imports } from './imports.ts'
import { divide, extractBits, insertBits, multiplyHigh, permuteBytes, reverseBits } from './integers.ts'

const importIndex = (name: ImportName): number => Object.keys(imports).indexOf(name)

const bodies = {
  fmaToOdd: fmaToOdd(),
  fmaDirected: fmaDirected(),
  fmaF64: fmaF64(importIndex('fmaF64Exact')),
  flush: flush(),
  saturateF32: saturate('f32'),
  saturateF64: saturate('f64'),
  f16ToF32: f16ToF32(),
  toF16: toHalf(10, 15),
  toBf16: toHalf(7, 127),
  'i32.div_s': divide('i32', 'div_s'),
  'i32.div_u': divide('i32', 'div_u'),
  'i32.rem_s': divide('i32', 'rem_s'),
  'i32.rem_u': divide('i32', 'rem_u'),
  'i64.div_s': divide('i64', 'div_s'),
  'i64.div_u': divide('i64', 'div_u'),
  'i64.rem_s': divide('i64', 'rem_s'),
  'i64.rem_u': divide('i64', 'rem_u'),
  multiplyHighS: multiplyHigh(true),
  multiplyHighU: multiplyHigh(false),
  reverseBits: reverseBits(),
  permuteBytes: permuteBytes(),
  extractBitsS: extractBits(true),
  extractBitsU: extractBits(false),
  insertBits: insertBits(),
} as const satisfies Readonly<Record<string, FunctionBody>>

export type HelperName = ImportName | keyof typeof bodies | 'watch'

/** The helpers' bodies, in the order of their indices, behind the imports. */
export const helperBodies: readonly FunctionBody[] = Object.values(bodies)

const indices: ReadonlyMap<string, number> = new Map(
  [...Object.keys(imports), ...Object.keys(bodies), 'watch'].map((name, k) => [name, k]),
)

export const helperIndex = (name: HelperName): number => indices.get(name)!

/** The last of them: each kernel has a `watch` of its own (`races.ts`), and its own functions behind it. */
export const watchIndex = helperIndex('watch')
