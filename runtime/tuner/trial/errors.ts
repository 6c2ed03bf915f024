/** What ends a search: that what every candidate is held against cannot be trusted itself. */
import { PoolwrightError } from '../../../dsl/errors.ts'

/** The default kernel is not what the oracle says. Nothing is tuned then: this is a mistake in Poolwright. */
export class WrongReferenceError extends PoolwrightError {
  override name = 'WrongReferenceError'
}

/** The process that tries candidates cannot be had, or does not even come to the first. */
export class TrialError extends PoolwrightError {
  override name = 'TrialError'
}
