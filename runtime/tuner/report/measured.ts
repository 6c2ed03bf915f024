/** What the pictures and tables of a report are about: the candidates, with what is asked of them again and again. */
import { isTimed, type Ok } from '../outcome.ts'
import type { Result, Tuned } from '../request.ts'
import { type Difference, differences, scheduleText } from '../schedules.ts'
import { type Class, classes, classOf, timeText } from './words.ts'

/** A candidate of which something is known. */
export interface Measured extends Result {
  /** Its place in the order in which candidates were measured, from 1. */
  readonly number: number
  readonly class: Class
  /** Where it is not the default. */
  readonly changed: readonly Difference[]
  readonly isBest: boolean
  readonly isUsual: boolean
}

/** One that has a time. */
export type Timed = Measured & { readonly outcome: Ok & { readonly ms: number } }

/** All candidates, in the order in which they were measured. */
export const measuredOf = ({ results, best, usual }: Tuned): readonly Measured[] =>
  [...results]
    .sort((a, b) => a.at - b.at)
    .map((result, k) => {
      const changed = differences(result.schedule, usual)
      return {
        ...result,
        number: k + 1,
        class: classOf(result.outcome),
        changed,
        isBest: best !== undefined && differences(result.schedule, best).length === 0,
        isUsual: changed.length === 0,
      }
    })

const hasTime = (one: Measured): one is Timed => isTimed(one.outcome)

/** Those that have a time, the fastest first. */
export const fastestFirst = (all: readonly Measured[]): readonly Timed[] =>
  all.filter(hasTime).sort((a, b) => a.outcome.ms - b.outcome.ms)

/** A candidate in the words of a tool tip: what it is, what came of it. */
export const hoverText = ({ changed, class: kind, outcome, number }: Measured): string => {
  const came = isTimed(outcome) ? `${timeText(outcome.ms)}, ${classes[kind].name}` : classes[kind].name
  return `${scheduleText(changed)}\n${came}, measured as number ${number}${outcome.kind === 'ok' ? '' : `\n${outcome.message}`}`
}
