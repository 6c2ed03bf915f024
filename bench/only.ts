/** Which rows a table has: all of them, or those that `--only` names. */
import { type Direction, directions, type Operator, operators, type Shape, shapes } from './cases.ts'

/** What one row measures. */
export interface RowOf {
  readonly shape: Shape
  readonly operator: Operator
  readonly direction: Direction
}

const ids = shapes.map(({ id }) => id)

/**
 * The rows to measure, in order.
 *
 * @param only - words between commas: of shapes, operators and directions those named; where none is named, all
 */
export const rowsOf = (only: string): readonly RowOf[] => {
  const words = only.split(',').filter(Boolean)
  const groups: readonly (readonly string[])[] = [ids, operators, directions]
  const unknown = words.find((word) => !groups.some((group) => group.includes(word)))
  if (unknown !== undefined) throw new RangeError(`--only names '${unknown}'; there are ${groups.flat().join(', ')}`)
  const isWanted = (row: readonly string[]): boolean =>
    groups.every((group, k) => !words.some((word) => group.includes(word)) || words.includes(row[k]!))
  return shapes
    .flatMap((shape) => operators.flatMap((operator) => directions.map((direction) => ({ shape, operator, direction }))))
    .filter(({ shape, operator, direction }) => isWanted([shape.id, operator, direction]))
}
