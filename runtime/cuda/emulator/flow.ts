/** Control flow of a kernel: its basic blocks, and which registers are alive where a thread waits, so that only they are saved. */
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
    case 'name':
    case 'sink':
      return []
    default:
      return operand satisfies never
  }
}

export const writtenBy = ({ opcode, operands }: Instruction): readonly number[] =>
  rules.get(opcode)?.writes && operands[0] ? registersOf(operands[0]) : []

const readBy = ({ opcode, operands, guard }: Instruction): readonly number[] => [
  ...(guard ? [guard.register] : []),
  ...operands.slice(rules.get(opcode)?.writes ? 1 : 0).flatMap(registersOf),
]

/** The registers that are alive at the start of each block. */
export const livenessOf = (kernel: KernelCode, blocks: readonly Block[]): readonly ReadonlySet<number>[] => {
  const { instructions } = kernel
  const at = new Map(blocks.map(({ start }, k) => [start, k]))
  const alive = blocks.map(() => new Set<number>())
  const flow = blocks.map(({ start, end }, k) => {
    // Registers that are read before they are written, and those written for sure.
    const reads = new Set<number>()
    const writes = new Set<number>()
    for (const instruction of instructions.slice(start, end)) {
      for (const register of readBy(instruction)) if (!writes.has(register)) reads.add(register)
      if (!instruction.guard) for (const register of writtenBy(instruction)) writes.add(register)
    }
    const last = end > start ? instructions[end - 1] : undefined
    const goesOn = !last || !leaves.has(last.opcode) || last.guard !== null
    const next = [...(last ? branchTargets(kernel, last).map((target) => at.get(target)!) : []), ...(goesOn ? [k + 1] : [])]
    return { reads, writes, next: next.filter((block) => block < blocks.length) }
  })
  for (let changed = true; changed; ) {
    changed = false
    for (let k = blocks.length - 1; k >= 0; k--) {
      const { reads, writes, next } = flow[k]!
      const before = alive[k]!.size
      for (const register of reads) alive[k]!.add(register)
      for (const block of next) for (const register of alive[block]!) if (!writes.has(register)) alive[k]!.add(register)
      changed ||= alive[k]!.size > before
    }
  }
  return alive
}
