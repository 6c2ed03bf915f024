/** Indices into arrays of several axes, as text. */

const isWord = (text: string): boolean => /^\w+$/.test(text)

/** An expression as an operand of a product: a sum in brackets, a name or a number as it is. */
export const bracketed = (text: string): string => (isWord(text) ? text : `(${text})`)

/**
 * The row-major index of coordinates, outermost first. An axis of one element, whose extent is '1', adds nothing; nor does a
 * coordinate '0' as the innermost.
 * @param extents - one for each coordinate; the first is not read
 */
export const flat = (coordinates: readonly string[], extents: readonly string[]): string =>
  coordinates.reduce((at, x, d) => {
    if (d === 0) return x
    if (extents[d] === '1') return at
    const row = at === '0' ? '' : `${bracketed(at)} * ${extents[d]!}`
    if (row === '') return x
    return x === '0' ? row : `${row} + ${x}`
  })

/** `text` and a number, where there is one to add or to subtract. */
export const plus = (text: string, n: number): string => (n === 0 ? text : `${text} ${n < 0 ? '-' : '+'} ${Math.abs(n)}`)

/** `text` times a number, where that is not one. */
export const times = (text: string, n: number): string => (n === 1 ? text : `${bracketed(text)} * ${n}`)
