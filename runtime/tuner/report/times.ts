/**
 * The time of every candidate, the fastest first, with its quartiles; below, what is out, a row for each reason. One sees how
 * much a schedule matters, where the default stands among the others, and whether the fastest can be told from each other.
 */

import { scheduleText } from '../schedules.ts'
import { type Content, html, type Markup, nothing } from './markup.ts'
import { fastestFirst, hoverText, type Measured, type Timed } from './measured.ts'
import { axisUp, dot, hover, label, line, picture } from './picture.ts'
import { type Scale, scaleOf } from './scale.ts'
import { folded, table } from './table.ts'
import { classes, counted, countText, faultClasses, tickTexts, timeIn, timeText, unitOf } from './words.ts'

/** The drawing: the field of times, and the height of a row of what is out. */
const frame = { width: 720, left: 72, right: 708, top: 16, bottom: 300, row: 20 } as const

/** The width of a candidate, and the largest radius of its dot. */
const dots = { widest: 24, radius: 3.5, least: 1.2 } as const

const whiskers = ({ outcome: { lower, upper } }: Timed, x: number, y: Scale): Markup =>
  lower === undefined || upper === undefined ? nothing : line(x, y.at(lower), x, y.at(upper), 'whisker')

/** Dots rise from left to right, so what is named below and to the right of one, or above and to the left, covers no other. */
const marked = (one: Timed, x: number, y: number): Content => {
  const name = one.isBest && one.isUsual ? 'best, the default' : one.isBest ? 'best' : one.isUsual ? 'default' : undefined
  if (name === undefined) return nothing
  const look = one.isBest ? 'best' : 'usual'
  const text = `${name} ${timeText(one.outcome.ms)}`
  const isAbove = !one.isBest && x > (frame.left + frame.right) / 2
  const [sign, anchor] = isAbove ? ([-1, 'end'] as const) : ([1, 'start'] as const)
  // Of two neighbours the default's name stands lower.
  const drop = sign * (one.isBest || isAbove ? 18 : 36)
  return [
    line(x, y, x + sign * 8, y + drop, 'leader'),
    dot(x, y, dots.radius + 1.5, look, hoverText(one)),
    label(x + sign * 11, y + drop, text, { anchor, look: `${look}-name` }),
  ]
}

const cross = (x: number, y: number, one: Measured): Markup =>
  html`<path class="fault" d="M${x - 3} ${y - 3}l6 6m0 -6l-6 6">${hover(hoverText(one))}</path>
`

/** A row for each reason why candidates are out: how many, and a mark for each. */
const strip = (rows: readonly (readonly Measured[])[]): Content =>
  rows.map((faults, k) => {
    const y = frame.bottom + 44 + k * frame.row
    const from = frame.left + 120
    const pitch = Math.min(9, (frame.right - from) / faults.length)
    return [
      label(from - 12, y, `${classes[faults[0]!.class].name} ${countText(faults.length)}`, { anchor: 'end' }),
      faults.map((one, n) => cross(from + (n + 0.5) * pitch, y, one)),
    ]
  })

const drawing = (timed: readonly Timed[], rows: readonly (readonly Measured[])[], y: Scale): Markup => {
  const pitch = Math.min(dots.widest, (frame.right - frame.left - 8) / timed.length)
  const x = (k: number): number => frame.left + 8 + (k + 0.5) * pitch
  const radius = Math.max(dots.least, Math.min(dots.radius, pitch * 0.45))
  const [fastest, slowest] = [timed[0]!, timed.at(-1)!]
  return picture(
    {
      id: 'times',
      title: 'The time of every candidate',
      description: `The times of ${counted(timed.length, 'candidate')}, from ${timeText(fastest.outcome.ms)} to ${timeText(slowest.outcome.ms)}${y.isLog ? ', on a logarithmic scale' : ''}. ${rows.map((row) => `${classes[row[0]!.class].name}: ${countText(row.length)}.`).join(' ')}`,
      width: frame.width,
      height: frame.bottom + 34 + rows.length * frame.row,
    },
    axisUp(y, tickTexts(y.ticks), frame.left, frame.right),
    label(frame.left + 8, frame.bottom + 14, `${counted(timed.length, 'candidate')}, the fastest first`, { look: 'quiet' }),
    timed.map((one, k) => whiskers(one, x(k), y)),
    timed.map((one, k) => dot(x(k), y.at(one.outcome.ms), radius, one.class, hoverText(one))),
    timed.map((one, k) => marked(one, x(k), y.at(one.outcome.ms))),
    strip(rows),
  )
}

/** What the marks are, of those that there are. */
const legend = (timed: readonly Timed[], isLog: boolean): Content => [
  (['full', 'final', 'hasty'] as const)
    .filter((kind) => timed.some((one) => one.class === kind))
    .map(
      (kind) =>
        html`<span class="key"><svg viewBox="0 0 12 12" aria-hidden="true"><circle class="${kind}" cx="6" cy="6" r="3.5"/></svg>${classes[kind].says}</span>`,
    ),
  timed.some(({ outcome }) => outcome.lower !== undefined)
    ? html`<span class="key"><svg viewBox="0 0 12 12" aria-hidden="true"><line class="whisker" x1="6" x2="6" y1="0" y2="12"/></svg>quartiles</span>`
    : nothing,
  isLog ? html`<span class="key">The scale is logarithmic.</span>` : nothing,
]

const numbers = (timed: readonly Timed[], out: readonly Measured[]): Markup => {
  const unit = unitOf(timed[0]!.outcome.ms)
  const or = (ms: number | undefined): string => (ms === undefined ? '' : timeIn(unit, ms))
  return table(
    'The time of every candidate',
    [
      { name: 'rank', isNumber: true },
      { name: unit.name, isNumber: true },
      { name: 'lower quartile', isNumber: true },
      { name: 'upper quartile', isNumber: true },
      { name: 'measured as', isNumber: true },
      { name: 'outcome' },
      { name: 'differs from the default by' },
    ],
    [
      ...timed.map(({ outcome: { ms, lower, upper }, number, class: kind, changed }, k) => [
        countText(k + 1),
        timeIn(unit, ms),
        or(lower),
        or(upper),
        countText(number),
        classes[kind].name,
        scheduleText(changed),
      ]),
      ...out.map(({ number, class: kind, changed }) => [
        '',
        '',
        '',
        '',
        countText(number),
        classes[kind].name,
        scheduleText(changed),
      ]),
    ],
  )
}

/** @param all - at least one of them has a time */
export const timesFigure = (all: readonly Measured[]): Markup => {
  const timed = fastestFirst(all)
  const rows = faultClasses.map((kind) => all.filter((one) => one.class === kind)).filter((row) => row.length > 0)
  const bounds = timed.flatMap(({ outcome: { ms, lower, upper } }) => [ms, lower ?? ms, upper ?? ms])
  // The names of the fastest stand below their dots: the field goes on below them.
  const y = scaleOf(bounds, { range: [frame.bottom - 30, frame.top], apart: 36, fromZero: true })
  return html`<section><h2>The time of every candidate</h2>
<figure><div class="scroll" role="region" tabindex="0" aria-label="The time of every candidate">${drawing(timed, rows, y)}</div>
<figcaption>${legend(timed, y.isLog)}</figcaption></figure>
${folded(`${counted(all.length, 'candidate')} in numbers`, numbers(timed, rows.flat()))}</section>
`
}
