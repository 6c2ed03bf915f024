/** What loads, stores, atomics and copies have in common: the space that they name, hints that change nothing, how much they move. */
import type { Emitter } from '../emit.ts'
import type { AddressSpace, Instruction, KernelCode, Operand } from '../ptx.ts'
import { bytesOf, isScalarType, isSigned, type ScalarType, valueTypeOf, widthOf } from '../types.ts'
import type { Access } from '../wasm.ts'
import type { Modifiers } from './rule.ts'

const spaces = ['global', 'shared', 'local', 'const', 'param'] as const satisfies readonly AddressSpace[]

// Hints to caches and orders between threads: the emulator has neither caches nor threads at one time.
const hint =
  /^(?:volatile|weak|relaxed|acquire|release|acq_rel|cta|cluster|gpu|sys|mmio|nc|ca|cg|cs|lu|cv|wb|wt|L1::\w+|L2::(?:64B|128B|256B|evict_\w+))$/

/** Takes the modifiers of a kind, all of them. */
export const takeAll = (e: Emitter, m: Modifiers, known: RegExp): void => {
  while (m.maybe(e.instruction.modifiers.filter((name) => known.test(name))) !== undefined) {}
}

/** Takes hints; the operand at `policy`, where there is a hint by policy, is one too. */
export const takeHints = (e: Emitter, m: Modifiers, policy: number): void => {
  takeAll(e, m, hint)
  if (m.flag('L2::cache_hint')) e.operand(policy)
}

export const spaceOf = ({ modifiers }: Instruction): AddressSpace => {
  const named = modifiers.find((name) => (spaces as readonly string[]).includes(name.split('::')[0] ?? ''))
  return (named?.split('::')[0] as AddressSpace | undefined) ?? 'generic'
}

export const takeSpace = (e: Emitter, m: Modifiers): AddressSpace => {
  m.maybe([...spaces, 'shared::cta', 'param::entry', 'param::func'])
  return spaceOf(e.instruction)
}

const copySize = ({ operands }: Instruction): number => {
  const size = operands[2]
  return size?.kind === 'integer' ? Number(size.value) : 0
}

/** Bytes that an instruction moves at once, its vector counted. */
export const accessBytes = (instruction: Instruction): number => {
  if (instruction.opcode === 'cp') return copySize(instruction)
  const { modifiers } = instruction
  const vector = modifiers.find((name) => /^v[248]$/.test(name))
  const type = modifiers.at(-1) ?? ''
  return (isScalarType(type) ? bytesOf(type) : 0) * (vector ? Number(vector.slice(1)) : 1)
}

/** `cp.async` itself, not what closes its groups or waits for them. */
export const isCopy = ({ opcode, modifiers }: Instruction): boolean => opcode === 'cp' && modifiers.includes('shared')

const accessing = new Set(['ld', 'ldu', 'st', 'atom', 'red'])

/** How many lines an instruction writes into the trace: what touches local memory or parameters writes none. */
export const tracedAccesses = (instruction: Instruction): number => {
  if (isCopy(instruction)) return 2
  const space = spaceOf(instruction)
  return accessing.has(instruction.opcode) && space !== 'local' && space !== 'param' ? 1 : 0
}

/** Whether an instruction may touch shared memory. */
const isShared = (instruction: Instruction): boolean =>
  isCopy(instruction) || (tracedAccesses(instruction) > 0 && ['shared', 'generic'].includes(spaceOf(instruction)))

/** Bytes of the units in which shared memory is watched for races: the narrowest access to it, at most 4. */
export const watchUnit = ({ instructions }: KernelCode): number => Math.min(4, ...instructions.filter(isShared).map(accessBytes))

export const loadOf = (type: ScalarType): Access => {
  const width = widthOf(type)
  if (width === 8 || width === 16) return `i32.load${width}_${isSigned(type) ? 's' : 'u'}`
  return `${valueTypeOf(type)}.load`
}
export const storeOf = (type: ScalarType): Access => {
  const width = widthOf(type)
  return width === 8 || width === 16 ? `i32.store${width}` : `${valueTypeOf(type)}.store`
}

/** The operands of a vector, or the one operand where there is no vector. */
export const elementsOf = (e: Emitter, operand: Operand, vector: string | undefined): readonly Operand[] => {
  if (!vector) return [operand]
  if (operand.kind !== 'vector' || operand.elements.length !== Number(vector.slice(1)))
    return e.fail(`a vector of ${vector.slice(1)} is expected`)
  return operand.elements
}
