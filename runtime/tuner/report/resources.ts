/**
 * What candidates take of a device that cannot be timed: the registers of a thread against the occupancy that they leave. It
 * shows what the compiler made of each schedule, where no time can show what that is worth.
 */

import type { Takes } from '../outcome.ts'
import { scheduleText } from '../schedules.ts'
import { type Content, html, type Markup, nothing } from './markup.ts'
import type { Measured } from './measured.ts'
import { axisAlong, axisUp, dot, label, line, picture } from './picture.ts'
import { scaleOf } from './scale.ts'
import { table } from './table.ts'
import { classes, counted, countText, percentText, ratioText } from './words.ts'

const frame = { width: 720, left: 72, right: 696, top: 64, bottom: 340 } as const

/** A dot's area is in proportion to its candidates, up to a size that leaves its neighbours in sight. */
const radiusOf = (count: number): number => Math.min(14, 3 * Math.sqrt(count))

/** So many schedules a tool tip names. */
const mostNamed = 8

type Known = Measured & { readonly outcome: Measured['outcome'] & { readonly takes: Takes } }

const isKnown = (one: Measured): one is Known => one.outcome.takes !== undefined

/** Candidates that lie on one place of the drawing. */
interface Place {
  readonly registers: number
  readonly occupancy: number
  readonly isRight: boolean
  readonly all: readonly Known[]
}

const placesOf = (known: readonly Known[]): readonly Place[] => {
  const byPlace = new Map<string, Known[]>()
  for (const one of known) {
    const { registers, occupancy } = one.outcome.takes
    const name = `${registers} ${occupancy} ${one.outcome.kind === 'ok'}`
    byPlace.set(name, [...(byPlace.get(name) ?? []), one])
  }
  return [...byPlace.values()]
    .map((all) => {
      const [{ outcome }] = all as [Known]
      return { registers: outcome.takes.registers, occupancy: outcome.takes.occupancy, isRight: outcome.kind === 'ok', all }
    })
    .sort((a, b) => b.all.length - a.all.length)
}

const tipOf = ({ registers, occupancy, all }: Place): string =>
  [
    `${counted(all.length, 'candidate')} of ${counted(registers, 'register')}, ${percentText(occupancy)} occupancy`,
    ...all.slice(0, mostNamed).map(({ changed }) => scheduleText(changed)),
    ...(all.length > mostNamed ? [`and ${countText(all.length - mostNamed)} more`] : []),
  ].join('\n')

const drawing = (known: readonly Known[]): Markup => {
  const places = placesOf(known)
  const x = scaleOf([0, ...places.map(({ registers }) => registers)], {
    range: [frame.left, frame.right - 14],
    apart: 70,
    fromZero: true,
  })
  const y = scaleOf([0, 1], { range: [frame.bottom, frame.top], apart: 40, fromZero: true })
  const named = ({ isBest, isUsual, outcome: { takes } }: Known): Content => {
    if (!isBest && !isUsual) return nothing
    const name = isBest && isUsual ? 'best, the default' : isBest ? 'best' : 'default'
    const isEnd = x.at(takes.registers) > (frame.left + frame.right) / 2
    const [left, top] = [x.at(takes.registers), y.at(takes.occupancy)]
    // Dots may lie anywhere: names stand above them all.
    const height = isBest ? 12 : 32
    return [
      line(left, top, left, height, 'leader'),
      dot(left, top, 4.5, isBest ? 'best' : 'usual'),
      label(isEnd ? left - 6 : left + 6, height, `${name}: ${counted(takes.registers, 'register')}`, {
        anchor: isEnd ? 'end' : 'start',
        look: isBest ? 'best-name' : 'usual-name',
      }),
    ]
  }
  return picture(
    {
      id: 'resources',
      title: 'Registers against occupancy',
      description: `${counted(known.length, 'candidate')}, ${countText(Math.min(...places.map(({ registers }) => registers)))} to ${countText(Math.max(...places.map(({ registers }) => registers)))} registers a thread.`,
      width: frame.width,
      height: frame.bottom + 44,
    },
    axisUp(y, y.ticks.map(percentText), frame.left, frame.right),
    axisAlong(x, x.ticks.map(countText), frame.top, frame.bottom),
    label(frame.right, frame.bottom + 32, 'registers a thread', { anchor: 'end', look: 'quiet' }),
    label(frame.left - 62, frame.top - 18, 'occupancy', { look: 'quiet' }),
    places.map((place) =>
      dot(
        x.at(place.registers),
        y.at(place.occupancy),
        radiusOf(place.all.length),
        place.isRight ? 'full-many' : 'fault-many',
        tipOf(place),
      ),
    ),
    known.map(named),
  )
}

/** The best first, then the others that are right, as the cost model ranks them. */
const order = (a: Known, b: Known): number =>
  Number(b.isBest) - Number(a.isBest) ||
  Number(b.outcome.kind === 'ok') - Number(a.outcome.kind === 'ok') ||
  a.expected - b.expected

/** @returns a sentence alone where the compiler tells nothing of what kernels take */
export const resourcesFigure = (all: readonly Measured[]): Markup => {
  const known = all.filter(isKnown).sort(order)
  if (known.length === 0) return html`<p>What the candidates take of the device is not known.</p>\n`
  const least = Math.min(...known.map(({ expected }) => expected))
  const numbers = table(
    'What each candidate takes',
    [
      { name: 'expected time', isNumber: true },
      { name: 'registers', isNumber: true },
      { name: 'spilled bytes', isNumber: true },
      { name: 'shared bytes', isNumber: true },
      { name: 'occupancy', isNumber: true },
      { name: 'outcome' },
      { name: 'differs from the default by' },
    ],
    known.map(({ outcome: { takes }, class: kind, changed, isBest, expected }) => [
      ratioText(expected / least),
      countText(takes.registers),
      countText(takes.spills),
      countText(takes.shared),
      percentText(takes.occupancy),
      classes[kind].name,
      isBest ? html`${scheduleText(changed)} <strong class="mark">best</strong>` : scheduleText(changed),
    ]),
  )
  return html`<section><h2>What the candidates take</h2>
<figure><div class="scroll" role="region" tabindex="0" aria-label="Registers against occupancy">${drawing(known)}</div>
<figcaption><span class="key"><svg viewBox="0 0 12 12" aria-hidden="true"><circle class="full-many" cx="6" cy="6" r="4"/></svg>right</span>
<span class="key"><svg viewBox="0 0 12 12" aria-hidden="true"><circle class="fault-many" cx="6" cy="6" r="4"/></svg>out</span>
<span class="key">The area of a dot is the number of candidates that take the same.</span></figcaption></figure>
<p class="note">The expected time is the cost model’s, as a multiple of the least. Registers and spilled bytes are of a thread, shared bytes of a block.</p>
${numbers}</section>
`
}
