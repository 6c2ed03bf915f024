/** What targets write alike: operators between operands, and calls. Each has a table of its own for how tightly its operators bind. */
import type { ValueType } from '../../dsl/expression.ts'

/** The text of an operand, in brackets where it binds less tightly than asked for. */
export type Operand = (index: number, atLeast: number) => string

/** A text, and how tightly it binds: larger is tighter. */
export interface Written {
  readonly text: string
  readonly binds: number
}

/** A call, or an element of an array, in every table. */
export const callBinds = 20

/** An operator that groups to the left. */
export const infix =
  (sign: string, level: number) =>
  (x: Operand): Written => ({ text: `${x(0, level)} ${sign} ${x(1, level + 1)}`, binds: level })

export const call =
  (name: string, arity = 1) =>
  (x: Operand): Written => ({
    text: `${name}(${Array.from({ length: arity }, (_, i) => x(i, 0)).join(', ')})`,
    binds: callBinds,
  })

/** A maximum or minimum: of integers the language's own, of floats a function that keeps NaN. */
export const extremum =
  (ofIntegers: string, ofFloats: string) =>
  (x: Operand, { type }: { readonly type: ValueType }): Written =>
    call(type === 'int' ? ofIntegers : ofFloats, 2)(x)
