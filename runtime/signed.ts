/** What the calls of compiled programs are checked against, told from the programs. */
import type { Programs } from '../codegen/program.ts'
import type { StorageType } from '../dsl/geometry.ts'
import type { Signed } from './launch/calls.ts'

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
