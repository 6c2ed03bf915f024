/** What a compiler's child process and its parent say to each other: plain data, since errors lose their class on the way. */
import type { Refused } from './diagnostics.ts'
import type { Compiled, CompileOptions } from './options.ts'

export interface CompileRequest {
  readonly source: string
  readonly options: CompileOptions
}

export type CompileAnswer =
  | { readonly kind: 'compiled'; readonly compiled: Compiled }
  /** The compiler's own refusal. */
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** Whatever else stood in the way, in words. */
  | { readonly kind: 'failed'; readonly reason: string }
