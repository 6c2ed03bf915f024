/** What translated code imports from JavaScript: the launch, which knows threads and findings, and arithmetic that is rare. */
import type { Signature, ValueType } from '../wasm.ts'

export const signature = (params: string, results: string): Signature => ({
  params: params.split(' ').filter(Boolean) as ValueType[],
  results: results.split(' ').filter(Boolean) as ValueType[],
})

/** By the launch. What concerns an instruction takes its number first. */
const ofLaunch = {
  /** An address, what is done there (see `access.ts`), and how far the trace has come. */
  fault: signature('i32 i64 i32 i32', ''),
  /** A line of the trace, an address, with whom it races, and whether that one wrote. */
  raced: signature('i32 i32 i32 i32', ''),
  /** How far the trace has come, and from where it may go on. */
  drain: signature('i32', 'i32'),
  outOfFuel: signature('', ''),
  trap: signature('i32', ''),
  /** To, from, bytes. */
  copyLater: signature('i32 i32 i32 i32', ''),
  /** To, from, bytes, how many of them are read, and how far the trace has come. */
  copyPart: signature('i32 i32 i64 i32 i32 i32', ''),
  closeCopies: signature('', ''),
  /** How many of the youngest groups may still be under way. */
  awaitCopies: signature('i32', ''),
} as const satisfies Record<string, Signature>

const ofArithmetic = {
  pow: signature('f64 f64', 'f64'),
  lg2: signature('f64', 'f64'),
  sin: signature('f64', 'f64'),
  cos: signature('f64', 'f64'),
  tanh: signature('f64', 'f64'),
  fmaF64Exact: signature('f64 f64 f64', 'f64'),
  addRounded: signature('f64 f64 i32', 'f64'),
  mulRounded: signature('f64 f64 i32', 'f64'),
  fmaRounded: signature('f64 f64 f64 i32', 'f64'),
  /** The last two: whether the result is a float32, and the direction. */
  divRounded: signature('f64 f64 i32 i32', 'f64'),
  sqrtRounded: signature('f64 i32 i32', 'f64'),
  roundF32: signature('f64 i32', 'f64'),
  roundInteger: signature('i64 i32 i32 i32', 'f64'),
  roundF16: signature('f64 i32', 'i32'),
  roundBf16: signature('f64 i32', 'i32'),
} as const satisfies Record<string, Signature>

export const imports = { ...ofLaunch, ...ofArithmetic } as const

export type LaunchFunction = keyof typeof ofLaunch
export type ArithmeticFunction = keyof typeof ofArithmetic
export type ImportName = keyof typeof imports
