/** Plain data as the text of a JavaScript literal, to be read: short things on a line, long ones on several. */

const isName = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key) && key !== '__proto__'

const keyOf = (key: string): string => (isName(key) ? key : `[${quote(key)}]`)

/** A string in single quotes. Line separators end a line in old engines. */
export const quote = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`)}'`

/** What stands in data as code: a name, or a text of several lines. */
export class Code {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A text of several lines, between backticks. */
export const template = (text: string): Code => new Code(`\`${text.replace(/[\\`]|\$\{/g, (found) => `\\${found}`)}\``)

const lineWidth = 110

/** JSON's values, maps and {@link Code}. What is undefined is left out. */
export const literal = (value: unknown, indent = ''): string => {
  if (value instanceof Code) return value.text
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' || typeof value === 'boolean' || value === null)
      return Object.is(value, -0) ? '-0' : String(value)
    throw new Error(`${typeof value} is no plain data`)
  }
  const inner = `${indent}  `
  const wrap = (open: string, items: readonly string[], close: string): string => {
    const flat = `${open}${items.join(', ')}${close}`
    if (flat.length + indent.length <= lineWidth && !flat.includes('\n'))
      return items.length > 0 && open === '{' ? `{ ${items.join(', ')} }` : flat
    return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}${close}`
  }
  if (value instanceof Map)
    return wrap(
      'new Map([',
      [...value].map((entry) => literal(entry, inner)),
      '])',
    )
  if (Array.isArray(value))
    return wrap(
      '[',
      value.map((item) => literal(item, inner)),
      ']',
    )
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return wrap(
    '{',
    entries.map(([key, one]) => `${keyOf(key)}: ${literal(one, inner)}`),
    '}',
  )
}
