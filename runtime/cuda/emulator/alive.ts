/** Which values matter where: a register is alive at a place if it may be read later before anything else is written to it. */
import type { BlockFlow } from './flow.ts'
import { RegisterSet } from './register-set.ts'

/** By block. */
export type Sets = readonly RegisterSet[]

/** Repeats a step over all blocks until none of their sets grows. */
export const untilStill = (sets: Sets, order: 'forward' | 'backward', step: (block: number, set: RegisterSet) => void): Sets => {
  for (let grew = true; grew; ) {
    grew = false
    for (let n = 0; n < sets.length; n++) {
      const block = order === 'forward' ? n : sets.length - 1 - n
      const set = sets[block]!
      const before = set.size
      step(block, set)
      grew ||= set.size > before
    }
  }
  return sets
}

/** @param registers - how many there are */
export const emptySets = (blocks: readonly unknown[], registers: number): Sets => blocks.map(() => new RegisterSet(registers))

/** The registers that are alive at each block's start. */
export const aliveAt = (flow: readonly BlockFlow[], registers: number): Sets => {
  const alive = emptySets(flow, registers)
  return untilStill(alive, 'backward', (block, set) => {
    const { reads, writes, next } = flow[block]!
    for (const register of reads) set.add(register)
    for (const after of next) set.addAll(alive[after]!, writes)
  })
}
