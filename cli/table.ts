/**
 * Rows of text as a table: one column of words is to the left, the rest, which are figures, to the right.
 * @param words - which column; the first by default
 */
export const table = (rows: readonly (readonly string[])[], words = 0): string => {
  const widths = rows.reduce<number[]>((most, row) => row.map((text, k) => Math.max(most[k] ?? 0, text.length)), [])
  const line = (row: readonly string[]): string =>
    row.map((text, k) => (k === words ? text.padEnd(widths[k]!) : text.padStart(widths[k]!))).join('  ')
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('')
}

/** A count as people read it: 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString('en')
