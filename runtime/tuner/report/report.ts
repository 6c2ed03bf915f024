/**
 * The report of a tuner as one page that stands alone: pictures for what a table cannot show, tables for what a picture cannot
 * tell. It has no script and asks for nothing, so it opens from a disk as from a server, and in many years as today.
 */
import type { Layout, StorageType } from '../../../dsl/geometry.ts'
import type { Budget, Tuned } from '../request.ts'
import type { StrategyName } from '../strategies/index.ts'
import type { Axes } from '../subject.ts'
import { axesFigure, type Shown } from './axes.ts'
import { convergenceFigure } from './convergence.ts'
import { fastestTable } from './fastest.ts'
import { faultsList } from './faults.ts'
import { head } from './head.ts'
import { limitFigure } from './limit.ts'
import { html, type Markup } from './markup.ts'
import { type Measured, measuredOf } from './measured.ts'
import { resourcesFigure } from './resources.ts'
import { style } from './style.ts'
import { timesFigure } from './times.ts'
import { countText, tickTexts, timeText } from './words.ts'

/** What was tuned, how, and what was found. Texts are shown as they are, whatever they hold. */
export interface TuningReport {
  readonly operator: string
  readonly formula: string
  readonly direction: 'forward' | 'backward'
  /** In words: `3 x 3 windows, stride 2, padding 1`. */
  readonly geometry: string
  readonly dtype: StorageType
  readonly layout: Layout
  /** Of the input, in the order of its layout. */
  readonly shape: readonly number[]
  readonly target: string
  /** In words, with what its times depend on: an engine's version, a driver's. */
  readonly device: string
  readonly date: Date
  readonly strategy: StrategyName
  readonly seed: number
  readonly budget: Budget
  readonly tuned: Tuned
  /** The values of each axis that were searched. */
  readonly axes: Axes
  /** Milliseconds, above 0, of moving the bytes of all tensors once on this machine; absent where nobody measured it. */
  readonly limitMs?: number
}

const time: Shown = {
  heading: 'The effect of each axis',
  by: 'time',
  of: (outcome) => (outcome.kind === 'ok' && outcome.ms !== null ? outcome.ms : undefined),
  text: timeText,
  ticks: tickTexts,
}

const registers: Shown = {
  heading: 'The effect of each axis on registers',
  by: 'registers a thread',
  // Registers that spill are as many as a thread may have, and say nothing of the schedule.
  of: (outcome) => (outcome.kind === 'ok' ? outcome.takes?.registers : undefined),
  text: countText,
  ticks: (ticks) => ticks.map(countText),
}

const figures = ({ tuned, axes, limitMs }: TuningReport, all: readonly Measured[]): readonly Markup[] => {
  const { bestMs, usualMs, usual } = tuned
  if (bestMs === undefined) {
    const right = all.some(({ outcome }) => outcome.kind === 'ok')
    return right ? [axesFigure(axes, usual, all, registers), faultsList(all), resourcesFigure(all)] : [faultsList(all)]
  }
  return [
    limitFigure({ bestMs, usualMs, limitMs }),
    timesFigure(all),
    fastestTable(all),
    axesFigure(axes, usual, all, time),
    convergenceFigure(all, usualMs),
    faultsList(all),
  ]
}

/** No script runs in the page and nothing is fetched, also where a text that is shown should have found a way. */
const policy = "default-src 'none'; style-src 'unsafe-inline'"

/**
 * Writes a report as one HTML file, in UTF-8, that needs nothing beside itself.
 *
 * On a device that cannot be timed it shows what candidates take of it, in place of times.
 */
export const renderReport = (report: TuningReport): string => {
  const all = measuredOf(report.tuned)
  return `<!doctype html>
${html`<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${report.operator}, ${report.direction}: tuned for ${report.target}</title>
<style>${style}</style>
</head>
<body><main>
${head(report, all)}${figures(report, all)}</main></body>
</html>
`}`
}
