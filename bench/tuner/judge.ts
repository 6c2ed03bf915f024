/** What a recording says of strategies and of the cost model. */
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { settle } from '../../dsl/settle.ts'
import type { ParamShape } from '../../dsl/shapes.ts'
import { cudaSubject } from '../../runtime/cuda/tuner/tuning.ts'
import { jsTuning } from '../../runtime/tuner/js.ts'
import { nearness, type Recording, recordedSpace, replay } from '../../runtime/tuner/recording.ts'
import type { Candidate } from '../../runtime/tuner/space.ts'
import type { StrategyName } from '../../runtime/tuner/strategies/index.ts'
import type { Problem, Subject } from '../../runtime/tuner/subject.ts'
import { specs } from '../../specs/index.ts'

/** Searches that are random are judged by the median of so many seeds. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9]

const shares = [0.1, 0.25, 0.5]

export interface Judged {
  readonly title: string
  readonly target: string
  readonly size: number
  /** The slowest candidate's time by the fastest's. */
  readonly span: number
  /** The default's time by the best's. */
  readonly usual: number
  /** By strategy, how near it has come after each share. */
  readonly after: Readonly<Record<Exclude<StrategyName, 'exhaustive'>, readonly number[]>>
  readonly guided15: number
  /** Local search from the slowest, after a quarter. */
  readonly poor25: number
}

const operatorOf = ({ operator: { name, formula, attrs, shapes, tensors } }: Recording) => {
  const paramShapes = shapes as Readonly<Record<string, ParamShape>>
  if (formula !== undefined) return settle(operatorFromFormula(formula, { tensors, attrs, paramShapes }))
  const found = specs.get(name ?? '')
  if (!found) throw new Error(`there is no operator '${name}' any more`)
  return settle(found, { attrs, shapes: paramShapes })
}

/** The problem of a recording, as this version understands it. */
export const subjectOf = (recording: Recording): Subject => {
  const operator = operatorOf(recording)
  const { geometry, direction, dtype, samples, channels, extents, target } = recording
  const results = [...operator.results.keys()]
  const problem: Problem = {
    operator,
    geometry,
    direction,
    dtype,
    samples,
    channels,
    extents,
    results,
    pinned: {},
    deterministic: false,
  }
  return target === 'cuda' ? cudaSubject(problem) : jsTuning.subject(problem)
}

export const titleOf = ({ operator, geometry, direction, samples, channels, extents }: Recording): string => {
  const windows =
    geometry.kind === 'sliding'
      ? `k${geometry.axes[0]!.kernel}s${geometry.axes[0]!.stride}p${geometry.axes[0]!.low}`
      : geometry.kind
  return `${operator.name ?? operator.formula} ${windows} ${direction}, ${[samples, channels, ...extents].join('x')}`
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

export const judge = async (recording: Recording): Promise<Judged> => {
  const space = recordedSpace(recording)
  const subject = subjectOf(recording)
  const cost = ({ schedule }: Candidate): number => subject.cost(schedule)
  const timeOf = ({ index }: Candidate): number => recording.candidates[index]!.ms ?? Number.POSITIVE_INFINITY
  const right = space.candidates.filter((one) => Number.isFinite(timeOf(one))).sort((a, b) => timeOf(a) - timeOf(b))
  const [fastest, slowest] = [right[0]!, right.at(-1)!]
  const nearAfter = async (strategy: StrategyName, share: number, start?: Candidate): Promise<number> => {
    const all = await Promise.all(
      (strategy === 'guided' ? [1] : seeds).map((seed) =>
        replay(recording, space, { strategy, seed, cost, ...(start && { start }) }),
      ),
    )
    return median(all.map((times) => nearness(times, share)))
  }
  const afterAll = async (strategy: StrategyName): Promise<readonly number[]> => {
    const near: number[] = []
    for (const share of shares) near.push(await nearAfter(strategy, share))
    return near
  }
  return {
    title: titleOf(recording),
    target: recording.target,
    size: space.candidates.length,
    span: timeOf(slowest) / timeOf(fastest),
    usual: timeOf(space.usual) / timeOf(fastest),
    after: { guided: await afterAll('guided'), local: await afterAll('local'), random: await afterAll('random') },
    guided15: await nearAfter('guided', 0.15),
    poor25: await nearAfter('local', 0.25, slowest),
  }
}
