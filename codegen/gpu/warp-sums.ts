/** Sums of parameters' gradients as a kernel over cells leaves them: each warp stands in one plane, and leaves one part of it. */
import type { Store } from '../program.ts'
import type { Work } from './cells.ts'
import type { Kernel } from './kernel.ts'
import { type WarpsOf, warp } from './launch.ts'
import type { Shared } from './shared.ts'

/** A sum of which each warp leaves a part: the variables of a thread's own share, one a tap where taps lie apart. */
export interface WarpSum {
  readonly store: Store
  readonly parts: readonly string[]
}

export interface WarpSums {
  readonly windows: readonly WarpSum[]
  readonly elements: readonly WarpSum[]
  readonly has: (store: Store) => boolean
}

/** Whether the threads of a block take the cells of several planes in turn. */
const isOfPlanes = ({ staging }: Shared): boolean => staging !== 'none' && 'planes' in staging

/** Whether each warp sums what its threads add: where all of them stand in the plane that the sum is of. */
const isOfWarps = (of: Shared, { how, to }: Store): boolean =>
  of.schedule.sums === 'warps' && !isOfPlanes(of) && how === 'add' && (to.level.place === 'none' || to.level.place === 'tap')

export const warpSumsOf = (k: Kernel, work: Work, taps: number): WarpSums | undefined => {
  const sumsOf = (stores: readonly Store[]): WarpSum[] =>
    stores
      .filter((store) => isOfWarps(k.of, store))
      .map((store) => ({
        store,
        parts: Array.from({ length: store.to.level.place === 'tap' ? taps : 1 }, () => k.names.fresh(`${store.to.name}Part`)),
      }))
  const [windows, elements] = [sumsOf(work.windows), sumsOf(work.elements)]
  const all = [...windows, ...elements]
  return all.length === 0 ? undefined : { windows, elements, has: (store) => all.some((x) => x.store === store) }
}

/** Where the parts of a sum stand that warps leave: as a level of each plane, once for each warp in it. */
const warpTerms = ({ to }: Store): Store['to'] => ({ ...to, level: { ...to.level, n: true, c: true } })

/** Where a warp leaves its part, and what must hold for it to stand anywhere. */
export interface WarpPlace {
  readonly index: string
  readonly condition: readonly string[]
}

/** The lines that put together the shares of a warp's threads. */
export const gatherWarps = (
  k: Kernel,
  { windows, elements }: WarpSums,
  warpsOf: WarpsOf,
  { index, condition }: WarpPlace,
): string[] => {
  const all = [...windows, ...elements]
  const written = all.flatMap(({ store, parts }) => {
    const array = k.array(warpTerms(store), 'terms', true, warpsOf)
    return parts.map((part, t) =>
      parts.length === 1 ? `${array}[${index}] = ${part};` : `${array}[(${index}) * ${parts.length} + ${t}] = ${part};`,
    )
  })
  return [
    ...all.flatMap(({ parts }) =>
      parts.map((part) => `${part} = ${k.dialect.sumOf('Lanes', warp, k.dialect.choose('live', part, '0'), k.of.storage.real)};`),
    ),
    `if (${[`${k.dialect.thread} % ${warp} == 0`, ...condition].join(' && ')}) {`,
    ...written,
    '}',
  ]
}
