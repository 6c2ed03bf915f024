/** What trials are made for, and how long each may take, wherever they are. */
import type { Problem } from '../subject.ts'

export interface TrialsOptions {
  readonly problem: Problem
  /** Of the random numbers that kernels are tried on. */
  readonly seed: number
  /** The time of one candidate, compiling and all; half a minute by default. */
  readonly timeoutMs?: number
}

export const usualTimeoutMs = 30_000

/** What opening takes at the most: the oracle goes through its part, and a device may have to wake up. */
export const openTimeoutMs = 120_000
