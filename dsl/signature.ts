/**
 * What a launch knows of an operator: names, roles, shapes and what is needed to call it, without the formula's graph. It is
 * plain data but for a map, so that it goes with a kernel to where no compiler is; a checked operator is one.
 */
import type { TensorDecl, ValueType } from './expression.ts'

export interface Signature {
  readonly name: string
  /** The formula, for people and messages. */
  readonly formula: string
  readonly tensors: readonly TensorDecl[]
  readonly attrs: Readonly<Record<string, number>>
  /** Results in order, each float or int. */
  readonly results: ReadonlyMap<string, { readonly type: ValueType }>
  /** Whether a random value is made, so that a seed is needed. */
  readonly seeded: boolean
}
