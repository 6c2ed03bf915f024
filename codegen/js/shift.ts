/**
 * One shift for the exponentials of a block of windows. A sum of exponentials subtracts from its exponents the greatest of the
 * window's (codegen/stabilise.ts); the identity holds for any number, so windows that are computed together may subtract the
 * greatest of all of theirs. Those that overlap then raise each element's exponent once, and not once a window: of windows of
 * 3 x 3 with stride 1 that is most of the work.
 *
 * A window whose own greatest lies far below the block's would lose its exponentials to underflow. Where that is so, or where
 * an exponent is not finite, the block's windows are taken one by one, each with a shift of its own.
 */
import { isConst, type Node, topological } from '../ir.ts'
import type { Program } from '../program.ts'

/**
 * How far the windows' own greatest exponents may lie apart. Sums are then at least exp(-100), which is 1e-44: their seventh
 * powers are still normal doubles, and 100 itself costs an exponent less than the last four bits of its 53.
 */
export const widest = 100

/** The greatest exponent below a shift, if the node is one: a detached maximum, or 0 where that is not finite. */
const greatestOf = (node: Node): Node | undefined => {
  if (node.op !== 'select' || node.test !== 'lt' || !isConst(node.b, Number.POSITIVE_INFINITY) || !isConst(node.no, 0))
    return undefined
  const { a, yes } = node
  const isShift = a.op === 'unary' && a.fn === 'abs' && a.a === yes && yes.op === 'unary' && yes.fn === 'detach'
  return isShift ? yes.a : undefined
}

/**
 * The shifts of a program with the greatest exponent that each is. None where an exponential is left that depends on a shift
 * otherwise than by subtracting it: what it overflows at would depend on the neighbours.
 */
export const shiftsOf = ({ stages, carriers }: Program): ReadonlyMap<Node, Node> => {
  const roots = [...stages.flatMap((stage) => stage.stores), ...carriers].map((x) => x.value)
  const nodes = topological(roots)
  const shifts = new Map(
    nodes.flatMap((node) => {
      const greatest = greatestOf(node)
      return greatest ? [[node, greatest] as const] : []
    }),
  )
  const isFree = (node: Node): boolean => !topological([node]).some((x) => shifts.has(x))
  const isShifted = (node: Node): boolean => node.op === 'binary' && node.fn === 'sub' && shifts.has(node.b) && isFree(node.a)
  const exponents = nodes.flatMap((node) => (node.op === 'unary' && node.fn === 'exp' ? [node.a] : []))
  return exponents.every((x) => isShifted(x) || isFree(x)) ? shifts : new Map()
}
