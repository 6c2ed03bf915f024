/**
 * Timing calls. Short ones are timed several at once, since a sample must be longer than the clock's grain and the scheduler's;
 * those that are compared take turns, so that what disturbs the machine for a while disturbs them all.
 */
import { quantile } from './quantile.ts'

/** Milliseconds that work takes. */
export type Clock = (work: () => void | Promise<void>) => number | Promise<number>

/** A call, and the clock that it is timed by. */
export interface Timed {
  readonly call: () => void | Promise<void>
  readonly time: Clock
  /** Milliseconds that the clock may be off by; 0 where this is absent. */
  readonly grain?: number
  /** Lets go of what is held for the call. */
  readonly release?: () => void
}

/** Milliseconds of a call: the median and quartiles of so many samples. */
export interface Timing {
  readonly ms: number
  readonly lower: number
  readonly upper: number
  readonly samples: number
}

/** How long is measured. */
export interface Pace {
  /** Milliseconds of a sample at the least. */
  readonly sample: number
  readonly rounds: { readonly least: number; readonly most: number }
  /** Milliseconds of all rounds, where these are no fewer than the least. */
  readonly total: number
}

/**
 * Warming up ends when so many calls, and so many milliseconds, have brought nothing that is faster by this share; after so
 * many milliseconds it ends anyhow. V8 optimises on another thread, which takes long functions a second, and meanwhile runs a
 * form that is up to twenty times as slow.
 */
const warm = { calls: 4, still: 120, share: 0.1, most: 2000 }

/** So many grains of its clock a sample lasts at the least: while a call is warmed up, and where its time is taken. */
const grains = { warm: 4, taken: 20 }

/** More calls in a sample would be of one that does nothing. */
const mostCalls = 4096

/** This many times the best is clearly behind: more than two samples of one kernel ever differ on a quiet machine. */
const behind = 2

/** Who takes longer for a call takes part in the first rounds only: its distance is plain, and its rounds would cost minutes. */
const slow = { ms: 1000, rounds: 3 }

export const timingOf = (samples: readonly number[]): Timing => {
  const sorted = [...samples].sort((a, b) => a - b)
  return { ms: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75), samples: samples.length }
}

export const wallClock: Clock = (work) => {
  const start = performance.now()
  const pending = work()
  return pending ? pending.then(() => performance.now() - start) : performance.now() - start
}

/** One call after the other, so that no cache holds what the next reads. */
export const inTurn = (calls: readonly Timed['call'][]): Timed['call'] => {
  let turn = 0
  return () => calls[turn++ % calls.length]!()
}

/** So many calls. To await what is no promise would charge a turn of the event loop to those that need none. */
const repeated = (call: Timed['call'], count: number): void | Promise<void> => {
  for (let k = 1; k <= count; k++) {
    const pending = call()
    if (pending) return pending.then(() => repeated(call, count - k))
  }
}

/** A sample: milliseconds of one of so many calls. */
const sampleOf = async ({ call, time }: Timed, count: number): Promise<number> =>
  (await time(() => repeated(call, count))) / count

/** Warms up, and says what a call takes. */
const warmUp = async (timed: Timed): Promise<number> => {
  const { grain = 0 } = timed
  let [fastest, spent, calls, since, count] = [Number.POSITIVE_INFINITY, 0, 0, 0, 1]
  while (spent < warm.most && (calls < warm.calls || since < warm.still)) {
    const sample = await sampleOf(timed, count)
    // A sample that the clock does not see has taken its grain.
    const took = Math.max(sample * count, grain)
    spent += took
    if (took < grains.warm * grain && count < mostCalls) {
      count *= 2
      continue
    }
    if (sample < (1 - warm.share) * fastest) [calls, since] = [0, 0]
    else [calls, since] = [calls + 1, since + took]
    fastest = Math.min(fastest, sample)
  }
  return fastest
}

/** How many calls make a sample that is long enough. */
const callsFor = (ms: number, { sample }: Pace, { grain = 0 }: Timed): number =>
  Math.min(mostCalls, Math.max(1, Math.ceil(Math.max(sample, grains.taken * grain) / Math.max(ms, 1e-3))))

/**
 * Times one call by itself.
 * @param best - the best time so far, in milliseconds: what is clearly slower is not measured to the end, but is `hasty`
 */
export const measure = async (timed: Timed, pace: Pace, best: number): Promise<Timing & { readonly hasty: boolean }> => {
  const count = callsFor(await warmUp(timed), pace, timed)
  const { least, most } = pace.rounds
  const samples: number[] = []
  let spent = 0
  while (samples.length < least || (samples.length < most && spent < pace.total)) {
    const sample = await sampleOf(timed, count)
    samples.push(sample)
    spent += sample * count
    const isBehind = samples.length >= least && Math.min(...samples) > behind * best
    // One sample of seconds says enough.
    if (isBehind || (sample > behind * best && spent > pace.total)) return { ...timingOf(samples), hasty: true }
  }
  return { ...timingOf(samples), hasty: false }
}

/**
 * Times several side by side: a sample of each in turn, in an order that rotates from round to round.
 * @param goesOn - asked after each round with the share that is done; rounds end where it says no
 */
export const interleave = async (
  all: readonly Timed[],
  pace: Pace,
  goesOn: (done: number) => boolean | Promise<boolean> = () => true,
): Promise<readonly Timing[]> => {
  const calls: { readonly timed: Timed; readonly count: number; readonly isSlow: boolean; readonly samples: number[] }[] = []
  let round = 0
  for (const timed of all) {
    const ms = await warmUp(timed)
    const [count, isSlow] = [callsFor(ms, pace, timed), ms > slow.ms]
    calls.push({ timed, count, isSlow, samples: [] })
    if (!isSlow) round += ms * count
  }
  const rounds = Math.min(pace.rounds.most, Math.max(pace.rounds.least, Math.floor(pace.total / Math.max(round, 1))))
  for (let r = 0; r < rounds; r++) {
    for (let turn = 0; turn < calls.length; turn++) {
      const { timed, count, isSlow, samples } = calls[(r + turn) % calls.length]!
      if (!isSlow || r < slow.rounds) samples.push(await sampleOf(timed, count))
    }
    if (!(await goesOn((r + 1) / rounds))) break
  }
  return calls.map(({ samples }) => timingOf(samples))
}
