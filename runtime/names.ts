/**
 * From an operator's declarations to the names that its kernels take and give: the types that make a missing or misspelt
 * name, and a missing seed, errors of the compiler.
 */
import type { Declarations } from '../dsl/declarations.ts'
import type { ParamShape, RandomShape } from '../dsl/shapes.ts'
import type { Tensor } from '../dsl/tensor.ts'

type Role = Declarations[string]['role']

/** The names declared with one of these roles. */
type Named<D extends Declarations, R extends Role> = { [K in keyof D]: D[K]['role'] extends R ? K : never }[keyof D] & string

export type TensorNames<D extends Declarations> = Named<D, 'input' | 'tensor'>
export type ParamNames<D extends Declarations> = Named<D, 'param'>
export type AttrNames<D extends Declarations> = Named<D, 'attr'>
export type RandomNames<D extends Declarations> = Named<D, 'random'>

/** Whether nothing is known of the declarations, as of those that a program makes while it runs. */
type Unknown<D extends Declarations, Yes, No> = string extends keyof D ? Yes : No

/** The key of the random values: equal seeds, equal values. */
export type Seed = bigint | number

/**
 * The seed: required where a declared random value is made, refused where none can be. A body may draw random values that
 * no declaration tells of (`S`); the kernel then says itself whether it needs one.
 */
type SeedOf<D extends Declarations, S extends boolean, H extends string> = [Exclude<RandomNames<D>, H>] extends [never]
  ? S extends false
    ? { readonly seed?: never }
    : { readonly seed?: Seed }
  : { readonly seed: Seed }

/**
 * What a kernel takes, by name. A scalar parameter may be a number.
 *
 * @typeParam S - `false` where the body is known to draw no random values of its own.
 * @typeParam H - the declared random values that are handed in.
 */
export type Arguments<D extends Declarations, S extends boolean, H extends string> = Unknown<
  D,
  Readonly<Record<string, Tensor | number | bigint | undefined>>,
  { readonly [K in TensorNames<D>]: Tensor } & { readonly [K in ParamNames<D> | H]: Tensor | number } & SeedOf<D, S, H>
>

/** Results by name: exactly those of a callback; of a text `y`, as a value without a name is called, and whatever it names. */
export type Results<R extends string> = string extends R
  ? { readonly y: Tensor } & { readonly [name: string]: Tensor | undefined }
  : { readonly [K in R]: Tensor }

/** The cotangent of the first float result, or several by the names of their results; an absent one is zero. */
export type Cotangents<R extends string> =
  | { readonly cotangent: Tensor; readonly cotangents?: never }
  | { readonly cotangents: Partial<Readonly<Record<R, Tensor>>>; readonly cotangent?: never }

/** What `backward` takes: what `forward` did, and cotangents. */
export type BackwardArguments<D extends Declarations, R extends string, S extends boolean, H extends string> = Unknown<
  D,
  Readonly<Record<string, unknown>>,
  Arguments<D, S, H> & Cotangents<R>
>

/** The gradient of each tensor and parameter, of its own shape. */
export type Gradients<D extends Declarations> = Unknown<
  D,
  { readonly [name: string]: Tensor | undefined },
  { readonly [K in TensorNames<D> | ParamNames<D>]: Tensor }
>

/** Shapes by name, for what has one. */
export type ShapesOf<D extends Declarations> = Unknown<
  D,
  Readonly<Record<string, RandomShape>>,
  { readonly [K in ParamNames<D>]?: ParamShape } & { readonly [K in RandomNames<D>]?: RandomShape }
>

/** Values of attributes by name. */
export type AttrsOf<D extends Declarations> = Unknown<
  D,
  Readonly<Record<string, number>>,
  { readonly [K in AttrNames<D>]?: number }
>
