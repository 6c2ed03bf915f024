/** An operator: a name, what it declares, and its formula. Plain immutable data, so that it can be stored, sent and compared. */
import type { Declarations } from './declarations.ts'

/**
 * A declared operator.
 *
 * @typeParam D - its declarations, which give a kernel's arguments their names.
 * @typeParam R - the names of its results; `string` where a text gave them.
 * @typeParam S - `false` where the formula is known to make no random value but the declared ones.
 */
export interface Operator<D extends Declarations = Declarations, R extends string = string, S extends boolean = boolean> {
  readonly name: string
  readonly declarations: D
  /** The formula; for a callback, what it printed as. */
  readonly formula: string
  /** The results, in order. */
  readonly results: readonly R[]
  /** Only for the type system; never set. */
  readonly seeded?: S
}
