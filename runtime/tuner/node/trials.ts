/** Where candidates are tried in Node: in a process of their own, but on a device that only this one has, such as a caller's. */
import type { Trials } from '../request.ts'
import { TrialsHere } from '../trial/here.ts'
import type { TrialsOptions } from '../trial/options.ts'
import type { Tuning } from '../tuning.ts'
import { TrialProcess } from './process.ts'

export const trialsIn = (tuning: Tuning, options: TrialsOptions): Trials => {
  const { where } = tuning
  return where ? new TrialProcess({ where, ...options }) : new TrialsHere(tuning, options)
}
