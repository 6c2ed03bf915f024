/** A comparison, told to people and to programs. */
import { describeGeometry } from '../../dsl/geometry.ts'
import { ratioText, timeText } from '../../runtime/tuner/report/words.ts'
import { differences, scheduleText } from '../../runtime/tuner/schedules.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import { table } from '../table.ts'
import { type Compared, isOut } from './contender.ts'

export interface Comparison {
  readonly problem: Problem
  readonly input: readonly number[]
  /** By target, what its kernels run on. */
  readonly devices: Readonly<Record<string, string>>
  /** The first is what the others are told as multiples of. */
  readonly compared: readonly Compared[]
}

const timesOf = ({ result }: Compared, [first]: readonly Compared[]): number | undefined =>
  first && !isOut(result) && !isOut(first.result) ? result.ms / first.result.ms : undefined

/** Where a schedule is not the default of its target. */
const changes = ({ target, schedule }: Compared, all: readonly Compared[]): readonly string[] => {
  const usual = all.find((one) => one.target === target)?.schedule
  return schedule && usual && schedule !== usual ? [scheduleText(differences(schedule, usual))] : []
}

export const textOf = ({ problem, input, devices, compared }: Comparison): string => {
  const { operator, direction, geometry, dtype } = problem
  const head = `${operator.name}, ${direction}, ${input.join(' x ')}, ${describeGeometry(geometry)}, ${dtype}\n`
  const where = Object.entries(devices).map(([target, device]) => `${target}: ${device}\n`)
  const rows = compared.map((one) => {
    const { name, result } = one
    if (isOut(result)) return [name, result.kind, '', '']
    const times = timesOf(one, compared)
    return [name, timeText(result.ms), `${timeText(result.lower)} - ${timeText(result.upper)}`, times ? ratioText(times) : '']
  })
  const notes = compared.flatMap((one) => {
    const reason = isOut(one.result) ? [one.result.message] : []
    return [...reason, ...changes(one, compared), ...one.notes].map((note) => `${one.name}: ${note}\n`)
  })
  const body = table([['', 'median', 'quartiles', `times ${compared[0]?.name}`], ...rows])
  return `${head}${where.join('')}\n${body}${notes.length > 0 ? `\n${notes.join('')}` : ''}`
}

export const jsonOf = ({ problem, input, devices, compared }: Comparison): object => ({
  operator: problem.operator.name,
  direction: problem.direction,
  input,
  geometry: problem.geometry,
  results: problem.results,
  dtype: problem.dtype,
  devices,
  contenders: compared.map((one) => ({
    name: one.name,
    target: one.target ?? null,
    schedule: one.schedule ?? null,
    ...(isOut(one.result)
      ? { outcome: one.result.kind, ms: null, message: one.result.message }
      : { outcome: 'ok', ...one.result, times: timesOf(one, compared) ?? null }),
    notes: one.notes,
  })),
})
