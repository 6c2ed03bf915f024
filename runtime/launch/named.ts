/**
 * A kernel's calls as their users see them: arguments, results and gradients by name, in types; the same for one that was
 * compiled just now and for one that was built ahead of time.
 */
import { ArgumentError } from '../../dsl/errors.ts'
import type { Signature } from '../../dsl/signature.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import type { DeviceKernel, Inputs, Kept, LaunchOptions, Tensors } from '../target.ts'

/** `out` holds tensors to write into, by name, instead of new ones. */
export interface CallOptions<Out> {
  readonly out?: Partial<Out>
  readonly kept?: Kept
  readonly stream?: bigint
}

/**
 * What pools, and gives gradients.
 *
 * @typeParam A - what `forward` takes, by name.
 * @typeParam R - the results by name.
 * @typeParam B - what `backward` takes: the same, and cotangents.
 * @typeParam G - the gradients by name.
 */
export interface Calls<A, R, B, G> {
  /**
   * Pools. `out` holds tensors to write results into, by name, instead of new ones. Under a schedule that saves carriers,
   * `kept` receives what `backward` reads. `stream` is a GPU's, as its driver's handle; other targets have none.
   * @throws ArgumentError where a tensor or the seed is missing, unknown or does not fit; GeometryError where the input's
   *   extents do not.
   */
  forward(args: A, options?: CallOptions<R>): R
  /**
   * The gradients of what `forward` computes from the same arguments, given the cotangent of its first float result, or
   * `cotangents` by name. `out` holds tensors to write gradients into. Under a schedule that saves carriers, `kept` is what
   * `forward` filled from the same arguments.
   * @throws ArgumentError and GeometryError as `forward` does.
   */
  backward(args: B, options?: CallOptions<G>): G
}

const seedOf = (seed: unknown): bigint | undefined => {
  if (seed === undefined || typeof seed === 'bigint') return seed
  if (typeof seed === 'number' && Number.isSafeInteger(seed)) return BigInt(seed)
  throw new ArgumentError(`a seed is a bigint, or a safe integer, from 0 to 2^64 - 1, but is ${String(seed)}`)
}

const launchOptions = ({ out, kept, stream }: CallOptions<unknown>): LaunchOptions => ({
  ...(out && {
    out: Object.fromEntries(Object.entries(out).filter((entry): entry is [string, Tensor] => entry[1] !== undefined)),
  }),
  ...(kept && { kept }),
  ...(stream !== undefined && { stream }),
})

type Named = Readonly<Record<string, unknown>>

/** Typed calls over a device's, which compute these results. */
export const wrapCalls = <A, R, B, G>(
  signature: Signature,
  device: Pick<DeviceKernel, 'forward' | 'backward'>,
  results: readonly string[],
): Calls<A, R, B, G> => {
  // What a record names besides tensors is taken out here; the target checks all the rest by name and shape.
  const split = (args: Named) => {
    const { seed, cotangent, cotangents, ...inputs } = args
    const made = seedOf(seed)
    const seeded = made === undefined ? {} : { seed: made }
    if (made !== undefined && !signature.seeded)
      throw new ArgumentError(`${signature.name} makes no random value: leave the seed out`)
    return {
      inputs: inputs as Inputs,
      seeded,
      cotangent: cotangent as Tensor | undefined,
      cotangents: cotangents as Tensors | undefined,
    }
  }
  const firstFloat = results.find((name) => signature.results.get(name)?.type === 'float')
  return {
    forward(args, options = {}) {
      const { inputs, seeded, cotangent, cotangents } = split(args as Named)
      if (cotangent ?? cotangents) throw new ArgumentError('a cotangent is given to forward: hand it to backward')
      return device.forward(inputs, { ...seeded, ...launchOptions(options) }) as R
    },
    backward(args, options = {}) {
      const { inputs, seeded, cotangent, cotangents } = split(args as Named)
      if (firstFloat === undefined) throw new ArgumentError(`${signature.name} has no float result, and so no gradient`)
      if (cotangent && cotangents)
        throw new ArgumentError('give cotangent, for the first float result, or cotangents by name; not both')
      const given = cotangents ?? (cotangent && { [firstFloat]: cotangent })
      if (!given)
        throw new ArgumentError(`backward needs the cotangent of '${firstFloat}': give cotangent, or cotangents by name`)
      return device.backward(inputs, given, { ...seeded, ...launchOptions(options) }) as G
    },
  }
}
