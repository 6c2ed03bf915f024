/** Places of a block of code, which are told by whole numbers there and by vectors here; and what stands outside the input. */
import { isStored, sideOf } from '../emit/sides.ts'
import { type Node, topological } from '../ir.ts'
import { worst } from './fold.ts'
import type { Vector } from './ground.ts'

/** Vectors by number: a place of a block of code is told by whole numbers. */
export class Places {
  private readonly numbers = new Map<string, number>()
  private readonly vectors: Vector[] = []

  number(vector: Vector): number {
    const key = vector.join(',')
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.vectors.length)
    return this.vectors.push(vector) - 1
  }

  vector(number: number): Vector {
    return this.vectors[number]!
  }
}

/** Every vector of whole numbers from 0 to below the sizes, row-major. */
export const vectorsBelow = (sizes: readonly number[]): Vector[] =>
  sizes.reduce<Vector[]>((all, n) => all.flatMap((head) => Array.from({ length: n }, (_, x) => [...head, x])), [[]])

/** What a load outside gives: nothing to a sum, and to a maximum what never wins, where all that reads a tensor agrees. */
export const paddingOf = (roots: readonly Node[]): ((tensor: Node) => number) => {
  const wanted = new Map<Node, number>()
  const want = (tensor: Node, value: number): void => {
    const before = wanted.get(tensor)
    wanted.set(tensor, before === undefined || before === value ? value : 0)
  }
  for (const node of topological(roots)) {
    const below = 'a' in node ? [node.a, ...('b' in node ? [node.b] : []), ...('yes' in node ? [node.yes, node.no] : [])] : []
    for (const a of below) {
      if (!isStored(a)) continue
      const isExtremum = node.op === 'reduce' && node.over === 'taps' && node.by !== 'sum'
      want(a, isExtremum ? worst(sideOf(node)) : 0)
    }
  }
  for (const root of roots) if (isStored(root)) want(root, 0)
  return (tensor) => wanted.get(tensor) ?? 0
}
