/** Walks over graphs that emitters of all targets need: where values of one kind end, and in which order windows are swept. */
import { type Node, operands, type TapReduction } from '../ir.ts'

/** The nodes below the roots, stopping at the first that satisfy a test: those are returned. */
export const frontierOf = (
  roots: readonly Node[],
  stop: (node: Node) => boolean,
  below: (node: Node) => readonly Node[] = operands,
): Node[] => {
  const found = new Set<Node>()
  const seen = new Set<Node>()
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (stop(node)) found.add(node)
    else below(node).forEach(visit)
  }
  roots.forEach(visit)
  return [...found]
}

/** Reductions over taps by the sweep that each is done in: after those that it depends on. Given values are not looked into. */
export const sweepsOf = (roots: readonly Node[], isGiven: (node: Node) => boolean): TapReduction[][] => {
  const depth = new Map<Node, number>()
  const sweeps: TapReduction[][] = []
  const visit = (node: Node): number => {
    const known = depth.get(node)
    if (known !== undefined) return known
    let below = 0
    if (!isGiven(node)) for (const x of operands(node)) below = Math.max(below, visit(x))
    const own = node.op === 'reduce' && node.over === 'taps' && !isGiven(node) ? below + 1 : below
    depth.set(node, own)
    if (own > below && node.op === 'reduce' && node.over === 'taps') {
      sweeps[own - 1] ??= []
      sweeps[own - 1]!.push(node)
    }
    return own
  }
  roots.forEach(visit)
  return sweeps
}
