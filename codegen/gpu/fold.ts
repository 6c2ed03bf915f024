/**
 * Maxima and minima of a window that is written out, by PyTorch's rule `v > best || v != v`: the first of equals, the last
 * NaN. Taps outside carry a condition, or a value that never wins.
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import type { Side } from '../emit/sides.ts'

export interface Candidate {
  readonly value: Scalar
  /** The condition under which the tap is valid; `undefined` where it is, or where its value loses to all others. */
  readonly valid: Scalar | undefined
  readonly tap: Scalar
  readonly position: Scalar
}

/** What the fold begins with, where it cannot be the first candidate: the place of the first valid tap. */
export interface Beginning {
  readonly tap: Scalar
  readonly position: Scalar
}

/** A window's winner. What nobody asks for is not written. */
export interface Winner {
  readonly value: Scalar
  readonly tap: Scalar
  readonly position: Scalar
}

/** What loses to all others. */
export const worst = (side: Side): number => (side === 'max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)

/** The same among the numbers of a type. */
const worstOf = (s: Scalars, side: Side, type: ValueType): Scalar =>
  type === 'float' ? s.constant(worst(side)) : s.constant(side === 'max' ? -(2 ** 31) : 2 ** 31 - 1, 'int')

/** The value alone; columns are folded first, since windows side by side share them. */
export const foldValues = (s: Scalars, side: Side, columns: readonly (readonly Candidate[])[]): Scalar => {
  // As a tree: calls nest no deeper than the logarithm of the taps, and wait for one another no longer.
  const fold = (values: readonly Scalar[], hint: string): Scalar => {
    if (values.length === 1) return values[0]!
    const half = Math.ceil(values.length / 2)
    const best = s.op(side, [fold(values.slice(0, half), hint), fold(values.slice(half), hint)], values[0]!.type)
    best.hint ??= hint
    return best
  }
  const worthOf = ({ value, valid }: Candidate): Scalar =>
    valid ? s.op('choose', [valid, value, worstOf(s, side, value.type)], value.type) : value
  return fold(
    columns.map((column) => fold(column.map(worthOf), 'column')),
    side,
  )
}

/** The winner with its place. Without `beginning` the first candidate is known to be valid. */
export const foldPlaces = (
  s: Scalars,
  side: Side,
  candidates: readonly Candidate[],
  beginning: Beginning | undefined,
): Winner => {
  const [first, ...rest] = candidates as [Candidate, ...Candidate[]]
  let winner: Winner = beginning ? { value: worstOf(s, side, first.value.type), ...beginning } : first
  for (const { value, valid, tap, position } of beginning ? candidates : rest) {
    const beats = s.op(side === 'max' ? 'above' : 'below', [value, winner.value], 'int')
    const later = valid ? s.op('and', [valid, beats], 'int') : beats
    later.hint ??= 'later'
    const pick = (next: Scalar, before: Scalar, hint: string): Scalar => {
      const picked = s.op('choose', [later, next, before], next.type)
      picked.hint ??= hint
      return picked
    }
    winner = {
      value: pick(value, winner.value, 'best'),
      tap: pick(tap, winner.tap, 'tap'),
      position: pick(position, winner.position, 'place'),
    }
  }
  return winner
}
