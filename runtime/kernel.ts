/** A compiled operator as its users see it: what can be called, and what it was made of. */
import type { Declarations } from '../dsl/declarations.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { type Calls, wrapCalls } from './launch/named.ts'
import type { Arguments, BackwardArguments, Gradients, Results } from './names.ts'
import type { DeviceKernel } from './target.ts'

/**
 * A kernel, forward and backward.
 *
 * @typeParam D - the operator's declarations.
 * @typeParam R - the names of the results that it computes.
 * @typeParam S - `false` where the body draws no random values of its own.
 * @typeParam H - the declared random values that are handed in.
 */
export interface Kernel<
  D extends Declarations = Declarations,
  R extends string = string,
  S extends boolean = boolean,
  H extends string = never,
> extends Calls<Arguments<D, S, H>, Results<R>, BackwardArguments<D, R, S, H>, Gradients<D>> {
  /** The operator with its shapes and attributes settled. */
  readonly operator: CheckedOperator
  readonly geometry: Geometry
  /** What was compiled. */
  readonly source: { readonly forward: string; readonly backward: string }
}

/** A typed kernel over what a target compiled. */
export const wrapKernel = <D extends Declarations, R extends string, S extends boolean, H extends string>(
  operator: CheckedOperator,
  geometry: Geometry,
  device: DeviceKernel,
  results: readonly string[],
): Kernel<D, R, S, H> => {
  const calls = wrapCalls<Arguments<D, S, H>, Results<R>, BackwardArguments<D, R, S, H>, Gradients<D>>(operator, device, results)
  return Object.freeze({ ...calls, operator, geometry, source: device.source })
}
