/**
 * A checked formula: the graph that the language hands on. It is what the author wrote, with sugar (`mean`, `std`,
 * `relu`, `clamp`, `softplus` of ...) spelled out in few operations; nothing is stabilised, differentiated or specialised
 * to a geometry yet. Two readers stand on it: the compiler (codegen/), and the oracle (oracle/), which shares nothing else
 * with the compiler.
 */
import type { Level } from './level.ts'
import type { RandomShape } from './shapes.ts'

/** Offsets into the formula's text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type UnaryFn = 'neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'sign' | 'sigmoid' | 'softplus' | 'tanh'
export type BinaryFn = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'min'
export type Comparison = 'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'ne'

/** `mean(f)` is `sum(f) / divisor`; `std` is `sqrt(var)`. */
export type Reducer = 'sum' | 'max' | 'min' | 'argmax' | 'argmin' | 'var'

/** `divisor` is what `mean` divides by, and at least 1; `count` the valid taps; `size` the taps of a full window; `tap` the tap's index. */
export type GeometryValue = 'divisor' | 'count' | 'size' | 'tap'

/** Float or int: `tap`, `count`, `size`, `argmax`, `flatIndex` are ints, converted in arithmetic, and have no gradient. */
export type ValueType = 'float' | 'int'

interface Of {
  readonly level: Level
  readonly type: ValueType
  /** The part of the formula it came from; absent for declarations built in code. */
  readonly span?: Span
}

/**
 * One value of a formula. The graph is acyclic and shares nodes: what a `let` names is one node however often it is used.
 * - `tensor`: `x` is the tensor named `x`; `role` says whether it has the input's shape or a parameter's.
 * - `random`: `stream` is its own; `name` is there when it was declared, and so may be handed in.
 * - `select`: `yes` where the comparison of `a` and `b` holds, else `no` (also where either is NaN, but for `ne`).
 * - `flatIndex`: the offset in the input's spatial plane of a tap of this window; -1 stays -1.
 */
export type Expr = Of &
  (
    | { readonly op: 'const'; readonly value: number }
    | { readonly op: 'tensor'; readonly name: string; readonly role: 'input' | 'tensor' | 'param' }
    | { readonly op: 'geometry'; readonly what: GeometryValue }
    | {
        readonly op: 'random'
        readonly kind: 'normal' | 'uniform'
        readonly shape: RandomShape
        readonly stream: number
        readonly name?: string
      }
    | { readonly op: 'unary'; readonly fn: UnaryFn; readonly a: Expr }
    | { readonly op: 'binary'; readonly fn: BinaryFn; readonly a: Expr; readonly b: Expr }
    | {
        readonly op: 'select'
        readonly test: Comparison
        readonly a: Expr
        readonly b: Expr
        readonly yes: Expr
        readonly no: Expr
      }
    | { readonly op: 'reduce'; readonly by: Reducer; readonly a: Expr }
    | { readonly op: 'flatIndex'; readonly a: Expr }
  )

/** A tensor that an operator reads, as its declaration and the shapes asked for at compile time settle it. */
export type TensorDecl =
  /** The input, or a further tensor of its shape, layout and type. Exactly one has role `input`. */
  | { readonly name: string; readonly role: 'input' | 'tensor' }
  | { readonly name: string; readonly role: 'param'; readonly shape: Exclude<RandomShape, 'input' | 'window'> }
  /** A declared random value that is handed in instead of made. */
  | { readonly name: string; readonly role: 'noise'; readonly shape: RandomShape }

/** A checked operator with all its shapes and attributes settled: what the compiler and the oracle read. */
export interface CheckedOperator {
  readonly name: string
  /** The formula, for headers and messages; for one built in code, its printed form. */
  readonly formula: string
  readonly tensors: readonly TensorDecl[]
  readonly attrs: Readonly<Record<string, number>>
  /** Results in order; the first float one is what the command line writes. Each is of place `none` or `out`. */
  readonly results: ReadonlyMap<string, Expr>
  /** What `let` named, for names in generated code. */
  readonly names: ReadonlyMap<Expr, string>
  /** Whether a random value is made, so that a seed is needed. */
  readonly seeded: boolean
}
