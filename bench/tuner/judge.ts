/** What a recording says of strategies and of the cost model. */
import { operatorFromFormula } from '../../dsl/free-formula.ts'
import { settle } from '../../dsl/settle.ts'
import type { ParamShape } from '../../dsl/shapes.ts'
import { cudaSubject } from '../../runtime/cuda/tuner/tuning.ts'
import { jsTuning } from '../../runtime/js.ts'
import { quantile } from '../../runtime/quantile.ts'
import { nearness, partOf, type Recording, recordedSpace, replay } from '../../runtime/tuner/recording.ts'
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
  const results = recording.operator.results ?? [...operator.results.keys()]
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

const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )

export const judge = async (recording: Recording): Promise<Judged> => {
  const space = recordedSpace(recording)
  const subject = subjectOf(recording)
  const cost = ({ schedule }: Candidate): number => subject.cost(schedule)
  const timeOf = ({ index }: Candidate): number => recording.candidates[index]!.ms ?? Number.POSITIVE_INFINITY
  const right = space.candidates.filter((one) => Number.isFinite(timeOf(one))).sort((a, b) => timeOf(a) - timeOf(b))
  const [fastest, slowest] = [right[0]!, right.at(-1)!]
  /** By share, the median over seeds. */
  const near = async (strategy: StrategyName, parts: readonly number[], start?: Candidate): Promise<readonly number[]> => {
    const most = partOf(recording, Math.max(...parts))
    const all: (readonly number[])[] = []
    for (const seed of strategy === 'guided' ? [1] : seeds)
      all.push(await replay(recording, space, { strategy, seed, cost, most, ...(start && { start }) }))
    return parts.map((share) => median(all.map((times) => nearness(recording, times, share))))
  }
  const [guided15 = 0, ...guided] = await near('guided', [0.15, ...shares])
  const [poor25 = 0] = await near('local', [0.25], slowest)
  return {
    title: titleOf(recording),
    target: recording.target,
    size: space.candidates.length,
    span: timeOf(slowest) / timeOf(fastest),
    usual: timeOf(space.usual) / timeOf(fastest),
    after: { guided, local: await near('local', shares), random: await near('random', shares) },
    guided15,
    poor25,
  }
}
