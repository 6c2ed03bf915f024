/** `poolwright bench`: schedules, targets and peers side by side, on the same numbers, each held against the definition first. */
import { setImmediate } from 'node:timers/promises'
import { ArgumentError } from '../../dsl/errors.ts'
import type { Target } from '../../runtime/target.ts'
import { interleave, type Pace } from '../../runtime/timing.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import { type Bench, benchOn } from '../../runtime/tuner/trial/bench.ts'
import { type Compared, type Entered, isOut } from '../bench/contender.ts'
import { candidatesOn, enterOurs } from '../bench/ours.ts'
import { jsonOf, textOf } from '../bench/told.ts'
import { type ExitCode, exit } from '../exit.ts'
import type { TargetRequest } from '../flags/target.ts'
import { untilInterrupted } from '../interrupt.ts'
import type { Io } from '../io.ts'
import { problemOf } from '../problem.ts'
import { progressBar } from '../progress-bar.ts'
import { withTarget } from '../target.ts'
import { ofTrials } from '../tune/errors.ts'
import { type BenchFlags, type BenchRequest, readBenchRequest } from './bench-request.ts'

/** Of random numbers. */
const seed = 1

/** A sample shorter than this is mostly the clock, the scheduler, and caches that the contender before has left cold. */
const paceOf = ({ budgetMs }: BenchRequest): Pace => ({ sample: 15, rounds: { least: 7, most: 101 }, total: budgetMs })

/** Opens targets one after the other, and closes all of them in the end. */
const withTargets = <T>(
  [first, ...rest]: readonly TargetRequest[],
  use: (targets: readonly Target[]) => Promise<T>,
  opened: readonly Target[] = [],
): Promise<T> => (first ? withTarget(first, (target) => withTargets(rest, use, [...opened, target])) : use(opened))

/** Times what is ready, all in turns. */
const timed = async (entered: readonly Entered[], request: BenchRequest, io: Io): Promise<readonly Compared[]> => {
  const bar = progressBar(io)
  const ready = entered.flatMap(({ entry }) => (isOut(entry) ? [] : [entry]))
  const timings = await untilInterrupted((signal) =>
    interleave(ready, paceOf(request), async (done) => {
      bar.show(done, `${ready.length} contenders take turns; Ctrl-C ends it with what there is`)
      await setImmediate()
      return !signal.aborted
    }),
  ).finally(() => bar.clear())
  let k = 0
  return entered.map(({ entry, ...of }) => ({ ...of, result: isOut(entry) ? entry : timings[k++]! }))
}

/**
 * Everybody who takes part, on benches that hold the same numbers.
 * @param held - gets what has to be let go of in the end
 */
const enterAll = async (
  targets: readonly Target[],
  problem: Problem,
  { schedules, peers }: BenchRequest,
  held: (() => void)[],
): Promise<readonly Entered[]> => {
  const { loadPeer } = await import('../bench/peers/index.ts')
  const { enterPeer } = await import('../bench/others.ts')
  const others = await Promise.all(peers.map(loadPeer))
  const tunings = targets.map(({ tuning, device }) => {
    if (!tuning) throw new Error(`the target on ${device} has schedules, and nothing to choose them with`)
    return tuning
  })
  const candidates = await Promise.all(tunings.map((tuning) => candidatesOn(tuning, problem, schedules)))
  for (const [k, pinned] of schedules.entries()) {
    const found = candidates.map((of) => of.at(k - schedules.length)!)
    if (found.every(({ refused }) => refused !== undefined))
      throw new ArgumentError(`--schedule ${JSON.stringify(pinned)}: the schedule is refused: ${found[0]!.refused}`)
  }
  const entered: Entered[] = []
  const benches: Bench[] = []
  for (const [k, tuning] of tunings.entries()) {
    const bench = await benchOn(problem, await tuning.open(), seed)
    held.push(() => bench.close())
    benches.push(bench)
    entered.push(...(await enterOurs(tuning, candidates[k]!, bench)))
  }
  for (const peer of others) {
    const { entered: one, release } = await enterPeer(peer, problem, benches[0]!)
    held.push(release)
    entered.push(one)
  }
  return entered
}

/** Runs the command: done where nobody was found wrong. */
export const bench = async (words: readonly string[], flags: BenchFlags, io: Io): Promise<ExitCode> => {
  const request = readBenchRequest(words, flags)
  const problem = await problemOf(request, { pinned: {}, deterministic: false })
  return withTargets(request.targets, async (targets) => {
    const held: (() => void)[] = []
    try {
      const compared = await timed(await enterAll(targets, problem, request, held), request, io)
      const devices = Object.fromEntries(targets.map(({ tuning, device }) => [tuning!.target, device]))
      const comparison = { problem, input: request.input, devices, compared }
      io.out(flags.json ? `${JSON.stringify(jsonOf(comparison), null, 2)}\n` : textOf(comparison))
      const isFaulty = compared.some(({ result }) => isOut(result) && result.kind !== 'refused')
      return isFaulty ? exit.failed : exit.done
    } catch (error) {
      throw ofTrials(error)
    } finally {
      for (const release of held.reverse()) release()
    }
  })
}
