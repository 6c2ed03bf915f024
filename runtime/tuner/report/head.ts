/** The head of a report: what was tuned, what came of it in one sentence, and the schedule to take. */
import type { Budget, Tuned } from '../request.ts'
import { differences, isSameValue } from '../schedules.ts'
import type { Schedule } from '../subject.ts'
import { type Content, html, type Markup } from './markup.ts'
import type { Measured } from './measured.ts'
import type { TuningReport } from './report.ts'
import { folded } from './table.ts'
import { type Class, chosenText, classes, counted, countText, ratioText, timeText } from './words.ts'

/** A schedule as JSON, an axis a line; what is not as in the default is bold. */
const json = (schedule: Schedule, usual: Schedule): Markup => {
  const entries = Object.entries(schedule)
  const lines = entries.map(([axis, value], k) => {
    const text = `  ${JSON.stringify(axis)}: ${JSON.stringify(value) ?? 'null'}${k < entries.length - 1 ? ',' : ''}`
    return isSameValue(value, usual[axis]) ? html`${text}\n` : html`<strong>${text}</strong>\n`
  })
  return html`<pre class="json"><code>{
${lines}}</code></pre>
`
}

/** How much faster the best is, in words: a part in a hundred is the noise of a good measurement. */
const gain = ({ best, bestMs, usual, usualMs }: Tuned): Content => {
  if (differences(best!, usual).length === 0) return 'It is the default: nothing that was tried is faster.'
  if (usualMs === undefined) return 'The default has no time to compare it with.'
  const ratio = usualMs / bestMs!
  if (ratio < 1.01) return html`The default takes ${timeText(usualMs)}: it is as good.`
  return html`The default takes ${timeText(usualMs)}: the best is <strong>${ratioText(ratio)} times</strong> as fast.`
}

const verdict = ({ tuned, target }: TuningReport): Markup => {
  const { best, bestMs, results } = tuned
  if (results.length === 0) return html`<p class="verdict">Nothing was measured.</p>`
  if (best === undefined) return html`<p class="verdict">No candidate came out right: there is no schedule to take.</p>`
  if (bestMs === undefined)
    return html`<p class="verdict">This device cannot be timed.</p>
<p>Every candidate was checked, and none was timed: there is no best in time here. The schedule below is what the cost model for ${target} expects to be fastest of those that came out right.</p>`
  return html`<p class="verdict">The best takes <strong>${timeText(bestMs)}</strong>. ${gain(tuned)}</p>`
}

const budgetText = ({ ms, candidates }: Budget): string =>
  `${Number.isFinite(ms) ? chosenText(ms) : 'no limit of time'}, ${Number.isFinite(candidates) ? counted(candidates, 'candidate') : 'no limit of candidates'}`

/** How many came out how: `96 right (12 left early), 3 wrong`. */
const outcomes = (all: readonly Measured[]): string => {
  const countOf = (kind: Class): number => all.filter((one) => one.class === kind).length
  const right = all.filter(({ outcome }) => outcome.kind === 'ok').length
  const hasty = countOf('hasty')
  const refused = (['invalid', 'compile-failed', 'launch-failed'] as const).filter((kind) => countOf(kind) > 0)
  const reasons = refused.map((kind) => `${countText(countOf(kind))} ${classes[kind].name}`).join(', ')
  return [
    `${countText(right)} right${hasty > 0 ? ` (${countText(hasty)} left early, clearly behind)` : ''}`,
    `${countText(countOf('wrong'))} wrong`,
    `${countText(countOf('timeout'))} timed out`,
    `${countText(refused.reduce((sum, kind) => sum + countOf(kind), 0))} refused${reasons ? ` (${reasons})` : ''}`,
  ].join(', ')
}

const facts = (report: TuningReport, all: readonly Measured[]): readonly (readonly [string, Content])[] => {
  const { tuned, dtype, layout, shape, target, device, date, strategy, seed, budget } = report
  const { spaceSize, measured, compiled, isComplete } = tuned
  return [
    ['formula', html`<code>${report.formula}</code>`],
    ['geometry', report.geometry],
    ['input', `${shape.map(String).join(' × ')}, ${dtype}, ${layout}`],
    ['target', target],
    ['device', device],
    ['date', `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['search', `${strategy}, seed ${seed}; budget ${budgetText(budget)}`],
    ['measured', `${countText(all.length)} of ${counted(spaceSize, 'candidate')}: ${outcomes(all)}`],
    [
      'this run',
      `measured ${countText(measured)} and compiled ${countText(compiled)}; ${isComplete ? 'the search is complete' : 'the search was interrupted, and a further run goes on'}`,
    ],
  ]
}

/** The schedule to take, where there is one, and what it differs from. */
const schedules = ({ best, usual }: Tuned): Content => {
  const folder = folded('The default schedule', json(usual, usual))
  if (best === undefined) return folder
  return html`<section><h2>The schedule to take</h2>
${json(best, usual)}<p class="note">In bold: what is not as in the default.</p>
${folder}</section>
`
}

export const head = (report: TuningReport, all: readonly Measured[]): Markup =>
  html`<header>
<h1>${report.operator}, ${report.direction}</h1>
${verdict(report)}
<dl>${facts(report, all).map(([name, fact]) => html`<div><dt>${name}</dt><dd>${fact}</dd></div>\n`)}</dl>
</header>
${schedules(report.tuned)}`
