/**
 * Maxima and minima without branches on data. PyTorch's rule is `v > best || v != v`: the first of equals, the last NaN. For
 * a stored tensor the place of the best is carried and the value loaded again from it, with a mask from the comparison; a
 * value that only a result needs is found among integer keys instead (spelling.ts). Random data mispredicts every second
 * branch: three to eight times slower than this.
 */
import type { Scalar, Scalars } from '../emit/scalar.ts'

/** A candidate: what it is worth, and the names of its place. */
export interface Candidate {
  readonly value: Scalar
  readonly tap: Scalar
  readonly position: Scalar
}

export interface Folded {
  readonly value: Scalar
  readonly tap: () => Scalar
  readonly position: () => Scalar
}

type Side = 'max' | 'min'

/** Folds candidates of a stored tensor; `load` reads the tensor at a position. */
export const foldStored = (
  s: Scalars,
  side: Side,
  candidates: readonly Candidate[],
  load: (position: Scalar) => Scalar,
): Folded => {
  const [first, ...others] = candidates as [Candidate, ...Candidate[]]
  const masks: Scalar[] = []
  let position = first.position
  let value = first.value
  for (const next of others) {
    const mask = s.op(side === 'max' ? 'above' : 'below', [next.value, value], 'int')
    masks.push(mask)
    position = s.op('pick', [mask, position, next.position], 'int')
    position.hint ??= 'at'
    value = load(position)
    value.hint ??= 'best'
  }
  return {
    value,
    position: () => position,
    tap: () => others.reduce((tap, next, k) => s.op('pick', [masks[k]!, tap, next.tap], 'int'), first.tap),
  }
}

/** Folds computed candidates by selects. */
export const foldComputed = (s: Scalars, side: Side, candidates: readonly Candidate[]): Folded => {
  const [first, ...others] = candidates as [Candidate, ...Candidate[]]
  const bests = [first.value]
  const better = (k: number, yes: Scalar, no: Scalar): Scalar => {
    const value = others[k]!.value
    return s.choose(side === 'max' ? 'gt' : 'lt', value, bests[k]!, yes, s.choose('ne', value, value, yes, no))
  }
  others.forEach((next, k) => {
    bests.push(better(k, next.value, bests[k]!))
  })
  return {
    value: bests.at(-1)!,
    tap: () => others.reduce((tap, next, k) => better(k, next.tap, tap), first.tap),
    position: () => others.reduce((at, next, k) => better(k, next.position, at), first.position),
  }
}

/** The bits of the greatest (least) of float32 values, from their bits. */
export const foldKeys = (s: Scalars, side: Side, bits: readonly Scalar[]): Scalar => {
  const keys = bits.map((x) => s.op(side === 'max' ? 'maxKey' : 'minKey', [x], 'int'))
  const best = keys.reduce((x, y) => s.op(side === 'max' ? 'largerKey' : 'smallerKey', [x, y], 'int'))
  return s.op(side === 'max' ? 'fromMaxKey' : 'fromMinKey', [best], 'int')
}
