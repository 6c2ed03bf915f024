/** What reports have in common: tables of Markdown, whose first columns are words, and the shapes that are measured. */
import { describe, type Shape } from './cases.ts'

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** A table; all but its first three columns are figures. */
export const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [line(head), line(head.map((_, k) => (k < 3 ? '---' : '---:'))), ...body.map(line)].join('\n')

/** The shapes of rows, each once, in words. */
export const shapesOf = (rows: readonly { readonly shape: Shape }[]): string =>
  [...new Map(rows.map(({ shape }) => [shape.id, shape])).values()].map((shape) => `- ${shape.id}: ${describe(shape)}`).join('\n')
