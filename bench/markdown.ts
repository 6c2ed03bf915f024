/** What reports have in common: tables of Markdown, whose first columns are words, times, and the shapes that are measured. */
import type { Timing } from '../runtime/timing.ts'
import { describe, type Shape } from './cases.ts'

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** A table; all but its first three columns are figures. */
export const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [line(head), line(head.map((_, k) => (k < 3 ? '---' : '---:'))), ...body.map(line)].join('\n')

const milliseconds = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

/** A median with its quartiles. */
export const spread = ({ ms, lower, upper }: Timing): string =>
  `${milliseconds(ms)} (${milliseconds(lower)}-${milliseconds(upper)})`

/** How many times as long. */
export const times = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1))

/** The shapes of rows, each once, in words. */
export const shapesOf = (rows: readonly { readonly shape: Shape }[]): string =>
  [...new Map(rows.map(({ shape }) => [shape.id, shape])).values()].map((shape) => `- ${shape.id}: ${describe(shape)}`).join('\n')
