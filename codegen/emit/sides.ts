/** Maxima and minima: which side a reduction looks for, and of what. */
import type { Node, NodeOf, TapReduction } from '../ir.ts'

export type Side = 'max' | 'min'

export const sideOf = (node: TapReduction): Side => (node.by === 'max' || node.by === 'argmax' ? 'max' : 'min')

/** Whether a reduction's operand is a tensor as it is stored, so that a place stands for its value. */
export const isStored = (node: Node): node is NodeOf<'tensor'> =>
  node.op === 'tensor' && (node.role === 'input' || node.role === 'tensor')
