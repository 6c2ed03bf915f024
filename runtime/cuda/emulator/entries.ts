/**
 * The places of a kernel that are reached otherwise than from the instruction before: in WebAssembly, each is the end of a
 * `block`. Some of them have a number too, at which the function can be entered: where a thread goes on behind a wait, and
 * where branches lead back to. What is known there of a register is nothing, so the fewer they are, the less an engine has to
 * join.
 */
import { type Block, branchTargets } from './flow.ts'
import type { KernelCode } from './ptx.ts'

export interface Entry {
  /** The thread's start; the beginning of the first of its blocks; or the way back, from behind the wait that ends a block. */
  readonly kind: 'start' | 'block' | { readonly behind: number }
  /** The blocks that follow, up to the next entry. */
  readonly blocks: readonly number[]
}

export interface Entries {
  /** In the order of the text. */
  readonly all: readonly Entry[]
  /** By the instruction that a branch leads to, its place among them. */
  readonly at: ReadonlyMap<number, number>
  /** By number, the place of what can be entered; the thread's start is the first. */
  readonly numbered: readonly number[]
  /** The number of a place. */
  readonly numberOf: ReadonlyMap<number, number>
}

export const entriesOf = (kernel: KernelCode, blocks: readonly Block[]): Entries => {
  const blockAt = new Map(blocks.map(({ start }, block) => [start, block]))
  const targets = new Set<number>()
  const backward = new Set<number>()
  blocks.forEach(({ start, end, wait }, block) => {
    const last = end > start ? kernel.instructions[end - 1]! : undefined
    if (!last) return
    for (const at of branchTargets(kernel, last)) {
      const target = blockAt.get(at)!
      targets.add(target)
      if (target <= block) backward.add(target)
    }
    // Past a wait that a guard skipped lies the way back into it.
    if (wait && last.guard) targets.add(block + 1)
  })
  const all: { kind: Entry['kind']; blocks: number[] }[] = [{ kind: 'start', blocks: [] }]
  const places = new Map<number, number>()
  const numbered = [0]
  blocks.forEach(({ start, wait }, block) => {
    if (targets.has(block)) {
      places.set(start, all.length)
      if (backward.has(block)) numbered.push(all.length)
      all.push({ kind: 'block', blocks: [] })
    }
    all.at(-1)!.blocks.push(block)
    if (!wait) return
    numbered.push(all.length)
    all.push({ kind: { behind: block }, blocks: [] })
  })
  return { all, at: places, numbered, numberOf: new Map(numbered.map((place, number) => [place, number])) }
}
