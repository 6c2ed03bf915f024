/**
 * Which registers a thread keeps through a wait. Entering a function again finds its locals empty, so what is needed later
 * lies in the thread's record. But saving all that is alive at each of many waits would cost more than the work between them:
 * a register is saved only where it may have changed since it was last, and restored only where it is used, or saved, before
 * the next wait.
 */
import { type Block, type BlockFlow, flowOf, writtenBy } from './flow.ts'
import type { KernelCode } from './ptx.ts'

/** The registers of one wait. */
export interface Saves {
  readonly saved: readonly number[]
  readonly restored: readonly number[]
}

type Sets = readonly Set<number>[]

/** Repeats a step over all blocks until none of its sets grows. */
const untilStill = (
  blocks: Sets,
  order: 'forward' | 'backward',
  step: (block: number, add: (register: number) => void) => void,
): void => {
  for (let grew = true; grew; ) {
    grew = false
    for (let n = 0; n < blocks.length; n++) {
      const block = order === 'forward' ? n : blocks.length - 1 - n
      const set = blocks[block]!
      const before = set.size
      step(block, (register) => set.add(register))
      grew ||= set.size > before
    }
  }
}

const emptySets = (blocks: readonly Block[]): Sets => blocks.map(() => new Set<number>())

/** The registers whose values matter at each block's start. */
const aliveAt = (blocks: readonly Block[], flow: readonly BlockFlow[]): Sets => {
  const alive = emptySets(blocks)
  untilStill(alive, 'backward', (block, add) => {
    const { reads, writes, next } = flow[block]!
    for (const register of reads) add(register)
    for (const after of next) for (const register of alive[after]!) if (!writes.has(register)) add(register)
  })
  return alive
}

/** The registers that may have changed since the last wait, at each block's start. */
const changedAt = (
  blocks: readonly Block[],
  flow: readonly BlockFlow[],
  given: (block: number) => readonly number[],
  skippable: (block: number) => boolean,
): Sets => {
  const changed = emptySets(blocks)
  const before = blocks.map((): number[] => [])
  flow.forEach(({ next }, block) => {
    for (const after of next) before[after]!.push(block)
  })
  untilStill(changed, 'forward', (block, add) => {
    for (const from of before[block]!) {
      if (blocks[from]!.wait) for (const register of given(from)) add(register)
      if (blocks[from]!.wait && !skippable(from)) continue
      for (const register of changed[from]!) add(register)
      for (const register of flow[from]!.changes) add(register)
    }
  })
  return changed
}

/** What each block that ends at a wait saves there, and restores when the thread goes on. */
export const savesOf = (kernel: KernelCode, blocks: readonly Block[]): ReadonlyMap<number, Saves> => {
  const waits = blocks.flatMap(({ wait }, block) => (wait ? [block] : []))
  if (waits.length === 0) return new Map()
  const flow = flowOf(kernel, blocks)
  const instructionOf = (block: number) => kernel.instructions[blocks[block]!.end - 1]!
  const given = (block: number): readonly number[] => writtenBy(instructionOf(block))
  const skippable = (block: number): boolean => instructionOf(block).guard !== null
  const alive = aliveAt(blocks, flow)
  const changed = changedAt(blocks, flow, given, skippable)
  const saved = new Map(
    waits.map((block) => {
      const gives = new Set(given(block))
      const may = (register: number): boolean => changed[block]!.has(register) || flow[block]!.changes.has(register)
      return [block, [...alive[block + 1]!].filter((register) => !gives.has(register) && may(register))] as const
    }),
  )
  // Needed before the next wait, where to be saved is a use too.
  const needed = emptySets(blocks)
  untilStill(needed, 'backward', (block, add) => {
    const { reads, writes, next } = flow[block]!
    for (const register of reads) add(register)
    for (const register of saved.get(block) ?? []) if (!writes.has(register)) add(register)
    if (blocks[block]!.wait && !skippable(block)) return
    for (const after of next) for (const register of needed[after]!) if (!writes.has(register)) add(register)
  })
  return new Map(
    waits.map((block) => {
      const gives = new Set(given(block))
      const restored = [...needed[block + 1]!].filter((register) => !gives.has(register))
      return [block, { saved: saved.get(block)!, restored }] as const
    }),
  )
}
