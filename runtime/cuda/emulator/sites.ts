/** What each instruction means to whoever counts traffic, in arrays by its number, since there are many lines to read. */
import type { KernelCode } from './ptx.ts'
import { rules } from './rules/rules.ts'
import { accessBytes, tracedAccesses } from './rules/spaces.ts'

/** How an access counts, where it is not one of shared memory. */
export const tallies = { load: 0, store: 1 } as const

export interface Sites {
  readonly bytes: Uint8Array
  readonly tally: Uint8Array
}

export const sitesOf = ({ instructions }: KernelCode): Sites => {
  const sites = { bytes: new Uint8Array(instructions.length), tally: new Uint8Array(instructions.length) }
  instructions.forEach((instruction, n) => {
    if (tracedAccesses(instruction) === 0) return
    sites.bytes[n] = accessBytes(instruction)
    sites.tally[n] = rules.get(instruction.opcode)?.kind(instruction) === 'load' ? tallies.load : tallies.store
  })
  return sites
}
