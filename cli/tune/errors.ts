/** What ends a search, or a comparison, by what it means to whoever called: this machine cannot, or a kernel of ours is wrong. */
import { TrialError, WrongReferenceError } from '../../runtime/tuner/trial/errors.ts'
import { CannotError } from '../exit.ts'

/** Anything else is given back as it is. */
export const ofTrials = (error: unknown): unknown => {
  if (error instanceof TrialError) return new CannotError(error.message)
  return error instanceof WrongReferenceError ? new Error(error.message, { cause: error }) : error
}
