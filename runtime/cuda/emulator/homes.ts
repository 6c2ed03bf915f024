/**
 * Where a kernel's registers are kept. PTX has a new register for nearly every value, tens of thousands in a long kernel, and
 * what an engine does for a function grows with its locals at each place where ways part or join: V8's optimiser ends the
 * process where locals times such places come to some thirty millions, and takes gigabytes before. But few values are needed
 * at once. So registers that never are share a local; and where even those are too many, what is needed longest is kept in
 * the thread's record.
 */
import type { Sets } from './alive.ts'
import { type Block, type BlockFlow, usedBy } from './flow.ts'
import { record } from './layout.ts'
import type { KernelCode } from './ptx.ts'
import { valueTypeOf } from './types.ts'
import type { ValueType } from './wasm.ts'

/** A local by its number, or a slot of eight bytes in the thread's record. */
export interface Home {
  readonly kind: 'local' | 'slot'
  readonly index: number
}

/** How far into a thread's record a slot lies. */
export const slotAt = (slot: number): number => record.bytes + 8 * slot

export interface Homes {
  /** By register; `undefined` for one that nothing uses. */
  readonly of: readonly (Home | undefined)[]
  /** The types of the locals. */
  readonly locals: readonly ValueType[]
  readonly slots: number
}

/**
 * How many locals a function may have, by its entries and instructions. At each entry, all locals may have to be joined, and
 * each of an instruction's checks copies the list of them: so an engine's nodes and lists stay below a gigabyte, and their
 * number far from where V8's has its end.
 */
export const mostLocals = (entries: number, instructions: number): number =>
  Math.floor(Math.min(2 ** 21 / entries, 2 ** 25 / instructions))

/** The instructions from which to which a register is in use: wherever it is alive, and wherever it is written. */
interface Lifetime {
  readonly register: number
  readonly type: ValueType
  readonly from: number
  readonly to: number
}

/** Lifetimes in the order in which they begin. They have no gaps: one that is in use again later is in use all the while. */
const lifetimesOf = (
  { instructions, registers }: KernelCode,
  blocks: readonly Block[],
  flow: readonly BlockFlow[],
  alive: Sets,
): readonly Lifetime[] => {
  const from = new Int32Array(registers.length).fill(-1)
  const to = new Int32Array(registers.length)
  // Instructions come in their order, so that the first is the least and the last the greatest.
  const touch = (register: number, instruction: number): void => {
    if (from[register] === -1) from[register] = instruction
    to[register] = instruction
  }
  blocks.forEach(({ start, end }, block) => {
    alive[block]!.each((register) => touch(register, start))
    for (let n = start; n < end; n++) for (const register of usedBy(instructions[n]!)) touch(register, n)
    if (end > start) for (const next of flow[block]!.next) alive[next]!.each((register) => touch(register, end - 1))
  })
  return registers
    .map(({ type }, register) => ({ register, type: valueTypeOf(type), from: from[register]!, to: to[register]! }))
    .filter((one) => one.from >= 0)
    .sort((a, b) => a.from - b.from)
}

interface Shared {
  /** Of each register that got one. */
  readonly places: ReadonlyMap<number, number>
  readonly types: readonly ValueType[]
  /** What has none, in the order of their beginnings. */
  readonly left: readonly Lifetime[]
}

/** Gives lifetimes places, the same to several that do not overlap; at most so many, and those that end last go without. */
const share = (lifetimes: readonly Lifetime[], most: number): Shared => {
  const places = new Map<number, number>()
  const left: Lifetime[] = []
  const types: ValueType[] = []
  /** By place, who has it now. */
  const held: (Lifetime | undefined)[] = []
  const free: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [] }
  /** By instruction, what ends there. */
  const ending = new Map<number, Lifetime[]>()
  const release = (one: Lifetime): void => {
    const place = places.get(one.register)
    if (place === undefined || held[place] !== one) return
    held[place] = undefined
    free[one.type].push(place)
  }
  const take = (one: Lifetime): number | undefined => {
    const place = free[one.type].pop()
    if (place !== undefined) return place
    if (types.length < most) return types.push(one.type) - 1
    const longest = held.reduce((a, b) => (b?.type === one.type && b.to > (a ?? one).to ? b : a), undefined)
    if (!longest) return undefined
    const freed = places.get(longest.register)
    places.delete(longest.register)
    left.push(longest)
    return freed
  }
  let at = 0
  for (const one of lifetimes) {
    for (; at < one.from; at++) for (const over of ending.get(at) ?? []) release(over)
    const place = take(one)
    if (place === undefined) {
      left.push(one)
      continue
    }
    places.set(one.register, place)
    held[place] = one
    const together = ending.get(one.to)
    if (together) together.push(one)
    else ending.set(one.to, [one])
  }
  return { places, types, left: left.sort((a, b) => a.from - b.from) }
}

/** @param mostLocals - what goes beyond lies in the record */
export const homesOf = (
  kernel: KernelCode,
  blocks: readonly Block[],
  flow: readonly BlockFlow[],
  alive: Sets,
  mostLocals: number,
): Homes => {
  const inLocals = share(lifetimesOf(kernel, blocks, flow, alive), mostLocals)
  // Any slot takes any type.
  const inSlots = share(
    inLocals.left.map((one) => ({ ...one, type: 'i64' })),
    Number.POSITIVE_INFINITY,
  )
  const homes = kernel.registers.map((_, register): Home | undefined => {
    const local = inLocals.places.get(register)
    if (local !== undefined) return { kind: 'local', index: local }
    const slot = inSlots.places.get(register)
    return slot === undefined ? undefined : { kind: 'slot', index: slot }
  })
  return { of: homes, locals: inLocals.types, slots: inSlots.types.length }
}
