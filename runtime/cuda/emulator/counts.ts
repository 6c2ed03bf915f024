/** What a launch did, counted: instructions, and the memory traffic that a GPU would make of it. Inputs of a cost model. */
import type { KernelCode } from './ptx.ts'
import { type Kind, kinds } from './rules/rule.ts'
import { rules } from './rules/rules.ts'

export interface Traffic {
  /** Accesses of a warp: one instruction, executed by its lanes together. */
  readonly accesses: number
  /** Bytes that threads asked for. */
  readonly bytes: number
  /** Sectors of 32 bytes that the accesses touch. bytes / (32 * sectors) is how well they coalesce. */
  readonly sectors: number
}

export interface Counts {
  readonly threads: number
  /** By kind, over all threads. An instruction whose guard is false counts. */
  readonly instructions: Readonly<Record<Kind, number>>
  readonly globalLoads: Traffic
  readonly globalStores: Traffic
  readonly shared: {
    readonly accesses: number
    /** Passes beyond the first that accesses need, since lanes want different words of one bank. */
    readonly conflicts: number
  }
  /** Accesses of threads that were too many to be compared between lanes, and are not in the traffic above. */
  readonly untraced: number
}

/** Instructions by kind, from how often each block ran. */
export const countInstructions = (
  { instructions }: KernelCode,
  blocks: readonly { readonly start: number; readonly end: number }[],
  times: (block: number) => number,
): Record<Kind, number> => {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>
  blocks.forEach(({ start, end }, k) => {
    const ran = times(k)
    if (ran > 0)
      for (const instruction of instructions.slice(start, end)) counts[rules.get(instruction.opcode)!.kind(instruction)] += ran
  })
  return counts
}
