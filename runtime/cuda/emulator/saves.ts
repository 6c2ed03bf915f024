/**
 * Which registers a thread keeps through a wait. Entering a function again finds its locals empty, so what is needed later
 * lies in the thread's record. But saving all that is alive at each of many waits would cost more than the work between them:
 * a register is saved only where it may have changed since it was last, and restored only where it is used, or saved, before
 * the next wait.
 */
import { emptySets, type Sets, untilStill } from './alive.ts'
import { type Block, type BlockFlow, writtenBy } from './flow.ts'
import type { KernelCode } from './ptx.ts'

/** The registers of one wait. */
export interface Saves {
  readonly saved: readonly number[]
  readonly restored: readonly number[]
}

/** A kernel's blocks, and what of them has to do with waits. */
interface Waiting {
  readonly kernel: KernelCode
  readonly blocks: readonly Block[]
  readonly flow: readonly BlockFlow[]
  /** The registers that the wait at a block's end gives values to. */
  readonly gives: (block: number) => ReadonlySet<number>
  /** Whether a thread may come past a block's end without a wait. */
  readonly passes: (block: number) => boolean
}

/** The registers that may have changed since the last wait, at each block's start. */
const changedAt = ({ kernel, blocks, flow, gives, passes }: Waiting, alive: Sets): Sets => {
  const changed = emptySets(blocks, kernel.registers.length)
  // What is read without ever having been written is zero, and a record is not empty when a thread begins.
  changed[0]!.addAll(alive[0]!)
  const before = blocks.map((): number[] => [])
  flow.forEach(({ next }, block) => {
    for (const after of next) before[after]!.push(block)
  })
  return untilStill(changed, 'forward', (block, set) => {
    for (const from of before[block]!) {
      for (const register of gives(from)) set.add(register)
      if (!passes(from)) continue
      set.addAll(changed[from]!)
      for (const register of flow[from]!.changes) set.add(register)
    }
  })
}

/** The registers that are used, or saved, before the next wait, at each block's start. */
const neededAt = ({ kernel, blocks, flow, passes }: Waiting, saved: ReadonlyMap<number, readonly number[]>): Sets => {
  const needed = emptySets(blocks, kernel.registers.length)
  return untilStill(needed, 'backward', (block, set) => {
    const { reads, writes, next } = flow[block]!
    for (const register of reads) set.add(register)
    for (const register of saved.get(block) ?? []) if (!writes.has(register)) set.add(register)
    if (passes(block)) for (const after of next) set.addAll(needed[after]!, writes)
  })
}

/** What each block that ends at a wait saves there, and restores when the thread goes on. */
export const savesOf = (
  kernel: KernelCode,
  blocks: readonly Block[],
  flow: readonly BlockFlow[],
  alive: Sets,
): ReadonlyMap<number, Saves> => {
  const waits = blocks.flatMap(({ wait }, block) => (wait ? [block] : []))
  if (waits.length === 0) return new Map()
  const waitOf = (block: number) => (blocks[block]!.wait ? kernel.instructions[blocks[block]!.end - 1] : undefined)
  const given = new Map(waits.map((block) => [block, new Set(writtenBy(waitOf(block)!))]))
  const gives = (block: number): ReadonlySet<number> => given.get(block) ?? nothing
  const passes = (block: number): boolean => waitOf(block)?.guard !== null
  const waiting = { kernel, blocks, flow, gives, passes }
  const changed = changedAt(waiting, alive)
  const isSaved = (block: number, register: number): boolean =>
    !gives(block).has(register) && (changed[block]!.has(register) || flow[block]!.changes.has(register))
  const saved = new Map(waits.map((block) => [block, alive[block + 1]!.filter((register) => isSaved(block, register))]))
  const needed = neededAt(waiting, saved)
  const restored = (block: number) => needed[block + 1]!.filter((register) => !gives(block).has(register))
  return new Map(waits.map((block) => [block, { saved: saved.get(block)!, restored: restored(block) }]))
}

const nothing: ReadonlySet<number> = new Set()
