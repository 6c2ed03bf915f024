/** Helpers of the language's tests: a checked formula as a line of calls, and the message of an error. */
import { FormulaError } from '../../dsl/diagnostics.ts'
import type { CheckedOperator, Expr } from '../../dsl/expression.ts'
import { type FreeFormulaOptions, operatorFromFormula } from '../../dsl/free-formula.ts'
import { settle } from '../../dsl/settle.ts'

/** A graph as nested calls. */
export const show = (e: Expr): string => {
  switch (e.op) {
    case 'const':
      return Object.is(e.value, -0) ? '-0' : String(e.value)
    case 'tensor':
      return e.name
    case 'geometry':
      return e.what
    case 'random':
      return `${e.kind}#${e.stream}`
    case 'unary':
      return `${e.fn}(${show(e.a)})`
    case 'binary':
      return `${e.fn}(${show(e.a)}, ${show(e.b)})`
    case 'reduce':
      return `${e.by}(${show(e.a)})`
    case 'select':
      return `select(${show(e.a)} ${e.test} ${show(e.b)}, ${show(e.yes)}, ${show(e.no)})`
    case 'flatIndex':
      return `flatIndex(${show(e.a)})`
    default:
      return e satisfies never
  }
}

export const showAll = (operator: CheckedOperator): string =>
  [...operator.results].map(([name, result]) => `${name} = ${show(result)}`).join('; ')

export const checked = (text: string, options: FreeFormulaOptions = {}): CheckedOperator =>
  settle(operatorFromFormula(text, options))

/** The graph of a formula in which every free name but `x` is a scalar. */
export const graphOf = (text: string, options: FreeFormulaOptions = {}): string => showAll(checked(text, options))

/** The message of the FormulaError that a function throws. */
export const errorOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    if (error instanceof FormulaError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}
