/** What `poolwright tune` was asked for: its words and flags, read and checked as far as that goes without an operator. */
import type { Pinned } from '../../runtime/pinned.ts'
import type { StrategyName } from '../../runtime/tuner/strategies/index.ts'
import { strategies } from '../../runtime/tuner/strategies/index.ts'
import { type ProblemFlags, type ProblemRequest, readProblem } from '../flags/problem.ts'
import { readSchedule } from '../flags/schedule.ts'
import { readScheduledTarget, type TargetFlags, type TargetRequest } from '../flags/target.ts'
import { Problems, readChoice, readInteger, readTime } from '../flags/values.ts'

/** As commander gives them. */
export interface TuneFlags extends ProblemFlags, TargetFlags {
  readonly budget?: string
  readonly candidates?: string
  readonly strategy?: string
  readonly seed?: string
  readonly schedule?: string
  readonly deterministic?: boolean
  readonly report?: string
  readonly record?: string
  readonly json?: boolean
}

export interface TuneRequest extends ProblemRequest, TargetRequest {
  readonly budgetMs: number
  /** The most candidates. */
  readonly candidates: number
  readonly strategy: StrategyName
  readonly seed: number
  readonly pinned: Pinned
  readonly deterministic: boolean
  /** Files to write. */
  readonly report: string | undefined
  readonly record: string | undefined
}

const usualBudget = '60s'

const readCount = (flag: string, text: string | undefined, fallback: number, problems: Problems): number => {
  if (text === undefined) return fallback
  const count = readInteger(text)
  if (count !== undefined && count > 0) return count
  problems.add(`${flag} ${text}: write a whole number of at least 1, and of at most ${Number.MAX_SAFE_INTEGER}`)
  return fallback
}

const checkEnding = (flag: string, path: string | undefined, ending: string, problems: Problems): void => {
  if (path !== undefined && !path.toLowerCase().endsWith(ending))
    problems.add(`${flag} ${path}: is written as ${ending}; name a file that ends so`)
}

/** @throws UsageError with everything that is wrong; CannotError for a target that this version has not */
export const readTuneRequest = (words: readonly string[], flags: TuneFlags): TuneRequest => {
  const problems = new Problems()
  const target = readScheduledTarget(flags, problems)
  checkEnding('--report', flags.report, '.html', problems)
  checkEnding('--record', flags.record, '.json', problems)
  const names = Object.keys(strategies) as StrategyName[]
  const request: TuneRequest = {
    ...readProblem(words, flags, problems),
    budgetMs: readTime('--budget', flags.budget ?? usualBudget, problems),
    candidates: readCount('--candidates', flags.candidates, Number.POSITIVE_INFINITY, problems),
    strategy: readChoice('--strategy', flags.strategy, names, problems) ?? 'guided',
    seed: readCount('--seed', flags.seed, 1, problems),
    pinned: readSchedule(flags.schedule, problems) ?? {},
    deterministic: flags.deterministic === true,
    report: flags.report,
    record: flags.record,
    ...target,
  }
  problems.refuse()
  return request
}
