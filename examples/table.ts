/** Rows of text as a table on the terminal: names to the left, figures to the right. */
export const printTable = (head: readonly string[], body: readonly (readonly string[])[]): void => {
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)))
  const print = (row: readonly string[]): void =>
    console.log(row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('   '))
  print(head)
  print(widths.map((width) => '-'.repeat(width)))
  for (const row of body) print(row)
}
