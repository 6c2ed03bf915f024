/** What goes with a kernel to where no compiler is: what its calls are checked against, and what they make. */
import type { Geometry, StorageType } from '../dsl/geometry.ts'
import type { Signature } from '../dsl/signature.ts'
import type { Programs } from './program.ts'

export type Direction = 'forward' | 'backward'

/** The forward one always; the backward one where it was asked for. */
export type ByDirection<T> = Readonly<Record<'forward', T> & Partial<Record<Direction, T>>>

/** Plain data but for a map. */
export interface Signed {
  readonly signature: Signature
  readonly geometry: Geometry
  readonly dtype: StorageType
  /** What the forward kernels write, in order. */
  readonly results: readonly { readonly name: string; readonly type: 'float' | 'int' }[]
  /** The tensors and parameters that the backward kernels write the gradients of. */
  readonly gradients: readonly string[]
}

export const signedOf = ({ forward, backward }: Programs, dtype: StorageType): Signed => ({
  signature: forward.operator,
  geometry: forward.geometry,
  dtype,
  results: (forward.stages[0]?.stores ?? []).map(({ to }) => ({ name: to.name, type: to.type })),
  gradients: backward.stages
    .flatMap((stage) => stage.stores)
    .filter(({ to }) => to.role === 'gradient')
    .map(({ to }) => to.name),
})
