/**
 * The distance to the memory limit: a pooling kernel reads and writes each byte once at the least, so the time of moving the
 * same bytes is what is left to be gained.
 */
import { html, type Markup } from './markup.ts'
import { label, picture } from './picture.ts'
import { scaleOf } from './scale.ts'
import { folded, table } from './table.ts'
import { ratioText, timeIn, timeText, unitOf } from './words.ts'

const frame = { width: 500, left: 96, right: 350, top: 6, row: 30, bar: 16 } as const

interface Bar {
  readonly name: string
  readonly look: 'limit-bar' | 'best-bar' | 'usual-bar'
  readonly ms: number
}

/** A kernel is faster than the limit where caches still hold what the move had to fetch. */
const distance = (name: string, ratio: number): string =>
  ratio >= 1
    ? `the ${name} takes ${ratioText(ratio)} times the limit`
    : `the ${name} takes ${ratioText(ratio)} of the limit, since caches held a part of what it reads`

export interface Times {
  readonly bestMs: number
  readonly usualMs: number | undefined
  readonly limitMs: number | undefined
}

export const limitFigure = ({ bestMs, usualMs, limitMs }: Times): Markup => {
  const bars: readonly Bar[] = [
    ...(limitMs === undefined ? [] : [{ name: 'memory limit', look: 'limit-bar', ms: limitMs } as const]),
    { name: 'best', look: 'best-bar', ms: bestMs },
    ...(usualMs === undefined ? [] : [{ name: 'default', look: 'usual-bar', ms: usualMs } as const]),
  ]
  // Lengths are compared, so they begin at 0 whatever their ratio.
  const greatest = Math.max(...bars.map(({ ms }) => ms))
  const x = scaleOf([0, greatest], { range: [frame.left, frame.right], apart: 60, fromZero: true })
  const told =
    limitMs === undefined
      ? 'How long moving the same bytes once takes on this machine is not known, so how near the best comes to the limit is not either.'
      : `Moving the same bytes once takes ${timeText(limitMs)}: ${[distance('best', bestMs / limitMs), ...(usualMs === undefined ? [] : [distance('default', usualMs / limitMs)])].join(', ')}.`
  const unit = unitOf(bestMs)
  const numbers = table(
    'The distance to the memory limit',
    [{ name: '' }, { name: unit.name, isNumber: true }, { name: 'times the limit', isNumber: true }],
    bars.map(({ name, ms }) => [name, timeIn(unit, ms), limitMs === undefined ? '' : ratioText(ms / limitMs)]),
  )
  return html`<section><h2>The distance to the memory limit</h2>
<p>${told}</p>
<figure class="bars">${picture(
    {
      id: 'limit',
      title: 'The distance to the memory limit',
      description: bars.map(({ name, ms }) => `${name} ${timeText(ms)}`).join(', '),
      width: frame.width,
      height: frame.top * 2 + bars.length * frame.row,
    },
    bars.map(({ name, look, ms }, k) => {
      const y = frame.top + (k + 0.5) * frame.row
      return [
        label(frame.left - 10, y, name, { anchor: 'end' }),
        html`<rect class="${look}" x="${frame.left}" y="${y - frame.bar / 2}" width="${x.at(ms) - frame.left}" height="${frame.bar}"/>
`,
        label(
          x.at(ms) + 8,
          y,
          limitMs === undefined || ms === limitMs ? timeText(ms) : `${timeText(ms)}, ${ratioText(ms / limitMs)} ×`,
        ),
      ]
    }),
  )}</figure>
${folded('The distance in numbers', numbers)}</section>
`
}
