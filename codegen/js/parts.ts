/**
 * In which order the values of a window's taps, or of an element's covers, are put together: a column's first, or a row's.
 * Windows beside one another share columns, those below one another share rows, and what is put together first is one value
 * for both (emit/scalar.ts).
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Scalar, Scalars } from '../emit/scalar.ts'
import type { JsSchedule } from './schedule.ts'

type Order = JsSchedule['fold']

/** Where a tap stands in its window, or a cover among those of its element. */
export interface Place {
  readonly row: string
  readonly column: number
}

/** Sorts taps into the parts that are put together first; the order in a part, and of the parts, is that of the taps. */
export const partsOf = <Tap>(order: Order, taps: readonly Tap[], place: (tap: Tap) => Place): readonly (readonly Tap[])[] => {
  const parts = new Map<string | number, Tap[]>()
  for (const tap of taps) {
    const { row, column } = place(tap)
    const key = order === 'rows' ? row : column
    parts.set(key, [...(parts.get(key) ?? []), tap])
  }
  return [...parts.values()]
}

/** What a part is called where several windows use it: `row` is taken by addresses. */
const partName: Readonly<Record<Order, string>> = { columns: 'column', rows: 'line' }

/**
 * Puts the values of parts together by an operation. There is at least one value.
 * @param hint - what the value of several parts is called where it needs a name
 */
export const foldParts = (
  order: Order,
  parts: readonly (readonly Scalar[])[],
  join: (a: Scalar, b: Scalar) => Scalar,
  hint?: string,
): Scalar => {
  const chain = (values: readonly Scalar[], name: string | undefined): Scalar =>
    values.reduce((a, b) => {
      const made = join(a, b)
      made.hint ??= name
      return made
    })
  return chain(
    parts.map((part) => chain(part, partName[order])),
    hint,
  )
}

/** The sum of the values of parts; 0 of none. */
export const foldSum = (s: Scalars, order: Order, parts: readonly (readonly Scalar[])[], type: ValueType = 'float'): Scalar =>
  parts.length === 0 ? s.sum([], type) : foldParts(order, parts, (a, b) => s.op('add', [a, b], type))
