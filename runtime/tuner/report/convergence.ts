/**
 * How fast a search found what it found: the best time so far against the number of candidates measured. A line that is flat
 * for long says that a smaller budget would have done.
 */

import { timeOf } from '../outcome.ts'
import { scheduleText } from '../schedules.ts'
import { type Content, html, type Markup, nothing } from './markup.ts'
import { hoverText, type Measured } from './measured.ts'
import { axisAlong, axisUp, dot, label, line, picture } from './picture.ts'
import { scaleOf } from './scale.ts'
import { folded, table } from './table.ts'
import { counted, countText, tickTexts, timeIn, timeText, unitOf } from './words.ts'

const frame = { width: 720, left: 72, right: 708, top: 24, bottom: 236 } as const

/** A time that is near enough to the best for most purposes. */
const near = 1.05

interface Step {
  readonly one: Measured
  readonly ms: number
}

/** The candidates that were faster than all before them. */
const stepsOf = (all: readonly Measured[]): readonly Step[] => {
  let best = Number.POSITIVE_INFINITY
  return all.flatMap((one) => {
    const ms = timeOf(one.outcome)
    if (ms >= best) return []
    best = ms
    return [{ one, ms }]
  })
}

const drawing = (steps: readonly Step[], count: number, usualMs: number | undefined): Markup => {
  const found = steps.at(-1)!
  const heights = [...steps.map(({ ms }) => ms), ...(usualMs === undefined ? [] : [usualMs])]
  const y = scaleOf(heights, { range: [frame.bottom - 28, frame.top], apart: 32, fromZero: false })
  const along = scaleOf([0, count], { range: [frame.left, frame.right], apart: 70, fromZero: true })
  const x = { ...along, ticks: along.ticks.filter((tick) => Number.isInteger(tick) && tick > 0) }
  const path = steps.map(({ one, ms }, k) => html`${k === 0 ? 'M' : 'H'}${x.at(one.number)} ${k === 0 ? '' : 'V'}${y.at(ms)}`)
  const usual: Content =
    usualMs === undefined
      ? nothing
      : [
          line(frame.left, y.at(usualMs), frame.right, y.at(usualMs), 'usual-line'),
          label(frame.right, y.at(usualMs) - 11, `default ${timeText(usualMs)}`, { anchor: 'end', look: 'usual-name' }),
        ]
  return picture(
    {
      id: 'convergence',
      title: 'The best time so far',
      description: `The best time falls in ${counted(steps.length, 'step')} from ${timeText(steps[0]!.ms)} to ${timeText(found.ms)} over ${counted(count, 'candidate')}.`,
      width: frame.width,
      height: frame.bottom + 42,
    },
    axisUp(y, tickTexts(y.ticks), frame.left, frame.right),
    axisAlong(x, x.ticks.map(countText), frame.bottom - 4, frame.bottom),
    label(frame.right, frame.bottom + 30, 'candidates measured', { anchor: 'end', look: 'quiet' }),
    usual,
    html`<path class="course" d="${path}H${frame.right}"/>
`,
    steps.map(({ one, ms }) => dot(x.at(one.number), y.at(ms), 3, 'full', hoverText(one))),
    label(frame.right, y.at(found.ms) + 13, `fastest ${timeText(found.ms)}`, { anchor: 'end', look: 'best-name' }),
  )
}

/** @param all - in the order in which they were measured; at least one has a time */
export const convergenceFigure = (all: readonly Measured[], usualMs: number | undefined): Markup => {
  const steps = stepsOf(all)
  const found = steps.at(-1)!
  const enough = steps.find(({ ms }) => ms <= near * found.ms)!
  const reached = enough === found ? '' : `; candidate ${countText(enough.one.number)} was within 5 % of it`
  const unit = unitOf(found.ms)
  const numbers = table(
    'The steps of the best time',
    [{ name: 'candidate', isNumber: true }, { name: unit.name, isNumber: true }, { name: 'differs from the default by' }],
    steps.map(({ one, ms }) => [countText(one.number), timeIn(unit, ms), scheduleText(one.changed)]),
  )
  return html`<section><h2>The course of the search</h2>
<p>The fastest was candidate ${countText(found.one.number)} of ${countText(all.length)}${reached}.</p>
<figure><div class="scroll" role="region" tabindex="0" aria-label="The course of the search">${drawing(steps, all.length, usualMs)}</div>
<figcaption>The best time so far, against the candidates that were measured, faults among them.</figcaption></figure>
${folded('The steps in numbers', numbers)}</section>
`
}
