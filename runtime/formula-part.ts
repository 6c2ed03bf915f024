/** From a line of an emitted kernel back to the formula: which part of it the line computes. */

const comment = /^\s*\/\/ (.*)$/
/** A line that writes to an array, alone or a vector at once. */
const store = /^\s*(?:if \(.*?\) (?:\{ )?)?(?:\*\(\w+\*\)\((\w+) \+ .*?\)|(\w+)\[.*?\]) = /

/**
 * The part of the formula that a line of an emitted source computes: the array that it writes to, or else what the nearest
 * comment above it says, within its kernel; `undefined` outside of kernels and before the first comment.
 * @param line - from 1
 */
export const formulaPartAt = (source: string, line: number): string | undefined => {
  const lines = source.split('\n')
  const [, vector, array = vector] = store.exec(lines[line - 1] ?? '') ?? []
  if (array !== undefined) return array
  for (let at = line - 1; at >= 0; at--) {
    const text = lines[at] ?? ''
    if (text.startsWith('extern "C"') || text.startsWith('static ') || text.startsWith('fn ') || text === '}') return undefined
    const part = comment.exec(text)?.[1]
    if (part !== undefined && at < line - 1) return part
  }
  return undefined
}
