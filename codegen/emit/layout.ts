/** Indents emitted text by its braces, so that templates and emitters need not count levels. */
export const indent = (text: string): string => {
  const out: string[] = []
  let depth = 0
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '') continue
    if (line.startsWith('}')) depth--
    out.push('  '.repeat(depth) + line)
    if (line.endsWith('{')) depth++
  }
  return `${out.join('\n')}\n`
}
