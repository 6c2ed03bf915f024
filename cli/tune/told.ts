/** What a search has found, told to people and to programs. */
import { byMerit, toldTimeOf } from '../../runtime/tuner/outcome.ts'
import { ratioText, timeText } from '../../runtime/tuner/report/words.ts'
import type { Result, Tuned } from '../../runtime/tuner/request.ts'
import { differences, scheduleText } from '../../runtime/tuner/schedules.ts'
import type { Schedule, Subject } from '../../runtime/tuner/subject.ts'
import { grouped, table } from '../table.ts'

/** The fastest that are printed for people. */
const shown = 10

/** Lines of a message that are printed for people. */
const toldLines = 4

const bySpeed =
  (isTimed: boolean) =>
  (a: Result, b: Result): number =>
    isTimed ? byMerit(a.outcome, b.outcome) : a.expected - b.expected

/** A watching device may tell of a fault at hundreds of places: the first are enough here, and JSON has them all. */
const beginning = (message: string): string => {
  const lines = message.split('\n')
  const rest = lines.length > toldLines ? [`… ${lines.length - toldLines} lines more, in --json`] : []
  return [...lines.slice(0, toldLines), ...rest].map((line) => `  ${line}`).join('\n')
}

export const textOf = (tuned: Tuned, { problem }: Subject, device: string): string => {
  const { usual, bestMs, usualMs, isTimed, results, spaceSize, measured } = tuned
  const { operator, direction } = problem
  const changes = (schedule: Schedule): string => scheduleText(differences(schedule, usual))
  const right = results.filter(({ outcome }) => outcome.kind === 'ok').sort(bySpeed(isTimed))
  const faults = results.filter(({ outcome }) => outcome.kind !== 'ok')
  const lines = [`${operator.name}, ${direction}, on ${device}`]
  lines.push(
    `${grouped(spaceSize)} candidates, ${grouped(results.length)} tried so far, ${grouped(measured)} of them now; ${grouped(faults.length)} rejected`,
  )
  if (isTimed && tuned.best && bestMs !== undefined) {
    const gain =
      usualMs === undefined ? '' : `, ${ratioText(usualMs / bestMs)} times as fast as the default (${timeText(usualMs)})`
    lines.push(`best: ${timeText(bestMs)}${gain}: ${changes(tuned.best)}`)
  } else if (right.length > 0) {
    lines.push('this device has no clock: candidates are held against the definition, and ranked by the cost model alone')
  }
  const best = right[0]
  const figure = ({ outcome, expected }: Result): string => {
    if (isTimed) return timeText(toldTimeOf(outcome))
    return best ? ratioText(expected / best.expected) : ''
  }
  const takes = right.some(({ outcome }) => outcome.takes)
  const head = [isTimed ? 'time' : 'expected', ...(takes ? ['registers', 'spills', 'shared', 'occupancy'] : []), 'schedule']
  const rows = right.slice(0, isTimed ? shown : right.length).map((one) => {
    const { takes: of } = one.outcome
    const figures = of ? [String(of.registers), String(of.spills), String(of.shared), `${Math.round(100 * of.occupancy)} %`] : []
    return [figure(one), ...(takes ? (figures.length > 0 ? figures : ['', '', '', '']) : []), changes(one.schedule)]
  })
  const body = rows.length > 0 ? `\n${table([head, ...rows], head.length - 1)}` : ''
  const wrong = faults.map(({ schedule, outcome }) =>
    outcome.kind === 'ok' ? '' : `${outcome.kind}: ${changes(schedule)}\n${beginning(outcome.message)}`,
  )
  const told = wrong.length > 0 ? `\nrejected:\n${wrong.join('\n')}\n` : ''
  const rest = tuned.isComplete ? '' : '\ninterrupted: the same command goes on from here\n'
  return `${lines.join('\n')}\n${body}${told}${rest}`
}

export const jsonOf = (tuned: Tuned, { problem }: Subject, device: string): object => ({
  operator: problem.operator.name,
  direction: problem.direction,
  device,
  best: tuned.best ?? null,
  bestMs: tuned.bestMs ?? null,
  default: tuned.usual,
  defaultMs: tuned.usualMs ?? null,
  timed: tuned.isTimed,
  complete: tuned.isComplete,
  space: tuned.spaceSize,
  measured: tuned.measured,
  compiled: tuned.compiled,
  candidates: tuned.results.map(({ schedule, outcome }) => ({
    schedule,
    outcome: outcome.kind,
    ms: outcome.kind === 'ok' && outcome.ms !== null ? toldTimeOf(outcome) : null,
    ...(outcome.takes && { takes: outcome.takes }),
    ...(outcome.kind !== 'ok' && { message: outcome.message }),
  })),
})
