/** PTX text to tokens with their lines. Opcodes keep their modifiers, `ld.global.L1::no_allocate.f32`, in one word. */
import { PtxError } from './errors.ts'

export interface Token {
  readonly kind: 'word' | 'directive' | 'number' | 'string' | 'mark'
  readonly text: string
  readonly line: number
}

const patterns = [
  ['word', /[%$_a-zA-Z][\w$]*(?:\.\w+(?:::\w+)*)*/y],
  ['directive', /\.[a-zA-Z_]\w*(?:::\w+)*/y],
  ['number', /0[fF][0-9a-fA-F]{8}\b|0[dD][0-9a-fA-F]{16}\b|0[xX][0-9a-fA-F]+U?\b|\d+\.\d+\b|\d+U?\b/y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['mark', /[{}[\](),;:+\-@!|<>=]/y],
] as const satisfies readonly (readonly [Token['kind'], RegExp])[]

const space = /[ \t\r\0]+|\/\/[^\n]*/y
const comment = /\/\*[\s\S]*?\*\//y

const match = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

export const tokens = (text: string): readonly Token[] => {
  const found: Token[] = []
  let line = 1
  let at = 0
  scan: while (at < text.length) {
    if (text[at] === '\n') {
      line++
      at++
      continue
    }
    const skipped = match(space, text, at) ?? match(comment, text, at)
    if (skipped !== undefined) {
      line += skipped.split('\n').length - 1
      at += skipped.length
      continue
    }
    for (const [kind, pattern] of patterns) {
      const taken = match(pattern, text, at)
      if (taken === undefined) continue
      found.push({ kind, text: taken, line })
      at += taken.length
      continue scan
    }
    throw new PtxError(line, `'${text[at]}' begins nothing that PTX knows`)
  }
  return found
}

/** Reads tokens one by one; whatever is not as expected is an error that names it. */
export class Reader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokens(text)
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }
  /** The line of the next token. */
  get line(): number {
    return this.peek()?.line ?? this.#tokens.at(-1)?.line ?? 1
  }
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }
  next(): Token {
    const token = this.#tokens[this.#at]
    if (!token) throw new PtxError(this.line, 'the text ends in the middle of a statement')
    this.#at++
    return token
  }
  is(text: string): boolean {
    return this.peek()?.text === text
  }
  /** Takes the next token if it is this one. */
  take(text: string): boolean {
    if (!this.is(text)) return false
    this.#at++
    return true
  }
  expect(text: string): Token {
    const token = this.next()
    if (token.text !== text) throw new PtxError(token.line, `'${text}' is expected, but '${token.text}' found`)
    return token
  }
  kind(kind: Token['kind'], what: string): Token {
    const token = this.next()
    if (token.kind !== kind) throw new PtxError(token.line, `${what} is expected, but '${token.text}' found`)
    return token
  }
  /** A non-negative integer of ordinary size. */
  count(what: string, most: number): number {
    const { text, line } = this.kind('number', what)
    const value = /^(?:0[xX][0-9a-fA-F]+|\d+)U?$/.test(text) ? Number(text.replace('U', '')) : Number.NaN
    if (Number.isSafeInteger(value) && value <= most) return value
    throw new PtxError(line, `${what} is ${text}: an integer of at most ${most} is expected`)
  }
  /** Skips from an opening brace to the one that closes it. */
  skipBraces(): void {
    this.expect('{')
    for (let depth = 1; depth > 0; ) {
      const { text } = this.next()
      if (text === '{') depth++
      else if (text === '}') depth--
    }
  }
}
