/** The tokens of a formula, and what is no token. */
import { createToken, type IToken, Lexer, type TokenType } from './chevrotain.ts'
import type { Diagnostic } from './errors.ts'
import type { Span } from './expression.ts'
import { comparisons, operators } from './functions.ts'
import { messages } from './messages.ts'

const space = createToken({ name: 'space', pattern: /\s+/, group: Lexer.SKIPPED })
export const nameToken = createToken({ name: 'name', pattern: /[A-Za-z_][A-Za-z0-9_]*/ })
export const letToken = createToken({ name: 'let', pattern: /let/, longer_alt: nameToken })
export const numberToken = createToken({ name: 'number', pattern: /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/ })
export const openToken = createToken({ name: 'open', pattern: '(' })
export const closeToken = createToken({ name: 'close', pattern: ')' })
export const commaToken = createToken({ name: 'comma', pattern: ',' })
export const semicolonToken = createToken({ name: 'semicolon', pattern: ';' })

/** Every infix operator is an `infixToken`, so that the grammar has one rule for all; how tight each binds is data. */
export const infixToken = createToken({ name: 'infix', pattern: Lexer.NA })
const infix = (symbol: string): TokenType => createToken({ name: symbol, pattern: symbol, categories: infixToken })

export const minusToken = infix('-')
const infixTokens = [...comparisons, ...operators].filter(({ symbol }) => symbol !== '-').map(({ symbol }) => infix(symbol))
// After the comparisons, or == would be two of these.
export const equalsToken = createToken({ name: 'equals', pattern: '=' })

export const tokens: TokenType[] = [
  space,
  letToken,
  nameToken,
  numberToken,
  openToken,
  closeToken,
  commaToken,
  semicolonToken,
  infixToken,
  ...infixTokens,
  minusToken,
  equalsToken,
]

/** What people type, or paste from a paper, for a sign that the language spells otherwise. */
const instead: ReadonlyMap<string, string> = new Map([
  ['×', '*'],
  ['·', '*'],
  ['÷', '/'],
  ['−', '-'],
  ['–', '-'],
  ['²', '^2'],
  ['³', '^3'],
  ['≤', '<='],
  ['≥', '>='],
  ['≠', '!='],
  ['√', 'sqrt(…)'],
  ['[', '('],
  [']', ')'],
  ['{', '('],
  ['}', ')'],
])

let lexer: Lexer | undefined

/** The text of a token's place. */
export const tokenSpan = (token: IToken): Span => ({ start: token.startOffset, end: token.startOffset + token.image.length })

/** Splits a text into tokens; what is none is reported, and skipped. */
export const scan = (text: string): { readonly tokens: readonly IToken[]; readonly diagnostics: readonly Diagnostic[] } => {
  lexer ??= new Lexer(tokens, { positionTracking: 'onlyOffset', ensureOptimizations: true, skipValidations: true })
  const { tokens: found, errors } = lexer.tokenize(text)
  const diagnostics = errors.map(({ offset, length }) => {
    const strange = text.slice(offset, offset + length)
    return messages.strangeCharacter({ start: offset, end: offset + length }, strange, instead.get(strange))
  })
  return { tokens: found, diagnostics }
}
