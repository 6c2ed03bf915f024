/** Maxima and minima: which side a reduction looks for, and of what. */
import type { Node, NodeOf, TapReduction } from '../ir.ts'

export type Side = 'max' | 'min'

export const sideOf = (node: TapReduction): Side => (node.by === 'max' || node.by === 'argmax' ? 'max' : 'min')

/** Whether a reduction's operand is a tensor as it is stored, so that a place stands for its value. */
export const isStored = (node: Node): node is NodeOf<'tensor'> =>
  node.op === 'tensor' && (node.role === 'input' || node.role === 'tensor')

/** Maxima and minima, those of one operand together: one running maximum serves the value and its place. */
export const searchesOf = (reductions: readonly TapReduction[]): readonly (readonly [TapReduction, ...TapReduction[]])[] => {
  const groups = new Map<string, [TapReduction, ...TapReduction[]]>()
  for (const node of reductions) {
    if (node.by === 'sum') continue
    const key = `${sideOf(node)}${node.a.id}`
    const group = groups.get(key)
    if (group) group.push(node)
    else groups.set(key, [node])
  }
  return [...groups.values()]
}
