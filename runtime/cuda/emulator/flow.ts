/** Control flow of a kernel: its basic blocks, what they do to registers, and where they lead. */
import { PtxError } from './errors.ts'
import type { Instruction, KernelCode, Operand } from './ptx.ts'
import { isWait } from './rules/control.ts'
import { rules } from './rules/rules.ts'

/** Instructions `start` to `end - 1`. A block that ends at a wait is followed by an entry point behind it. */
export interface Block {
  readonly start: number
  readonly end: number
  readonly wait: boolean
}

const leaves = new Set(['bra', 'brx', 'ret', 'exit'])

export const blocksOf = ({ instructions, labels }: KernelCode): readonly Block[] => {
  const starts = new Set([0, instructions.length, ...labels.values()])
  instructions.forEach(({ opcode }, n) => {
    if (leaves.has(opcode) || isWait(opcode)) starts.add(n + 1)
  })
  const sorted = [...starts].sort((a, b) => a - b)
  return sorted.map((start, k) => {
    const end = sorted[k + 1] ?? start
    return { start, end, wait: end > start && isWait(instructions[end - 1]!.opcode) }
  })
}

/** The instruction numbers that a branch may lead to. */
export const branchTargets = (kernel: KernelCode, { opcode, operands, ptxLine }: Instruction): readonly number[] => {
  if (opcode !== 'bra' && opcode !== 'brx') return []
  const operand = operands[opcode === 'bra' ? 0 : 1]
  if (operand?.kind !== 'name') throw new PtxError(ptxLine, `${opcode}: a label is expected`)
  const names = opcode === 'bra' ? [operand.name] : kernel.branchTables.get(operand.name)
  if (!names) throw new PtxError(ptxLine, `brx: the table '${operand.name}' is declared nowhere`)
  return names.map((name) => {
    const at = kernel.labels.get(name)
    if (at === undefined) throw new PtxError(ptxLine, `${opcode}: the label '${name}' is declared nowhere`)
    return at
  })
}

const registersOf = (operand: Operand): readonly number[] => {
  switch (operand.kind) {
    case 'register':
      return [operand.register]
    case 'vector':
      return operand.elements.flatMap(registersOf)
    case 'address':
      return registersOf(operand.base)
    case 'pair':
      return [...registersOf(operand.first), ...registersOf(operand.second)]
    case 'special':
    case 'integer':
    case 'float':
    case 'decimal':
    case 'name':
    case 'sink':
      return []
    default:
      return operand satisfies never
  }
}

const writes = (instruction: Instruction): boolean => rules.get(instruction.opcode)?.writes(instruction) ?? false

export const writtenBy = (instruction: Instruction): readonly number[] =>
  writes(instruction) && instruction.operands[0] ? registersOf(instruction.operands[0]) : []

const readBy = (instruction: Instruction): readonly number[] => [
  ...(instruction.guard ? [instruction.guard.register] : []),
  ...instruction.operands.slice(writes(instruction) ? 1 : 0).flatMap(registersOf),
]

/** All registers of an instruction. */
export const usedBy = (instruction: Instruction): readonly number[] => [...writtenBy(instruction), ...readBy(instruction)]

/** What a block does to registers, and where it leads. */
export interface BlockFlow {
  /** Read before the block writes them. */
  readonly reads: ReadonlySet<number>
  /** Written for sure. */
  readonly writes: ReadonlySet<number>
  /** Written, but by instructions whose guards may fail among them. */
  readonly changes: ReadonlySet<number>
  readonly next: readonly number[]
}

export const flowOf = (kernel: KernelCode, blocks: readonly Block[]): readonly BlockFlow[] => {
  const at = new Map(blocks.map(({ start }, k) => [start, k]))
  return blocks.map(({ start, end }, k) => {
    const reads = new Set<number>()
    const writes = new Set<number>()
    const changes = new Set<number>()
    for (let n = start; n < end; n++) {
      const instruction = kernel.instructions[n]!
      for (const register of readBy(instruction)) if (!writes.has(register)) reads.add(register)
      for (const register of writtenBy(instruction)) {
        changes.add(register)
        if (!instruction.guard) writes.add(register)
      }
    }
    const last = end > start ? kernel.instructions[end - 1] : undefined
    const goesOn = !last || !leaves.has(last.opcode) || last.guard !== null
    const next = [...(last ? branchTargets(kernel, last).map((target) => at.get(target)!) : []), ...(goesOn ? [k + 1] : [])]
    return { reads, writes, changes, next: next.filter((block) => block < blocks.length) }
  })
}
