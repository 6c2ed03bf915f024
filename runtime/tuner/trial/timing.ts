/**
 * Timing a call. Short calls are timed several at once, since a sample must be longer than the clock's grain and the
 * scheduler's; inputs take turns, so that no cache holds what the next call reads.
 */
import { quantile } from '../quantile.ts'

/** Milliseconds: of a sample at the least, of all samples at the most. */
const limits = { sample: 4, all: 400 }

/**
 * Warming up ends when so many calls, and so many milliseconds, have brought nothing that is faster by this share; after so
 * many milliseconds it ends anyhow. V8 optimises on another thread, which takes long functions a second, and meanwhile runs a
 * form that is up to twenty times as slow.
 */
const warm = { calls: 4, still: 120, share: 0.1, most: 2000 }

/** Samples: as many as are wanted, and after how many a candidate that is clearly behind is left. */
const rounds = { most: 15, least: 3 }

/** This many times the best is clearly behind: more than two samples of one kernel ever differ on a quiet machine. */
const behind = 2

export interface Timing {
  readonly ms: number
  readonly lower: number
  readonly upper: number
  readonly hasty: boolean
}

export const timingOf = (samples: readonly number[], hasty = false): Timing => {
  const sorted = [...samples].sort((a, b) => a - b)
  return { ms: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75), hasty }
}

/** A call, and the clock. */
export interface Timed {
  readonly call: () => void
  readonly time: (work: () => void) => number
}

/** One call after the other. */
export const inTurn = (calls: readonly (() => void)[]): (() => void) => {
  let turn = 0
  return () => calls[turn++ % calls.length]!()
}

/** A sample: milliseconds of one of so many calls. */
const sampleOf = ({ call, time }: Timed, count: number): number =>
  time(() => {
    for (let k = 0; k < count; k++) call()
  }) / count

/** Warms up, and says how many calls make a sample that is long enough. */
export const warmUp = (timed: Timed): number => {
  let [fastest, spent, calls, since] = [Number.POSITIVE_INFINITY, 0, 0, 0]
  while (spent < warm.most && (calls < warm.calls || since < warm.still)) {
    const sample = sampleOf(timed, 1)
    spent += sample
    if (sample < (1 - warm.share) * fastest) [calls, since] = [0, 0]
    else [calls, since] = [calls + 1, since + sample]
    fastest = Math.min(fastest, sample)
  }
  return Math.max(1, Math.ceil(limits.sample / Math.max(fastest, 1e-3)))
}

/** @param best - the best time so far, in milliseconds: what is clearly slower is not measured to the end */
export const measure = (timed: Timed, best: number): Timing => {
  const count = warmUp(timed)
  const samples: number[] = []
  let spent = 0
  while (samples.length < rounds.least || (samples.length < rounds.most && spent < limits.all)) {
    const sample = sampleOf(timed, count)
    samples.push(sample)
    spent += sample * count
    const isBehind = samples.length >= rounds.least && Math.min(...samples) > behind * best
    // One sample of seconds says enough.
    if (isBehind || (sample > behind * best && spent > limits.all)) return timingOf(samples, true)
  }
  return timingOf(samples)
}

/** Times several side by side, a sample of each in turn, so that what disturbs the machine for a while disturbs them all. */
export const interleave = (all: readonly Timed[]): readonly Timing[] => {
  const counts = all.map(warmUp)
  const samples = all.map((): number[] => [])
  for (let round = 0; round < rounds.most; round++)
    for (let turn = 0; turn < all.length; turn++) {
      const k = (round + turn) % all.length
      samples[k]!.push(sampleOf(all[k]!, counts[k]!))
    }
  return samples.map((of) => timingOf(of))
}
