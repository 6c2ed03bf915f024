/** The fastest candidates, and what each has that the default has not: what they agree on is what matters. */

import { scheduleText } from '../schedules.ts'
import { html, type Markup, nothing } from './markup.ts'
import { fastestFirst, type Measured } from './measured.ts'
import { table } from './table.ts'
import { classes, countText, percentText, ratioText, timeIn, unitOf } from './words.ts'

const most = 20

/** @param all - at least one of them has a time */
export const fastestTable = (all: readonly Measured[]): Markup => {
  const fastest = fastestFirst(all).slice(0, most)
  const least = fastest[0]!.outcome.ms
  const unit = unitOf(least)
  const hasTakes = fastest.some(({ outcome }) => outcome.takes)
  const rows = fastest.map(({ outcome: { ms, lower, upper, takes }, class: kind, changed, isBest }, k) => [
    countText(k + 1),
    timeIn(unit, ms),
    lower === undefined || upper === undefined ? '' : `${timeIn(unit, lower)} to ${timeIn(unit, upper)}`,
    ratioText(ms / least),
    classes[kind].name,
    ...(hasTakes ? [takes ? countText(takes.registers) : '', takes ? percentText(takes.occupancy) : ''] : []),
    isBest ? html`${scheduleText(changed)} <strong class="mark">best</strong>` : scheduleText(changed),
  ])
  const note = fastest.some((one) => one.class === 'final')
    ? html`<p class="note">Finalists were timed side by side, so their times can be told from each other, and the best is the fastest of them; the others were timed at different moments.</p>`
    : nothing
  return html`<section><h2>The fastest ${fastest.length === 1 ? 'candidate' : `${fastest.length} candidates`}</h2>
${table(
  'The fastest candidates',
  [
    { name: 'rank', isNumber: true },
    { name: unit.name, isNumber: true },
    { name: 'quartiles', isNumber: true },
    { name: 'times the fastest', isNumber: true },
    { name: 'outcome' },
    ...(hasTakes
      ? ([
          { name: 'registers', isNumber: true },
          { name: 'occupancy', isNumber: true },
        ] as const)
      : []),
    { name: 'differs from the default by' },
  ],
  rows,
)}${note}</section>
`
}
