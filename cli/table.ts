/** Rows of text as a table: the first column is to the left, the rest, which are figures, to the right. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows.reduce<number[]>((most, row) => row.map((text, k) => Math.max(most[k] ?? 0, text.length)), [])
  const line = (row: readonly string[]): string =>
    row.map((text, k) => (k === 0 ? text.padEnd(widths[k]!) : text.padStart(widths[k]!))).join('  ')
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('')
}

/** A count as people read it: 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString('en')
