/** What `poolwright bench` was asked for: its words and flags, read and checked as far as that goes without an operator. */
import type { Pinned } from '../../runtime/pinned.ts'
import { type ProblemFlags, type ProblemRequest, readProblem } from '../flags/problem.ts'
import { readSchedule } from '../flags/schedule.ts'
import { readScheduledTarget, type TargetRequest } from '../flags/target.ts'
import { Problems, readTime } from '../flags/values.ts'

/** As commander gives them. */
export interface BenchFlags extends ProblemFlags {
  readonly target?: readonly string[]
  readonly device?: string
  readonly schedule?: readonly string[]
  readonly peer?: readonly string[]
  readonly budget?: string
  readonly json?: boolean
}

export interface BenchRequest extends ProblemRequest {
  readonly targets: readonly TargetRequest[]
  /** Axes to pin, beside the default and what tuning has found. */
  readonly schedules: readonly Pinned[]
  readonly peers: readonly string[]
  /** Milliseconds for the rounds of all together. */
  readonly budgetMs: number
}

const usualBudget = '10s'

/** @throws UsageError with everything that is wrong; CannotError for a target that this version has not */
export const readBenchRequest = (words: readonly string[], flags: BenchFlags): BenchRequest => {
  const problems = new Problems()
  const names = [...new Set(flags.target ?? ['js'])]
  const { device } = flags
  if (device !== undefined && !names.includes('cuda'))
    problems.add(`--device ${device}: the targets named have one; leave it out`)
  const request: BenchRequest = {
    ...readProblem(words, flags, problems),
    targets: names.map((target) =>
      readScheduledTarget({ target, ...(target === 'cuda' && device !== undefined && { device }) }, problems),
    ),
    schedules: (flags.schedule ?? []).map((text) => readSchedule(text, problems) ?? {}),
    peers: [...new Set(flags.peer ?? [])],
    budgetMs: readTime('--budget', flags.budget ?? usualBudget, problems),
  }
  problems.refuse()
  return request
}
