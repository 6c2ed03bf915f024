/** Which operator is meant: one of the house by its name, or a formula. */
import type { Command } from 'commander'
import type { Problems } from './values.ts'

export const addFormulaFlag = (command: Command): Command =>
  command.optionsGroup('Operator:').option('--formula <TEXT>', 'a formula instead of an operator’s name: x is the input')

/** An operator by its name, or by a formula. */
export type OperatorSource = { readonly name: string } | { readonly formula: string }

/** Splits the words of a command line: the operator's name, where no formula stands for it, and so many words more. */
export const readSource = (
  words: readonly string[],
  formula: string | undefined,
  rest: readonly string[],
  problems: Problems,
): { readonly source: OperatorSource; readonly rest: readonly string[] } => {
  const expected = formula === undefined ? ['OPERATOR', ...rest] : rest
  const missing = expected.slice(words.length)
  if (missing.length > 0) problems.add(`${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`)
  for (const word of words.slice(expected.length)) {
    const why = formula === undefined ? '' : '; with --formula no operator is named'
    problems.add(
      `'${word}' is one word too many: ${expected.length === 0 ? 'none' : expected.join(' ')} ${expected.length > 1 ? 'are' : 'is'} expected${why}`,
    )
  }
  if (formula !== undefined) return { source: { formula }, rest: words }
  return { source: { name: words[0] ?? '' }, rest: words.slice(1) }
}
