/**
 * What a formula says, before anything is known of it: the tree that the parser builds, and that the handles of a
 * callback are. It has no levels, no sugar is spelled out, and names may mean nothing. Each node knows its depth, so that
 * what would overflow a stack is refused before anything walks it.
 */
import { FormulaError } from './diagnostics.ts'
import type { Comparison, Span } from './expression.ts'
import type { FunctionName } from './functions.ts'
import { messages } from './messages.ts'
import type { RandomShape } from './shapes.ts'

/** How deep a formula may nest: beyond any that a person writes, well within every stack that walks one. */
export const maxDepth = 500
/** How many brackets may be open at once; each costs the parser several frames. */
export const maxBrackets = 200
/** How long a formula may be. */
export const maxLength = 20_000

interface Of {
  /** Where it stands in the text; absent in a callback. */
  readonly span?: Span
  readonly depth: number
}

/** A value of a formula: a parser's node, and what the handles of a callback are. */
export type Value = Of &
  (
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'call'; readonly fn: FunctionName; readonly args: readonly Syntax[] }
    | RandomValue
    | BrokenValue
  )

/** A random value: in a declaration the declared one, in a body an occurrence with its own stream. */
export interface RandomValue extends Of {
  readonly kind: 'random'
  readonly role: 'random'
  readonly fn: 'normal' | 'uniform'
  readonly shape: RandomShape
}

/**
 * What could not be parsed, or calls no function. Its arguments may still be checked; what is wrong with it has been said,
 * but for `callee`: only the checker knows whether that is a value, or misspelt.
 */
interface BrokenValue extends Of {
  readonly kind: 'broken'
  readonly args: readonly Syntax[]
  readonly callee?: string
  readonly calleeSpan?: Span
}

/** The first argument of `select`, and nothing else. */
export type Condition = Of & { readonly kind: 'compare'; readonly test: Comparison; readonly a: Syntax; readonly b: Syntax }

export type Syntax = Value | Condition

/** One statement: `let name = value`, `name = value`, or a value alone, which is the result `y`. */
export interface Statement {
  readonly kind: 'let' | 'result'
  readonly name: string
  /** The name where it is written, else the whole value. */
  readonly nameSpan?: Span
  readonly value: Syntax
}

const spanned = (span: Span | undefined): { readonly span?: Span } => (span ? { span } : {})

const depthOver = (operands: readonly Syntax[]): number => {
  const depth = 1 + operands.reduce((deepest, operand) => Math.max(deepest, operand.depth), 0)
  // A parser's node has a place, and is refused with it; a callback's has none, and its loop must end somewhere.
  if (depth > maxDepth && operands.some((operand) => operand.span === undefined)) {
    throw new FormulaError({ name: '', text: '' }, [messages.tooDeep(maxDepth)])
  }
  return depth
}

export const numberNode = (value: number, span?: Span): Value => ({ kind: 'number', value, depth: 1, ...spanned(span) })
export const nameNode = (name: string, span?: Span): Value => ({ kind: 'name', name, depth: 1, ...spanned(span) })

export const brokenNode = (args: readonly Syntax[], span?: Span): Value => ({
  kind: 'broken',
  args,
  depth: depthOver(args),
  ...spanned(span),
})

/** A call of what is no function. */
export const unknownCall = (callee: string, calleeSpan: Span, args: readonly Syntax[], span: Span): Value => ({
  kind: 'broken',
  args,
  depth: depthOver(args),
  span,
  callee,
  calleeSpan,
})

export const randomNode = (fn: 'normal' | 'uniform', shape: RandomShape, span?: Span): RandomValue => ({
  kind: 'random',
  role: 'random',
  fn,
  shape,
  depth: 1,
  ...spanned(span),
})

export const callNode = (fn: FunctionName, args: readonly Syntax[], span?: Span): Value => ({
  kind: 'call',
  fn,
  args,
  depth: depthOver(args),
  ...spanned(span),
})

export const compareNode = (test: Comparison, a: Syntax, b: Syntax, span?: Span): Condition => ({
  kind: 'compare',
  test,
  a,
  b,
  depth: depthOver([a, b]),
  ...spanned(span),
})

/** The operands of a node, in the order of the text. */
export const operandsOf = (node: Syntax): readonly Syntax[] => {
  switch (node.kind) {
    case 'call':
    case 'broken':
      return node.args
    case 'compare':
      return [node.a, node.b]
    case 'number':
    case 'name':
    case 'random':
      return []
    default:
      return node satisfies never
  }
}
