/** Accesses that are not as they should be: what is wrong with them, and whether a GPU would end the launch for it. */
import type { AccessKind } from './access.ts'
import { known, readOnly, shadow } from './layout.ts'
import { hex, type Memory } from './memory.ts'
import type { FindingKind } from './report.ts'

/** Thrown through the kernel's code to end a launch at a fault; never seen outside. */
export class Fault extends Error {}

export interface Access {
  readonly address: number
  readonly bytes: number
  readonly kind: AccessKind
  /** What its address has to be a multiple of. */
  readonly aligned: number
}

export interface Problem {
  readonly kind: Extract<FindingKind, 'out-of-bounds' | 'misaligned' | 'uninitialised' | 'double-write'>
  /** Whether the launch ends. */
  readonly fatal: boolean
  /** In words; made only when it is needed, since threads by the thousand may do the same. */
  readonly message: () => string
}

const names = { load: 'a load', store: 'a store', atomic: 'an atomic' } as const satisfies Record<AccessKind, string>

const statesOf = ({ bytes }: Memory, access: Access): Uint8Array =>
  bytes.subarray(access.address + shadow, access.address + shadow + access.bytes)

/** What is wrong with an access that has failed its check. */
export const problemOf = (memory: Memory, access: Access): Problem => {
  const { address, bytes, kind, aligned } = access
  const what = (): string => `${names[kind]} of ${bytes} bytes at`
  if (address + bytes > shadow)
    return { kind: 'out-of-bounds', fatal: true, message: () => `${what()} ${hex(address)}, beyond all memory` }
  const described = (): string => `${what()} ${memory.describe(address)}`
  const states = statesOf(memory, access)
  if (states.some((state) => !(state & known.accessible))) return { kind: 'out-of-bounds', fatal: true, message: described }
  if (address % aligned !== 0)
    return { kind: 'misaligned', fatal: true, message: () => `${described()}, which is no multiple of ${aligned}` }
  if (kind === 'store' && states.some((state) => (state & (known.awaited | readOnly)) === readOnly))
    return { kind: 'out-of-bounds', fatal: true, message: () => `${described()}, which can only be read` }
  if (kind === 'store') return { kind: 'double-write', fatal: false, message: () => `${described()}: an output is written twice` }
  const early = states.some((state) => state & known.pending)
  const why = early ? 'where a cp.async is not waited for yet' : 'which nothing has written'
  return { kind: 'uninitialised', fatal: false, message: () => `${described()}, ${why}` }
}

/** Whether a load is as it should be. */
export const isReadable = (memory: Memory, access: Access): boolean => {
  const wanted = known.accessible | known.initialised
  return (
    access.address + access.bytes <= shadow &&
    access.address % access.aligned === 0 &&
    statesOf(memory, access).every((state) => (state & wanted) === wanted)
  )
}
