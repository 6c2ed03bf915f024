/**
 * Maxima and minima without branches on data. PyTorch's rule is `v > best || v != v`: the first of equals, the last NaN.
 * Random data mispredicts every second branch, which costs three to eight times as much as the arithmetic below.
 *
 * float32 is ordered by its bits. For bits b, b ^ ((b >> 31) & 0x7fffffff) orders as the floats do; a shift puts -inf at the
 * least integer and wraps the NaNs of either sign to the top, so that one integer comparison is PyTorch's rule.
 * - `key` is that, for a maximum of which only the value is wanted. It orders -0 below +0.
 * - `placeKey` holds -0 and +0 to be equal, since the first of them must win; with a test for NaN, `later`, the last NaN does.
 * A minimum is a maximum of negated bits (`flip`). Other values are compared as numbers.
 */

import type { Scalar, Scalars } from '../emit/scalar.ts'
import type { Side } from '../emit/sides.ts'
import { foldParts } from './parts.ts'
import type { JsSchedule } from './schedule.ts'

/** A candidate: what it is worth, and the names of its place. Where it goes by its bits nobody asks for its value. */
export interface Candidate {
  readonly value: () => Scalar
  /** The bits of a float32, where there are any. */
  readonly bits?: Scalar
  readonly tap: Scalar
  readonly position: Scalar
}

export interface Folded {
  readonly value: Scalar
  readonly tap: () => Scalar
  readonly position: () => Scalar
}

const upright = (s: Scalars, side: Side, bits: Scalar): Scalar => (side === 'max' ? bits : s.op('flip', [bits], 'int'))

export const keyOf = (s: Scalars, side: Side, bits: Scalar): Scalar => s.op('key', [upright(s, side, bits)], 'int')
export const placeKeyOf = (s: Scalars, side: Side, bits: Scalar): Scalar => s.op('placeKey', [upright(s, side, bits)], 'int')

/** The bits of the greatest (least) float32 from the best key. */
export const bitsOf = (s: Scalars, side: Side, key: Scalar): Scalar => upright(s, side, s.op('unkey', [key], 'int'))

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
  const keyed = (bits: Scalar): Scalar => {
    const key = placeKeyOf(s, side, bits)
    key.hint ??= bits.hint?.replace('bits', 'key')
    return key
  }
  if (first.bits) {
    let best = keyed(first.bits)
    for (const next of others) {
      const key = keyed(next.bits!)
      const mask = s.op('later', [key, best], 'int')
      mask.hint ??= 'later'
      masks.push(mask)
      best = s.op('pick', [mask, best, key], 'int')
      best.hint ??= 'best'
      position = s.op('pick', [mask, position, next.position], 'int')
      position.hint ??= 'place'
    }
  } else {
    let value = first.value()
    for (const next of others) {
      const mask = s.op(side === 'max' ? 'above' : 'below', [next.value(), value], 'int')
      mask.hint ??= 'later'
      masks.push(mask)
      position = s.op('pick', [mask, position, next.position], 'int')
      position.hint ??= 'place'
      value = load(position)
      value.hint ??= 'best'
    }
  }
  return {
    get value() {
      return load(position)
    },
    position: () => position,
    tap: () => others.reduce((tap, next, k) => s.op('pick', [masks[k]!, tap, next.tap], 'int'), first.tap),
  }
}

/** Folds computed candidates by selects. */
export const foldComputed = (s: Scalars, side: Side, candidates: readonly Candidate[]): Folded => {
  const [first, ...others] = candidates as [Candidate, ...Candidate[]]
  const bests = [first.value()]
  const better = (k: number, yes: Scalar, no: Scalar): Scalar => {
    const value = others[k]!.value()
    return s.choose(side === 'max' ? 'gt' : 'lt', value, bests[k]!, yes, s.choose('ne', value, value, yes, no))
  }
  others.forEach((next, k) => {
    const best = better(k, next.value(), bests[k]!)
    best.hint ??= 'best'
    bests.push(best)
  })
  return {
    value: bests.at(-1)!,
    tap: () => others.reduce((tap, next, k) => better(k, next.tap, tap), first.tap),
    position: () => others.reduce((at, next, k) => better(k, next.position, at), first.position),
  }
}

/** The largest of keys. */
export const foldKeys = (s: Scalars, order: JsSchedule['fold'], parts: readonly (readonly Scalar[])[]): Scalar =>
  foldParts(order, parts, (a, b) => s.op('larger', [a, b], 'int'), 'top')
