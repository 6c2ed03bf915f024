/** Exit codes, and the errors that mean one. */
import { PoolwrightError } from '../dsl/errors.ts'

export const exit = { done: 0, failed: 1, badInput: 2, cannot: 3, bug: 70 } as const
export type ExitCode = (typeof exit)[keyof typeof exit]

/** Flags or arguments that mean nothing: all that is wrong with them, a line each. */
export class UsageError extends PoolwrightError {
  override name = 'UsageError'
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
  }
}

/** Something that is asked for rightly, and that this machine or this version cannot do. */
export class CannotError extends PoolwrightError {
  override name = 'CannotError'
}
