/**
 * A kernel to one WebAssembly function, `run(entry, frame) -> entry`. Virtual registers are locals. WebAssembly has no goto:
 * basic blocks lie one behind the other in as many nested `block`s, whose ends are their beginnings. A branch forward leaves
 * a few of them; a branch backward sets the entry and starts the loop around all, whose `br_table` leads there. Where a
 * thread waits it saves the registers that are alive, returns the number of the entry behind, and is entered there again.
 */
import { Emitter, type Place } from './emit.ts'
import { PtxError } from './errors.ts'
import { type Block, blocksOf, branchTargets, livenessOf, writtenBy } from './flow.ts'
import { helperBodies, imports } from './helpers.ts'
import { counters, mostBlocks, mostSymbols, parameters, symbols } from './layout.ts'
import type { Instruction, KernelCode, Module, Operand, Variable } from './ptx.ts'
import { exchange, isWait, readWait, type Wait } from './rules/control.ts'
import { Modifiers } from './rules/rule.ts'
import { rules } from './rules/rules.ts'
import { valueTypeOf } from './types.ts'
import { type Access, assemble, type Code } from './wasm.ts'

/** A variable in shared or local memory, at an offset from the block's or the thread's base. */
export interface Extent {
  readonly offset: number
  readonly bytes: number
}

export interface Translation {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly blocks: readonly Block[]
  /** What a thread waits for that has returned an entry. */
  readonly waits: ReadonlyMap<number, { readonly instruction: number; readonly wait: Wait }>
  readonly frameBytes: number
  readonly shared: readonly Extent[]
  readonly sharedBytes: number
  /** Where dynamic shared memory begins. */
  readonly dynamicOffset: number
  readonly local: readonly Extent[]
  readonly localBytes: number
}

/** What `run` returns when its thread is done. */
export const done = -1

const frameLocal = 1
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple

/** Between variables, so that a step beyond one is seen. */
const variableGap = 16

const namesIn = (operand: Operand): readonly string[] => {
  if (operand.kind === 'name') return [operand.name]
  if (operand.kind === 'address') return namesIn(operand.base)
  return operand.kind === 'vector' ? operand.elements.flatMap(namesIn) : []
}

/** Lays variables of one space out behind each other. */
const lay = (variables: readonly Variable[]): { extents: Extent[]; bytes: number } => {
  let bytes = 0
  const extents = variables.map((variable) => {
    const offset = roundUp(bytes, variable.align)
    bytes = offset + (variable.bytes ?? 0) + variableGap
    return { offset, bytes: variable.bytes ?? 0 }
  })
  return { extents, bytes }
}

const layOut = (module: Module, kernel: KernelCode) => {
  const used = new Set(kernel.instructions.flatMap(({ operands }) => operands.flatMap(namesIn)))
  const visible = [...module.variables.filter(({ name }) => used.has(name)), ...kernel.variables]
  const shared = visible.filter(({ space, bytes }) => space === 'shared' && bytes !== null)
  const dynamic = visible.filter(({ space, bytes }) => space === 'shared' && bytes === null)
  const local = visible.filter(({ space }) => space === 'local')
  const sharedLaid = lay(shared)
  const localLaid = lay(local)
  const dynamicOffset = roundUp(sharedLaid.bytes, Math.max(16, ...dynamic.map(({ align }) => align)))
  const lasting = module.variables.filter(({ space }) => space === 'global' || space === 'const')
  if (lasting.length > mostSymbols) throw new PtxError(kernel.line, `more than ${mostSymbols} global variables`)
  const places = new Map<string, Place>([
    ...lasting.map(({ name }, k) => [name, { base: 'symbol', offset: symbols + 8 * k }] as const),
    ...dynamic.map(({ name }) => [name, { base: 'shared', offset: dynamicOffset }] as const),
    ...shared.map(({ name }, k) => [name, { base: 'shared', offset: sharedLaid.extents[k]!.offset }] as const),
    ...local.map(({ name }, k) => [name, { base: 'local', offset: localLaid.extents[k]!.offset }] as const),
    ...kernel.parameters.map(({ name, offset }) => [name, { base: 'parameter', offset: parameters + offset }] as const),
  ])
  return {
    places,
    shared: sharedLaid.extents,
    sharedBytes: sharedLaid.bytes,
    dynamicOffset,
    local: localLaid.extents,
    localBytes: localLaid.bytes,
  }
}

/** What stands between two `end`s of the nest: a block, or the way back into one behind a wait. */
type Entry =
  | { readonly kind: 'block'; readonly block: number }
  | { readonly kind: 'resume'; readonly instruction: number; readonly next: number }

class Translator {
  readonly #kernel: KernelCode
  readonly #blocks: readonly Block[]
  readonly #entries: readonly Entry[]
  /** The entry of the block that begins at an instruction. */
  readonly #entryAt = new Map<number, number>()
  readonly #saved = new Map<number, number>()
  readonly #alive: readonly ReadonlySet<number>[]
  readonly waits = new Map<number, { instruction: number; wait: Wait }>()
  readonly emitter: Emitter

  constructor(kernel: KernelCode, places: ReadonlyMap<string, Place>) {
    this.#kernel = kernel
    this.#blocks = blocksOf(kernel)
    if (this.#blocks.length > mostBlocks) throw new PtxError(kernel.line, `more than ${mostBlocks} basic blocks`)
    this.#entries = this.#blocks.flatMap(({ end, wait }, block): readonly Entry[] => [
      { kind: 'block', block },
      ...(wait ? [{ kind: 'resume', instruction: end - 1, next: block + 1 } as const] : []),
    ])
    this.#entries.forEach((entry, k) => {
      if (entry.kind === 'block') this.#entryAt.set(this.#blocks[entry.block]!.start, k)
    })
    this.#alive = this.#blocks.some(({ wait }) => wait) ? livenessOf(kernel, this.#blocks) : []
    this.emitter = new Emitter(kernel.registers, places, 2)
  }

  get blocks(): readonly Block[] {
    return this.#blocks
  }
  get frameBytes(): number {
    return exchange.bytes + 8 * this.#saved.size
  }
  get #code(): Code {
    return this.emitter.code
  }

  write(): void {
    const count = this.#entries.length
    this.#code.loop()
    for (let k = 0; k < count; k++) this.#code.block()
    this.#code.get(0).brTable(Array.from({ length: count }, (_, k) => k))
    this.#entries.forEach((entry, k) => {
      this.#code.op('end')
      if (entry.kind === 'block') this.#writeBlock(entry.block, k)
      else this.#writeResume(entry, k)
    })
    this.#code.op('end', 'unreachable')
  }

  #writeBlock(block: number, entry: number): void {
    const { start, end } = this.#blocks[block]!
    if (start === end) {
      // Behind the last instruction.
      this.#code.i32(done).op('return')
      return
    }
    const at = counters + 8 * block
    this.#code.i32(0).i32(0).memory('i64.load', at).i64(1n).op('i64.add').memory('i64.store', at)
    for (let n = start; n < end; n++) {
      const instruction = this.#kernel.instructions[n]!
      this.emitter.instruction = instruction
      this.emitter.number = n
      this.#guarded(instruction, (depth) => this.#writeInstruction(instruction, n, entry, depth))
      // Past a wait that a guard skipped lies the way back into it.
      if (isWait(instruction.opcode) && instruction.guard) this.#code.br(1)
    }
  }

  /** Writes what happens under an instruction's guard; `depth` counts the construct around it. */
  #guarded({ guard }: Instruction, write: (depth: number) => void): void {
    if (!guard) {
      write(0)
      return
    }
    this.#code.get(this.emitter.local(guard.register))
    if (guard.negated) this.#code.op('i32.eqz')
    this.#code.if()
    write(1)
    this.#code.op('end')
  }

  #writeInstruction(instruction: Instruction, number: number, entry: number, depth: number): void {
    const emitter: Emitter = this.emitter
    const { opcode } = instruction
    const rule = rules.get(opcode)
    if (!rule) emitter.fail('this instruction is not known to the emulator')
    const modifiers = new Modifiers(emitter)
    if (rule.emit) {
      rule.emit(emitter, modifiers)
      return
    }
    if (isWait(opcode)) {
      this.#writeWait(number, entry)
      return
    }
    modifiers.flag('uni')
    if (opcode === 'brx') modifiers.one(['idx'])
    modifiers.end()
    if (opcode === 'ret' || opcode === 'exit') {
      this.#code.i32(done).op('return')
      return
    }
    const targets = branchTargets(this.#kernel, instruction)
    if (opcode === 'bra') {
      this.#goTo(targets[0]!, entry, depth)
      return
    }
    targets.forEach((target, k) => {
      emitter.push(emitter.operand(0), 'u32')
      this.#code.i32(k).op('i32.eq').if()
      this.#goTo(target, entry, depth + 1)
      this.#code.op('end')
    })
  }

  #goTo(instruction: number, from: number, depth: number): void {
    const target = this.#entryAt.get(instruction)!
    if (target > from) {
      this.#code.br(target - from - 1 + depth)
      return
    }
    this.#code.i32(target).set(0)
    this.emitter.call('burn')
    this.#code.br(this.#entries.length - 1 - from + depth)
  }

  /** The registers that a thread needs again behind a wait, without those that the wait itself gives. */
  #kept(instruction: number, next: number): readonly number[] {
    const given = new Set(writtenBy(this.#kernel.instructions[instruction]!))
    return [...this.#alive[next]!].filter((register) => !given.has(register))
  }

  #slot(register: number): number {
    const slot = this.#saved.get(register) ?? this.#saved.size
    this.#saved.set(register, slot)
    return exchange.bytes + 8 * slot
  }

  #writeWait(instruction: number, entry: number): void {
    const { emitter } = this
    const code = this.#code
    const wait = readWait(emitter)
    const resume = this.#entries[entry + 1]
    if (resume?.kind !== 'resume') throw new Error('a wait has an entry behind it')
    this.waits.set(entry + 1, { instruction, wait })
    for (const { slot, operand, type } of wait.inputs) {
      code.get(frameLocal)
      emitter.push(operand, type)
      code.memory('i32.store', slot)
    }
    for (const register of this.#kept(instruction, resume.next)) {
      const type = valueTypeOf(this.#kernel.registers[register]!.type)
      code.get(frameLocal).get(emitter.local(register))
      code.memory(`${type}.store` satisfies Access, this.#slot(register))
    }
    code.i32(entry + 1).op('return')
  }

  #writeResume({ instruction, next }: Extract<Entry, { kind: 'resume' }>, entry: number): void {
    const { emitter } = this
    const code = this.#code
    for (const register of this.#kept(instruction, next)) {
      const type = valueTypeOf(this.#kernel.registers[register]!.type)
      code.get(frameLocal).memory(`${type}.load` satisfies Access, this.#slot(register))
      code.set(emitter.local(register))
    }
    const { wait } = this.waits.get(entry)!
    emitter.instruction = this.#kernel.instructions[instruction]!
    if (wait.result) {
      code.get(frameLocal).memory('i32.load', exchange.result)
      emitter.pop(wait.result.operand, wait.result.type)
    }
    if (wait.predicate) {
      code.get(frameLocal).memory('i32.load', exchange.predicate)
      emitter.pop(wait.predicate, 'pred')
    }
  }
}

export const translate = (module: Module, kernel: KernelCode): Translation => {
  const { places, ...laid } = layOut(module, kernel)
  const translator = new Translator(kernel, places)
  translator.write()
  const { emitter } = translator
  const bytes = assemble({
    imports: Object.entries(imports).map(([name, signature]) => ({ name, ...signature })),
    functions: [
      ...helperBodies,
      { params: ['i32', 'i32'], results: ['i32'], locals: emitter.locals, code: emitter.code, exported: 'run' },
    ],
  })
  return { bytes, blocks: translator.blocks, waits: translator.waits, frameBytes: translator.frameBytes, ...laid }
}
