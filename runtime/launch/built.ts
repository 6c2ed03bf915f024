/** A kernel that needs no compiler, as its users see it: what can be called, and what it pools. */
import type { Signed } from '../../codegen/signed.ts'
import type { Geometry } from '../../dsl/geometry.ts'
import type { Signature } from '../../dsl/signature.ts'
import type { DeviceKernel } from '../target.ts'
import { type Calls, wrapCalls } from './named.ts'

/** What a kernel is of. */
interface Described {
  readonly operator: Signature
  readonly geometry: Geometry
}

/** A kernel and its gradient. Type parameters are those of {@link Calls}. */
export interface BuiltKernel<A, R, B, G> extends Described, Calls<A, R, B, G> {}

/** A kernel that was built without its gradient. */
export interface ForwardKernel<A, R> extends Described, Pick<Calls<A, R, never, never>, 'forward'> {}

/** The cotangent of the first float result, or several by the names of their results; an absent one is zero. */
export type { Cotangents } from '../names.ts'

/**
 * A launcher's calls, in types; a module's own declarations say which these are.
 * @param hasGradient - whether the backward kernels were built
 */
export const described = (
  { signature, geometry, results }: Signed,
  device: Pick<DeviceKernel, 'forward' | 'backward'>,
  hasGradient: boolean,
) => {
  const calls = wrapCalls(
    signature,
    device,
    results.map(({ name }) => name),
  )
  const { forward } = calls
  return Object.freeze({ operator: signature, geometry, ...(hasGradient ? calls : { forward }) })
}
