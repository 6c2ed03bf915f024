/** Numbers and schedules in words, the same way all over a report. */
import type { Outcome } from '../outcome.ts'

/** Units of time, in milliseconds. */
const units = [
  { name: 's', ms: 1e3 },
  { name: 'ms', ms: 1 },
  { name: 'µs', ms: 1e-3 },
  { name: 'ns', ms: 1e-6 },
] as const

export type Unit = (typeof units)[number]

/** The unit that a time is best told in, after rounding: 0.9999 ms is 1 ms. */
export const unitOf = (ms: number): Unit => units.find((unit) => Number(ms.toPrecision(3)) >= unit.ms) ?? units.at(-1)!

/** A way to write numbers, made when first used: Node takes 5 ms for each, which a command that answers from memory need not wait for. */
const written = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
  let format: Intl.NumberFormat | undefined
  return (value) => {
    format ??= new Intl.NumberFormat('en-US', options)
    return format.format(value)
  }
}
const digits = (most: number, least = most): ((value: number) => string) =>
  written({ minimumSignificantDigits: least, maximumSignificantDigits: most })

/** Quartiles of a time seldom lie nearer than a part in a thousand: three digits where one reads, four where one compares. */
const read = digits(3)
const compared = digits(4)
const tick = digits(6, 1)
const whole = written({ maximumFractionDigits: 0 })

/** A time with its unit, in three digits: `1.27 ms`. */
export const timeText = (ms: number): string => {
  const unit = unitOf(ms)
  return `${read(ms / unit.ms)} ${unit.name}`
}

/** A time that somebody chose, without digits that say nothing: `60 s`. */
export const chosenText = (ms: number): string => {
  const unit = unitOf(ms)
  return `${tick(ms / unit.ms)} ${unit.name}`
}

/** Times of a column: all in one unit, which its heading tells, in four digits. */
export const timeIn = (unit: Unit, ms: number): string => compared(ms / unit.ms)

/** Times along an axis: in the unit of the largest, or, where they span more than a thousand, each in its own. */
export const tickTexts = (ticks: readonly number[]): readonly string[] => {
  const largest = Math.max(...ticks)
  const spans = largest / Math.min(...ticks.filter((ms) => ms > 0)) > 1000
  return ticks.map((ms) => {
    const unit = unitOf(spans ? ms : largest)
    return `${tick(ms / unit.ms)} ${unit.name}`
  })
}

/** A ratio, in three digits: `1.84`. */
export const ratioText = (ratio: number): string => read(ratio)

export const countText = (count: number): string => whole(count)

export const percentText = (share: number): string => `${whole(share * 100)} %`

/** `1 candidate`, `12 candidates`. */
export const counted = (count: number, noun: string): string => `${countText(count)} ${noun}${count === 1 ? '' : 's'}`

/** How a candidate was timed, or why it is out. */
export type Class = Exclude<Outcome['kind'], 'ok'> | 'final' | 'full' | 'hasty' | 'untimed'

/** In the order in which they are listed: `name` in a table, `says` where it is explained. */
export const classes = {
  final: { name: 'finalist', says: 'timed once more, side by side with the other fastest' },
  full: { name: 'timed', says: 'timed to the end' },
  hasty: { name: 'left early', says: 'clearly behind after few rounds, and left' },
  untimed: { name: 'right', says: 'checked, and not timed' },
  wrong: { name: 'wrong', says: 'its result is not the definition’s, or it touched what it must not' },
  timeout: { name: 'timed out', says: 'it did not end in its time' },
  'launch-failed': { name: 'launch failed', says: 'refused by the driver' },
  'compile-failed': { name: 'compile failed', says: 'refused by the compiler' },
  invalid: { name: 'invalid', says: 'the device has not what it needs, or its registers spill' },
} as const satisfies Record<Class, { readonly name: string; readonly says: string }>

export const faultClasses = ['wrong', 'timeout', 'launch-failed', 'compile-failed', 'invalid'] as const satisfies readonly Class[]

export const classOf = (outcome: Outcome): Class => {
  if (outcome.kind !== 'ok') return outcome.kind
  if (outcome.ms === null) return 'untimed'
  return outcome.finalMs !== undefined ? 'final' : outcome.hasty ? 'hasty' : 'full'
}
