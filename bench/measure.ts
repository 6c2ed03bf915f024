/**
 * Timing of several contenders side by side. They take turns in one process, each round in another order, so that what
 * disturbs the machine for a while disturbs them all; medians and quartiles are of the rounds.
 */
import { quantile } from '../runtime/tuner/quantile.ts'

export interface Contender {
  readonly name: string
  run(): void | Promise<void>
}

/** Milliseconds a call. */
export interface Timing {
  readonly name: string
  readonly median: number
  readonly lower: number
  readonly upper: number
  readonly rounds: number
}

export interface MeasureOptions {
  /** Time for the rounds of all contenders together, in milliseconds; the number of rounds follows from it. */
  readonly budget: number
  readonly minRounds: number
  readonly maxRounds: number
}

export const thorough: MeasureOptions = { budget: 4000, minRounds: 7, maxRounds: 31 }
export const quick: MeasureOptions = { budget: 400, minRounds: 3, maxRounds: 5 }

/** A contender slower than this takes part in the first few rounds only: its distance is plain, and its rounds cost minutes. */
const tooSlow = 1000
const roundsOfTheSlow = 3

/**
 * A sample shorter than this is mostly the clock, the scheduler, and caches that the contender before has left cold: short
 * calls are timed several at once.
 */
const shortestSample = 15

export const summarise = (name: string, samples: readonly number[]): Timing => {
  const sorted = [...samples].sort((a, b) => a - b)
  return {
    name,
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
    rounds: sorted.length,
  }
}

const timeCalls = async (contender: Contender, calls: number): Promise<number> => {
  const start = performance.now()
  for (let i = 0; i < calls; i++) {
    const pending = contender.run()
    // Awaiting what is no promise would charge a turn of the event loop to those that do not need it.
    if (pending) await pending
  }
  return (performance.now() - start) / calls
}

/** Ten calls or 200 ms, and three calls at least: the optimiser replaces a long first call only while it runs. */
const warmUp = async (contender: Contender): Promise<number> => {
  const start = performance.now()
  let last = 0
  for (let calls = 0; calls < 3 || (calls < 10 && performance.now() - start < 200); calls++) {
    last = await timeCalls(contender, 1)
    if (last > tooSlow) break
  }
  return last
}

export const measure = async (contenders: readonly Contender[], options: MeasureOptions): Promise<Map<string, Timing>> => {
  const calls: number[] = []
  const slow: boolean[] = []
  let round = 0
  for (const contender of contenders) {
    const estimate = await warmUp(contender)
    const repeats = Math.max(1, Math.ceil(shortestSample / estimate))
    calls.push(repeats)
    slow.push(estimate > tooSlow)
    if (estimate <= tooSlow) round += estimate * repeats
  }
  const rounds = Math.min(options.maxRounds, Math.max(options.minRounds, Math.floor(options.budget / Math.max(round, 1))))
  const samples = contenders.map((): number[] => [])
  for (let r = 0; r < rounds; r++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (r + turn) % contenders.length
      const contender = contenders[index]
      if (slow[index] && r >= roundsOfTheSlow) continue
      if (contender) samples[index]?.push(await timeCalls(contender, calls[index] ?? 1))
    }
  }
  return new Map(contenders.map(({ name }, index) => [name, summarise(name, samples[index] ?? [])]))
}
