/**
 * What the drawings have in common: the frame with its title and description, axes, labels. A drawing is SVG whose colours are
 * classes of the page's style, so that one drawing serves light and dark.
 */
import { type Content, html, type Markup, nothing } from './markup.ts'
import type { Scale } from './scale.ts'

export interface Frame {
  /** Of its own in the page. */
  readonly id: string
  readonly title: string
  /** What there is to see, for those who do not see it. */
  readonly description: string
  readonly width: number
  readonly height: number
}

/** A drawing. Its numbers stand in a table beside it: to readers of a screen it is one image. */
export const picture = ({ id, title, description, width, height }: Frame, ...body: readonly Content[]): Markup =>
  html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>
${body}</svg>`

/** A tool tip, to stand first in what it belongs to. */
export const hover = (text: string): Markup => html`<title>${text}</title>`

export interface LabelOptions {
  readonly anchor?: 'start' | 'middle' | 'end'
  /** Classes of the page's style, beside that of every label. */
  readonly look?: string
}

/** Text at a place; `y` is the middle of its line. */
export const label = (x: number, y: number, text: Content, { anchor = 'start', look }: LabelOptions = {}): Markup =>
  // A third of an em lower than its middle, since not every renderer knows dominant-baseline.
  html`<text class="${look === undefined ? 'label' : `label ${look}`}" x="${x}" y="${y}" dy="0.33em" text-anchor="${anchor}">${text}</text>
`

export const line = (x1: number, y1: number, x2: number, y2: number, look: string): Markup =>
  html`<line class="${look}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>
`

export const dot = (x: number, y: number, r: number, look: string, tip?: string): Markup =>
  html`<circle class="${look}" cx="${x}" cy="${y}" r="${r}">${tip === undefined ? nothing : hover(tip)}</circle>
`

/** An axis up the left side: a faint line across for each tick. */
export const axisUp = (scale: Scale, texts: readonly string[], left: number, right: number): Content =>
  scale.ticks.map((tick, k) => [
    line(left, scale.at(tick), right, scale.at(tick), 'grid'),
    label(left - 8, scale.at(tick), texts[k]!, { anchor: 'end', look: 'quiet' }),
  ])

/** An axis along the bottom: a faint line up for each tick. */
export const axisAlong = (scale: Scale, texts: readonly string[], top: number, bottom: number): Content =>
  scale.ticks.map((tick, k) => [
    line(scale.at(tick), top, scale.at(tick), bottom, 'grid'),
    label(scale.at(tick), bottom + 12, texts[k]!, { anchor: 'middle', look: 'quiet' }),
  ])
