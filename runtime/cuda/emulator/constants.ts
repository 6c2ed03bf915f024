/**
 * Registers that hold a constant. Compilers move the masks and distances of shuffles into registers first; where these are
 * known, lanes need not tell each other.
 */
import { writtenBy } from './flow.ts'
import type { Instruction, KernelCode, Operand } from './ptx.ts'

const moved = new Set(['b32', 'u32', 's32'])

const movedValue = ({ opcode, modifiers, operands, guard }: Instruction): number | undefined =>
  opcode === 'mov' && guard === null && moved.has(modifiers[0] ?? '') && operands[1]?.kind === 'integer'
    ? Number(BigInt.asIntN(32, operands[1].value))
    : undefined

/** The values of 32-bit registers to which nothing but one integer is ever written. */
export const constantsOf = ({ instructions }: KernelCode): ReadonlyMap<number, number> => {
  const constants = new Map<number, number | undefined>()
  for (const instruction of instructions) {
    const value = movedValue(instruction)
    for (const register of writtenBy(instruction))
      constants.set(register, constants.has(register) && constants.get(register) !== value ? undefined : value)
  }
  return new Map([...constants].flatMap(([register, value]) => (value === undefined ? [] : [[register, value] as const])))
}

/** An operand's value in 32 bits, where it is known. */
export const constantOf = (constants: ReadonlyMap<number, number>, operand: Operand): number | undefined => {
  if (operand.kind === 'integer') return Number(BigInt.asIntN(32, operand.value))
  return operand.kind === 'register' && !operand.negated ? constants.get(operand.register) : undefined
}
