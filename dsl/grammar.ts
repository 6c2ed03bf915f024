/**
 * The grammar of one statement, as a Chevrotain parser that builds the untyped tree:
 *
 *     statement   let NAME = expression | NAME = expression | expression
 *     expression  -* primary (INFIX -* primary)*
 *     primary     NUMBER | NAME | NAME ( expression , … ) | ( expression )
 *
 * An expression is a flat list here; precedence.ts shapes it. That keeps the frames a bracket costs the stack few, and the
 * binding of operators in one table.
 */
import { EmbeddedActionsParser, type IToken } from './chevrotain.ts'
import type { Span } from './expression.ts'
import {
  closeToken,
  commaToken,
  equalsToken,
  infixToken,
  letToken,
  minusToken,
  nameToken,
  numberToken,
  openToken,
  tokenSpan,
  tokens,
} from './lexer.ts'
import { type Item, shape } from './precedence.ts'
import type { Statement, Syntax, Value } from './syntax.ts'

/** What the grammar leaves to others: what a number, a name or a call is. */
export interface Meaning {
  number(token: IToken): Value
  name(token: IToken): Value
  call(token: IToken, args: readonly Syntax[], span: Span): Value
}

export class StatementParser extends EmbeddedActionsParser {
  #meaning: Meaning | undefined

  constructor() {
    // `infixToken` covers minus too; after a primary a minus is always infix, and before one never.
    super(tokens, { skipValidations: true, maxLookahead: 2 })
    this.performSelfAnalysis()
  }

  /** Parses the tokens of one statement; where they are none, `errors` says so and the result means nothing. */
  parse(of: readonly IToken[], meaning: Meaning): Statement {
    this.#meaning = meaning
    this.input = [...of]
    return this.statement()
  }

  private readonly statement = this.RULE('statement', (): Statement => {
    return this.OR<Statement>([
      {
        ALT: () => {
          this.CONSUME(letToken)
          const name = this.CONSUME(nameToken)
          this.CONSUME(equalsToken)
          const value = this.SUBRULE(this.expression)
          return this.ACTION(() => ({ kind: 'let', name: name.image, nameSpan: tokenSpan(name), value }))
        },
      },
      {
        ALT: () => {
          const name = this.CONSUME1(nameToken)
          this.CONSUME1(equalsToken)
          const value = this.SUBRULE1(this.expression)
          return this.ACTION(() => ({ kind: 'result', name: name.image, nameSpan: tokenSpan(name), value }))
        },
      },
      {
        ALT: () => {
          const value = this.SUBRULE2(this.expression)
          return { kind: 'result', name: 'y', value }
        },
      },
    ])
  })

  private readonly expression = this.RULE('expression', (): Syntax => {
    const items: Item[] = []
    this.MANY(() => items.push({ prefix: this.CONSUME(minusToken) }))
    items.push({ operand: this.SUBRULE(this.primary) })
    this.MANY1(() => {
      items.push({ infix: this.CONSUME(infixToken) })
      this.MANY2(() => items.push({ prefix: this.CONSUME1(minusToken) }))
      items.push({ operand: this.SUBRULE1(this.primary) })
    })
    return this.ACTION(() => shape(items))
  })

  private readonly primary = this.RULE('primary', (): Syntax => {
    return this.OR<Syntax>([
      {
        ALT: () => {
          const token = this.CONSUME(numberToken)
          return this.ACTION(() => this.meaning.number(token))
        },
      },
      {
        ALT: () => {
          const name = this.CONSUME(nameToken)
          let called: { readonly args: readonly Syntax[]; readonly close: IToken } | undefined
          this.OPTION(() => {
            const args: Syntax[] = []
            this.CONSUME(openToken)
            this.MANY_SEP({ SEP: commaToken, DEF: () => args.push(this.SUBRULE(this.expression)) })
            called = { args, close: this.CONSUME(closeToken) }
          })
          return this.ACTION(() =>
            called
              ? this.meaning.call(name, called.args, { start: name.startOffset, end: tokenSpan(called.close).end })
              : this.meaning.name(name),
          )
        },
      },
      {
        ALT: () => {
          const open = this.CONSUME1(openToken)
          const value = this.SUBRULE1(this.expression)
          const close = this.CONSUME1(closeToken)
          // The brackets belong to the value's place, or a caret line beneath (a + b) * c would begin at a.
          return this.ACTION(() => ({ ...value, span: { start: open.startOffset, end: tokenSpan(close).end } }))
        },
      },
    ])
  })

  private get meaning(): Meaning {
    if (!this.#meaning) throw new Error('the grammar was walked without a meaning')
    return this.#meaning
  }
}
