/**
 * The effect of each axis: a panel each, a row for each of its values, a dot for each candidate that has it. All panels have
 * one scale, so that they can be compared, and the axes that matter most stand first.
 */

import { quantile } from '../../quantile.ts'
import { valueText } from '../schedules.ts'
import type { Axes, Schedule } from '../subject.ts'
import { type AxisEffect, effectsOf, type Quantity, type ValueEffect } from './effects.ts'
import { type Content, html, type Markup, nothing } from './markup.ts'
import { hoverText, type Measured } from './measured.ts'
import { axisAlong, dot, hover, label, line, picture } from './picture.ts'
import { type Scale, scaleOf } from './scale.ts'
import { folded, table } from './table.ts'
import { countText, ratioText } from './words.ts'

/** What a panel shows, in words. */
export interface Shown extends Quantity {
  readonly heading: string
  /** What places the dots, as in "by its time". */
  readonly by: string
  text(amount: number): string
  ticks(ticks: readonly number[]): readonly string[]
}

const frame = { width: 352, left: 116, right: 280, top: 4, row: 22 } as const

/** Longer values are cut, and told whole by their tool tip. */
const longestValue = 17

const shortened = (text: string): string => (text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`)

const row = ({ value, isUsual, points }: ValueEffect, y: number, x: Scale, shown: Shown): Content => {
  const text = valueText(value)
  const name = label(frame.left - 10, y, html`${hover(isUsual ? `${text}, the default` : text)}${shortened(text)}`, {
    anchor: 'end',
    ...(isUsual && { look: 'usual-value' }),
  })
  const [best] = points
  if (!best) return [name, label(frame.right + 10, y, 'none', { look: 'quiet' })]
  const median = x.at(
    quantile(
      points.map(({ amount }) => amount),
      0.5,
    ),
  )
  return [
    name,
    line(frame.left, y, frame.right, y, 'grid'),
    points.slice(1).map(({ one, amount }) => dot(x.at(amount), y, 3, 'faint', hoverText(one))),
    line(median, y - 7, median, y + 7, 'median'),
    dot(x.at(best.amount), y, 4, 'best', hoverText(best.one)),
    label(frame.right + 10, y, shown.text(best.amount), { look: 'best-name' }),
  ]
}

const panel = ({ axis, values, ratio }: AxisEffect, index: number, x: Scale, shown: Shown): Markup => {
  const bottom = frame.top + values.length * frame.row
  const told = ratio === undefined ? 'too few measured' : `${ratioText(ratio)} times`
  return html`<figure class="panel"><h3><span>${axis}</span> <span class="ratio">${told}</span></h3>
${picture(
  {
    id: `axis-${index}`,
    title: `The effect of ${axis}`,
    description: `${values.map(({ value, points }) => `${valueText(value)}: ${points[0] ? `best ${shown.text(points[0].amount)} of ${countText(points.length)}` : 'none measured'}`).join('; ')}.`,
    width: frame.width,
    height: bottom + 24,
  },
  axisAlong(x, shown.ticks(x.ticks), frame.top, bottom),
  values.map((value, k) => row(value, frame.top + (k + 0.5) * frame.row, x, shown)),
)}</figure>
`
}

const numbers = (effects: readonly AxisEffect[], shown: Shown): Markup =>
  table(
    'The effect of each axis',
    [
      { name: 'axis' },
      { name: 'value' },
      { name: 'candidates', isNumber: true },
      { name: 'best', isNumber: true },
      { name: 'median', isNumber: true },
    ],
    effects.flatMap(({ axis, values }) =>
      values.map(({ value, isUsual, points }) => [
        axis,
        isUsual ? `${valueText(value)}, the default` : valueText(value),
        countText(points.length),
        points[0] ? shown.text(points[0].amount) : '',
        points[0]
          ? shown.text(
              quantile(
                points.map(({ amount }) => amount),
                0.5,
              ),
            )
          : '',
      ]),
    ),
  )

/** @returns nothing where there is no axis to choose on, or no candidate that has the quantity */
export const axesFigure = (axes: Axes, usual: Schedule, all: readonly Measured[], shown: Shown): Markup => {
  const effects = effectsOf(axes, usual, all, shown)
  const amounts = effects.flatMap(({ values }) => values.flatMap(({ points }) => points.map(({ amount }) => amount)))
  if (amounts.length === 0) return nothing
  const x = scaleOf(amounts, { range: [frame.left + 8, frame.right - 8], apart: 46, fromZero: false })
  return html`<section><h2>${shown.heading}</h2>
<p>A dot is a candidate that has the value, placed by its ${shown.by}${x.isLog ? ' on a logarithmic scale' : ''}; the stroke is the median, the large dot and the number are the best, and the default’s value is bold. The ratio beside an axis is the best of its worst value over the best of its best; it sorts the panels. It counts what was measured, and a search that keeps near the best measures few of a bad value.</p>
<div class="panels">
${effects.map((effect, k) => panel(effect, k, x, shown))}</div>
${folded('The axes in numbers', numbers(effects, shown))}</section>
`
}
