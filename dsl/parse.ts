/**
 * From a text to its statements. Each statement is parsed by itself, so that an error in one hides none in another; a
 * broken one keeps its name, so that what uses it is not called unknown.
 */
import { EOF, type IRecognitionException, type IToken } from './chevrotain.ts'
import type { Diagnostic } from './errors.ts'
import type { Span } from './expression.ts'
import { functionNamed, isRandomFunction, signature } from './functions.ts'
import { type Meaning, StatementParser } from './grammar.ts'
import { closeToken, equalsToken, letToken, nameToken, openToken, scan, semicolonToken, tokenSpan } from './lexer.ts'
import { messages } from './messages.ts'
import { readRandomShape } from './shape-names.ts'
import {
  brokenNode,
  callNode,
  maxBrackets,
  maxDepth,
  maxLength,
  nameNode,
  numberNode,
  randomNode,
  type Statement,
  unknownCall,
} from './syntax.ts'

export interface Parsed {
  readonly statements: readonly Statement[]
  readonly diagnostics: readonly Diagnostic[]
}

let parser: StatementParser | undefined

const meaningWith = (text: string, report: (diagnostic: Diagnostic) => void): Meaning => ({
  number(token) {
    const value = Number(token.image)
    if (!Number.isFinite(value)) report(messages.numberTooLarge(tokenSpan(token), token.image))
    return numberNode(value, tokenSpan(token))
  },
  name: (token) => nameNode(token.image, tokenSpan(token)),
  call(token, args, span) {
    const name = token.image
    if (isRandomFunction(name)) {
      const shape = readRandomShape(args.map((arg) => (arg.span ? text.slice(arg.span.start, arg.span.end) : '')))
      if ('shape' in shape) return randomNode(name, shape.shape, span)
      report(
        args.length === 0
          ? messages.randomShapeArgument(span, name)
          : messages.badShape(args[0]?.span, shape.wrong, shape.suggestion),
      )
      return brokenNode([], span)
    }
    const row = functionNamed(name)
    if (!row) return unknownCall(name, tokenSpan(token), args, span)
    const least = row.params.length - (row.optional ?? 0)
    if (args.length < least || args.length > row.params.length) {
      report(messages.wrongCount(span, name, args.length, signature(row)))
      return brokenNode(args, span)
    }
    return callNode(row.name, args, span)
  },
})

/** What Chevrotain found wrong with a statement, in our words. */
const explain = (error: IRecognitionException, text: string, end: number): Diagnostic => {
  const { token } = error
  const ended = token.tokenType === EOF
  const span: Span = ended ? { start: end, end } : tokenSpan(token)
  const found = ended ? undefined : text.slice(span.start, span.end)
  const rule = error.context.ruleStack.at(-1)
  if (error.name === 'NotAllInputParsedException') return messages.leftOver(span, found ?? '')
  if (error.name === 'MismatchedTokenException' && rule === 'primary') return messages.unclosed(span, found)
  if (error.name === 'MismatchedTokenException' && rule === 'statement') {
    const previous =
      error.context.ruleStack.length === 1 && 'previousToken' in error ? (error.previousToken as IToken | undefined) : undefined
    return previous?.tokenType === letToken ? messages.missingName(span, found) : messages.missingEquals(span)
  }
  return messages.missingValue(span, found)
}

/** The place where more brackets are open than may be. */
const tooManyBrackets = (tokens: readonly IToken[]): Span | undefined => {
  let open = 0
  for (const token of tokens) {
    if (token.tokenType === openToken) open++
    else if (token.tokenType === closeToken) open--
    if (open > maxBrackets) return tokenSpan(token)
  }
  return undefined
}

/** A statement that cannot be parsed, under the name that it would have given; none where that cannot be told. */
const broken = (tokens: readonly IToken[]): Statement | undefined => {
  const isLet = tokens[0]?.tokenType === letToken
  const [name, equals] = isLet ? tokens.slice(1) : tokens
  const named = name?.tokenType === nameToken && (isLet || equals?.tokenType === equalsToken)
  if (named) return { kind: isLet ? 'let' : 'result', name: name.image, nameSpan: tokenSpan(name), value: brokenNode([]) }
  return isLet ? undefined : { kind: 'result', name: 'y', value: brokenNode([]) }
}

/** `garbled` says that signs of no known meaning were dropped from the statement: its form is then nobody's fault. */
const parseStatement = (
  text: string,
  tokens: readonly IToken[],
  end: number,
  garbled: boolean,
  report: (diagnostic: Diagnostic) => void,
): Statement | undefined => {
  const crowded = tooManyBrackets(tokens)
  if (crowded) {
    report(messages.tooManyBrackets(crowded, maxBrackets))
    return broken(tokens)
  }
  parser ??= new StatementParser()
  const noted: Diagnostic[] = []
  const statement = parser.parse(
    tokens,
    meaningWith(text, (diagnostic) => noted.push(diagnostic)),
  )
  const [error] = parser.errors
  for (const diagnostic of noted) report(diagnostic)
  if (error) {
    if (!garbled) report(explain(error, text, end))
    return broken(tokens)
  }
  if (statement.value.depth > maxDepth) {
    report(messages.tooDeep(maxDepth, statement.value.span))
    return broken(tokens)
  }
  return statement
}

/** Parses a formula. All that is wrong with its form is in `diagnostics`; what its names mean is not looked at. */
export const parse = (text: string): Parsed => {
  if (text.length > maxLength) return { statements: [], diagnostics: [messages.tooLong(text.length, maxLength)] }
  const scanned = scan(text)
  const diagnostics: Diagnostic[] = [...scanned.diagnostics]
  const statements: Statement[] = []
  let current: IToken[] = []
  let start = 0
  const finish = (end: number): void => {
    const garbled = scanned.diagnostics.some(({ span }) => span && span.start >= start && span.start <= end)
    const statement =
      current.length > 0 && parseStatement(text, current, end, garbled, (diagnostic) => diagnostics.push(diagnostic))
    if (statement) statements.push(statement)
    current = []
    start = end
  }
  for (const token of scanned.tokens) {
    if (token.tokenType === semicolonToken) finish(token.startOffset)
    else current.push(token)
  }
  finish(text.trimEnd().length)
  if (statements.length === 0 && diagnostics.length === 0) diagnostics.push(messages.empty())
  return { statements, diagnostics }
}
