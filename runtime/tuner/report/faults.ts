/** What is out and why: each message once, with the candidates that it is of, and their sources for those who look into it. */
import type { Fault } from '../outcome.ts'
import { scheduleText } from '../schedules.ts'
import { html, type Markup, nothing } from './markup.ts'
import type { Measured } from './measured.ts'
import { folded } from './table.ts'
import { classes, counted, countText, faultClasses } from './words.ts'

type Faulty = Measured & { readonly outcome: Fault }

const isFaulty = (one: Measured): one is Faulty => one.outcome.kind !== 'ok'

/** More candidates of one message, and more messages of one kind, are folded. */
const mostOpen = 3

const candidate = ({ number, changed, outcome }: Faulty): Markup =>
  html`<li>${scheduleText(changed)} <span class="quiet">(number ${number})</span>${
    outcome.source === undefined ? nothing : folded('its source', html`<pre><code>${outcome.source}</code></pre>`)
  }</li>
`

const message = ({ text, of }: { readonly text: string; readonly of: readonly Faulty[] }): Markup => {
  const list = html`<ul>${of.map(candidate)}</ul>`
  return html`<div class="fault-group"><pre class="message">${text}</pre>${of.length > mostOpen ? folded(`${countText(of.length)} candidates`, list) : list}</div>
`
}

/** @returns nothing where nothing is out */
export const faultsList = (all: readonly Measured[]): Markup => {
  const faulty = all.filter(isFaulty)
  if (faulty.length === 0) return nothing
  const kinds = faultClasses.flatMap((kind) => {
    const of = faulty.filter((one) => one.class === kind)
    if (of.length === 0) return []
    const groups = [...new Set(of.map(({ outcome }) => outcome.message))]
      .map((text) => ({ text, of: of.filter(({ outcome }) => outcome.message === text) }))
      .sort((a, b) => b.of.length - a.of.length)
    const rest = groups.slice(mostOpen)
    return html`<h3>${classes[kind].name} <span class="quiet">${countText(of.length)}: ${classes[kind].says}</span></h3>
${groups.slice(0, mostOpen).map(message)}${rest.length > 0 ? folded(`${counted(rest.length, 'further message')}`, rest.map(message)) : nothing}`
  })
  return html`<section><h2>What is out, and why</h2>
${kinds}</section>
`
}
