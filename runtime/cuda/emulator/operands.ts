/** The operands of PTX instructions, read from tokens. */
import { PtxError } from './errors.ts'
import type { Reader } from './lex.ts'
import type { Operand } from './ptx.ts'

/** What names mean in the scopes that are open. */
export interface Names {
  /** The register of a name, if it is one. */
  register(name: string): number | undefined
  /** The variable, label or function that a name stands for. */
  variable(name: string): string
}

export type Literal = Extract<Operand, { readonly kind: 'integer' | 'float' | 'decimal' }>

const integer = /^(?:0[xX][0-9a-fA-F]+|\d+)U?$/
const decimal = /^\d+\.\d+$/

/**
 * A number as PTX writes it: an integer, `0f` with the bits of a float32, `0d` with those of a float64; or, by people's hands,
 * a decimal fraction.
 */
export const numberOf = (text: string, negative: boolean, line: number): Literal => {
  if (integer.test(text)) {
    const value = BigInt(text.replace('U', ''))
    if (value >= 1n << 64n) throw new PtxError(line, `${text} does not fit into 64 bits`)
    return { kind: 'integer', value: negative ? -value : value }
  }
  if (decimal.test(text)) return { kind: 'decimal', value: negative ? -Number(text) : Number(text) }
  const head = text.slice(0, 2).toLowerCase()
  if (head !== '0f' && head !== '0d') throw new PtxError(line, `${text} is no number that PTX has as an operand`)
  const width = head === '0f' ? 32 : 64
  const sign = negative ? 1n << BigInt(width - 1) : 0n
  return { kind: 'float', bits: BigInt(`0x${text.slice(2)}`) ^ sign, width }
}

const readAddress = (reader: Reader, names: Names): Operand => {
  const base = readPlain(reader, names)
  let offset = 0n
  if (reader.is('+') || reader.is('-')) {
    let negative = reader.next().text === '-'
    if (reader.take('-')) negative = !negative
    const token = reader.kind('number', "an address's offset")
    const read = numberOf(token.text, negative, token.line)
    if (read.kind !== 'integer') throw new PtxError(token.line, `an address's offset is an integer, not ${token.text}`)
    offset = read.value
  }
  reader.expect(']')
  return { kind: 'address', base, offset }
}

const readVector = (reader: Reader, names: Names): Operand => {
  const elements: Operand[] = []
  do elements.push(readPlain(reader, names))
  while (reader.take(','))
  reader.expect('}')
  return { kind: 'vector', elements }
}

/** An operand that holds no other. */
const readPlain = (reader: Reader, names: Names): Operand => {
  const negated = reader.take('!')
  const negative = !negated && reader.take('-')
  const { kind, text, line } = reader.next()
  if (kind === 'number' && !negated) return numberOf(text, negative, line)
  if (kind !== 'word' || negative) throw new PtxError(line, `an operand is expected, but '${text}' found`)
  const register = names.register(text)
  if (register !== undefined) return { kind: 'register', register, negated }
  if (negated) throw new PtxError(line, `'!' stands before '${text}', which is no predicate`)
  if (text === '_') return { kind: 'sink' }
  if (text.startsWith('%')) return { kind: 'special', name: text }
  return { kind: 'name', name: names.variable(text) }
}

export const readOperand = (reader: Reader, names: Names): Operand => {
  if (reader.take('[')) return readAddress(reader, names)
  if (reader.take('{')) return readVector(reader, names)
  const first = readPlain(reader, names)
  return reader.take('|') ? { kind: 'pair', first, second: readPlain(reader, names) } : first
}
