/** A compiled operator as its users see it: arguments and results by name, over whatever a target made. */
import type { Declarations } from '../dsl/declarations.ts'
import { ArgumentError } from '../dsl/errors.ts'
import type { CheckedOperator } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import type { Tensor } from '../dsl/tensor.ts'
import type { Arguments, BackwardArguments, Gradients, Results } from './names.ts'
import type { DeviceKernel, Inputs, Kept, LaunchOptions, Tensors } from './target.ts'

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
> {
  /** The operator with its shapes and attributes settled. */
  readonly operator: CheckedOperator
  readonly geometry: Geometry
  /** What was compiled. */
  readonly source: { readonly forward: string; readonly backward: string }
  /**
   * Pools. `out` holds tensors to write results into, by name, instead of new ones. Under a schedule that saves carriers,
   * `kept` receives what `backward` reads. `stream` is a GPU's, as its driver's handle; other targets have none.
   * @throws ArgumentError where a tensor or the seed is missing, unknown or does not fit; GeometryError where the input's
   *   extents do not.
   */
  forward(
    args: Arguments<D, S, H>,
    options?: { readonly out?: Partial<Results<R>>; readonly kept?: Kept; readonly stream?: bigint },
  ): Results<R>
  /**
   * The gradients of what `forward` computes from the same arguments, given the cotangent of its first float result, or
   * `cotangents` by name. `out` holds tensors to write gradients into. Under a schedule that saves carriers, `kept` is what
   * `forward` filled from the same arguments.
   * @throws ArgumentError and GeometryError as `forward` does.
   */
  backward(
    args: BackwardArguments<D, R, S, H>,
    options?: { readonly out?: Partial<Gradients<D>>; readonly kept?: Kept; readonly stream?: bigint },
  ): Gradients<D>
}

const seedOf = (seed: unknown): bigint | undefined => {
  if (seed === undefined || typeof seed === 'bigint') return seed
  if (typeof seed === 'number' && Number.isSafeInteger(seed)) return BigInt(seed)
  throw new ArgumentError(`a seed is a bigint, or a safe integer, from 0 to 2^64 - 1, but is ${String(seed)}`)
}

const launchOptions = ({
  out,
  kept,
  stream,
}: {
  readonly out?: Readonly<Record<string, Tensor | undefined>>
  readonly kept?: Kept
  readonly stream?: bigint
}): LaunchOptions => ({
  ...(out && {
    out: Object.fromEntries(Object.entries(out).filter((entry): entry is [string, Tensor] => entry[1] !== undefined)),
  }),
  ...(kept && { kept }),
  ...(stream !== undefined && { stream }),
})

/** A typed kernel over what a target compiled. */
export const wrapKernel = <D extends Declarations, R extends string, S extends boolean, H extends string>(
  operator: CheckedOperator,
  geometry: Geometry,
  device: DeviceKernel,
  results: readonly string[],
): Kernel<D, R, S, H> => {
  // What a record names besides tensors is taken out here; the target checks all the rest by name and shape.
  const split = (args: Readonly<Record<string, unknown>>) => {
    const { seed, cotangent, cotangents, ...inputs } = args
    const made = seedOf(seed)
    const seeded = made === undefined ? {} : { seed: made }
    if (made !== undefined && !operator.seeded)
      throw new ArgumentError(`${operator.name} makes no random value: leave the seed out`)
    return {
      inputs: inputs as Inputs,
      seeded,
      cotangent: cotangent as Tensor | undefined,
      cotangents: cotangents as Tensors | undefined,
    }
  }
  const firstFloat = results.find((name) => operator.results.get(name)?.type === 'float')
  return Object.freeze<Kernel<D, R, S, H>>({
    operator,
    geometry,
    source: device.source,
    forward(args, options = {}) {
      const { inputs, seeded, cotangent, cotangents } = split(args)
      if (cotangent ?? cotangents) throw new ArgumentError('a cotangent is given to forward: hand it to backward')
      return device.forward(inputs, { ...seeded, ...launchOptions(options) }) as Results<R>
    },
    backward(args, options = {}) {
      const { inputs, seeded, cotangent, cotangents } = split(args)
      if (firstFloat === undefined) throw new ArgumentError(`${operator.name} has no float result, and so no gradient`)
      if (cotangent && cotangents)
        throw new ArgumentError('give cotangent, for the first float result, or cotangents by name; not both')
      const given = cotangents ?? (cotangent && { [firstFloat]: cotangent })
      if (!given)
        throw new ArgumentError(`backward needs the cotangent of '${firstFloat}': give cotangent, or cotangents by name`)
      return device.backward(inputs, given, { ...seeded, ...launchOptions(options) }) as Gradients<D>
    },
  })
}
