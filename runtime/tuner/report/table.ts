/** Tables: of the numbers behind a picture, and those that are read by themselves. */
import { type Content, html, type Markup } from './markup.ts'

export interface Column {
  readonly name: string
  /** Numbers stand to the right, their digits below each other. */
  readonly isNumber?: true
}

/** A table that scrolls by itself where it is wider than the page. `name` is what readers of a screen are told. */
export const table = (name: string, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup => {
  const look = (k: number): string => (columns[k]!.isNumber ? 'number' : 'word')
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${name}"><table>
<thead><tr>${columns.map(({ name: heading }, k) => html`<th scope="col" class="${look(k)}">${heading}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells.map((cell, k) => html`<td class="${look(k)}">${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`
}

/** What is there for those who want it. */
export const folded = (summary: string, content: Content): Markup =>
  html`<details><summary>${summary}</summary>${content}</details>
`
