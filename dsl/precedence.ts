/**
 * Shapes a flat list of operands and signs into a tree, by the bindings of the operators' table: the shunting yard, with a
 * stack of its own, so that a long formula costs no stack of the engine's.
 */
import type { IToken } from './chevrotain.ts'
import type { Span } from './expression.ts'
import { comparisonBinding, comparisons, operators } from './functions.ts'
import { tokenSpan } from './lexer.ts'
import { callNode, compareNode, type Syntax } from './syntax.ts'

/** A part of an expression in the order of the text. */
export type Item = { readonly operand: Syntax } | { readonly prefix: IToken } | { readonly infix: IToken }

/** A sign on the stack, with what it makes of its operands. */
interface Pending {
  readonly binding: number
  readonly prefix?: Span
  make(operands: readonly Syntax[], span: Span): Syntax
}

const negation = operators.find((row) => row.associates === 'prefix')

const spanOf = (node: Syntax | undefined): Span => node?.span ?? { start: 0, end: 0 }

const infixOf = (symbol: string): Pending & { readonly right: boolean } => {
  const comparison = comparisons.find((row) => row.symbol === symbol)
  if (comparison) {
    const make = ([a, b]: readonly Syntax[], span: Span): Syntax => compareNode(comparison.test, a as Syntax, b as Syntax, span)
    return { binding: comparisonBinding, right: false, make }
  }
  const row = operators.find((operator) => operator.symbol === symbol && operator.associates !== 'prefix')
  if (!row) throw new Error(`the lexer knows an operator ${symbol} that the table does not`)
  return { binding: row.binding, right: row.associates === 'right', make: (args, span) => callNode(row.name, args, span) }
}

/** The tree of an expression. Prefix signs reach as far as what binds tighter: `-x^2` is `-(x^2)`. */
export const shape = (items: readonly Item[]): Syntax => {
  const operands: Syntax[] = []
  const pending: Pending[] = []
  const reduceWhile = (holds: (top: Pending) => boolean): void => {
    for (let top = pending.at(-1); top && holds(top); top = pending.at(-1)) {
      pending.pop()
      const taken = operands.splice(top.prefix ? -1 : -2)
      operands.push(top.make(taken, { start: top.prefix?.start ?? spanOf(taken[0]).start, end: spanOf(taken.at(-1)).end }))
    }
  }
  for (const item of items) {
    if ('operand' in item) operands.push(item.operand)
    else if ('prefix' in item) {
      pending.push({
        binding: negation?.binding ?? 0,
        prefix: tokenSpan(item.prefix),
        make: (args, span) => callNode('neg', args, span),
      })
    } else {
      const infix = infixOf(item.infix.image)
      reduceWhile((top) => top.binding > infix.binding || (top.binding === infix.binding && !infix.right))
      pending.push(infix)
    }
  }
  reduceWhile(() => true)
  const [tree] = operands
  if (!tree) throw new Error('an expression without an operand')
  return tree
}
