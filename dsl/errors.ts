/** The errors that Poolwright throws for bad input: each names the value, the rule and the remedy. */
import type { Span } from './expression.ts'

/** What is wrong with one part of a formula. */
export interface Diagnostic {
  readonly message: string
  /** What to do about it. */
  readonly remedy?: string
  readonly span?: Span
}

/** Bad input of any kind: the command line prints its message and exits with 2. */
export class PoolwrightError extends Error {
  override name = 'PoolwrightError'
}

/** A geometry that breaks a rule, or does not fit a tensor. */
export class GeometryError extends PoolwrightError {
  override name = 'GeometryError'
}

/** A tensor, parameter, seed or schedule handed to a kernel that does not fit it. */
export class ArgumentError extends PoolwrightError {
  override name = 'ArgumentError'
}

/** A storage type that a target has not. */
export class StorageError extends ArgumentError {
  override name = 'StorageError'
}

/** A file that cannot be read or written: broken, of another kind, or larger than it may be. */
export class FileError extends PoolwrightError {
  override name = 'FileError'
}
