/**
 * A kernel to one WebAssembly function, `run(entry, record) -> entry`. Registers are locals, mostly. WebAssembly has no goto:
 * what branches lead to lies one behind the other in as many nested `block`s, whose ends are their targets. A branch forward
 * leaves a few of them; a branch backward sets the entry and starts the loop around all, whose `br_table` leads there. Where
 * a thread waits it saves registers, returns the number of the entry behind, and is entered there again.
 */
import { aliveAt } from './alive.ts'
import { constantOf, constantsOf } from './constants.ts'
import { Emitter } from './emit.ts'
import { type Entries, entriesOf } from './entries.ts'
import { PtxError } from './errors.ts'
import { type Block, blocksOf, branchTargets, flowOf } from './flow.ts'
import { helperBodies, helperIndex, watchIndex } from './helpers/helpers.ts'
import { imports } from './helpers/imports.ts'
import { type Homes, homesOf, mostLocals, slotAt } from './homes.ts'
import { counters, done, known, mostBlocks, record, registers, shadow, trace, traceEnds } from './layout.ts'
import { type Extent, type Layout, layOut } from './places.ts'
import type { Instruction, KernelCode, Module } from './ptx.ts'
import { watch } from './races.ts'
import { isWait, readWait, type Wait } from './rules/control.ts'
import { Modifiers } from './rules/rule.ts'
import { rules } from './rules/rules.ts'
import { tracedAccesses, watchUnit } from './rules/spaces.ts'
import { runWarp } from './run-warp.ts'
import { type Saves, savesOf } from './saves.ts'
import { locals } from './special.ts'
import { valueTypeOf } from './types.ts'
import { type Access, assemble, type Code } from './wasm.ts'

export interface Translation extends Omit<Layout, 'places'> {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly blocks: readonly Block[]
  /** What a thread waits for that has returned an entry. */
  readonly waits: ReadonlyMap<number, { readonly instruction: number; readonly wait: Wait }>
  /** Of a thread's record and the registers that it saves. */
  readonly recordBytes: number
}

class Translator {
  readonly #kernel: KernelCode
  readonly #blocks: readonly Block[]
  readonly #entries: Entries
  readonly #homes: Homes
  /** By local, where in the record it is saved. */
  readonly #slots = new Map<number, number>()
  readonly #saves: ReadonlyMap<number, Saves>
  readonly #local: readonly Extent[]
  readonly #constants: ReadonlyMap<number, number>
  readonly waits = new Map<number, { instruction: number; wait: Wait }>()
  readonly emitter: Emitter

  constructor(kernel: KernelCode, { places, local, usesShared }: Layout) {
    this.#kernel = kernel
    this.#local = local
    this.#blocks = blocksOf(kernel)
    const blocks = this.#blocks.length
    if (blocks > mostBlocks)
      throw new PtxError(
        kernel.line,
        `kernel ${kernel.name} has ${blocks} basic blocks, and the emulator counts at most ${mostBlocks}: unroll less, or split it`,
      )
    this.#entries = entriesOf(kernel, this.#blocks)
    const flow = flowOf(kernel, this.#blocks)
    const alive = aliveAt(flow, kernel.registers.length)
    const most = mostLocals(this.#entries.all.length, kernel.instructions.length)
    this.#homes = homesOf(kernel, this.#blocks, flow, alive, most)
    this.#saves = savesOf(kernel, this.#blocks, flow, alive)
    this.#constants = constantsOf(kernel)
    this.emitter = new Emitter(kernel.registers, this.#homes, places, usesShared ? watchUnit(kernel) : null)
  }

  get blocks(): readonly Block[] {
    return this.#blocks
  }
  get recordBytes(): number {
    return slotAt(this.#homes.slots + this.#slots.size)
  }
  get #code(): Code {
    return this.emitter.code
  }

  write(): void {
    const { all, numbered } = this.#entries
    this.#code.get(locals.record).memory('i32.load', record.traceStart).set(locals.trace)
    this.#code.loop()
    for (let k = 0; k < all.length; k++) this.#code.block()
    this.#code.get(locals.entry).brTable(numbered)
    all.forEach(({ kind, blocks }, k) => {
      this.#code.op('end')
      if (kind === 'start') this.#writeStart()
      else if (kind !== 'block') this.#writeResume(kind.behind, k)
      for (const block of blocks) this.#writeBlock(block, k)
    })
    this.#code.op('end', 'unreachable')
  }

  /** A thread's local variables are there, and uninitialised. Its registers are zero, as locals are. */
  #writeStart(): void {
    const { slots } = this.#homes
    if (slots > 0)
      this.#code
        .get(locals.record)
        .i32(slotAt(0))
        .op('i32.add')
        .i32(0)
        .i32(8 * slots)
        .op('memory.fill')
    for (const { offset, bytes } of this.#local) {
      this.#code.get(locals.record).memory('i32.load', record.local)
      this.#code
        .i32(shadow + offset)
        .op('i32.add')
        .i32(known.accessible)
        .i32(bytes)
        .op('memory.fill')
    }
  }

  /** Leaves the function. */
  #return(entry: number): void {
    this.#code.get(locals.record).memory('i32.load', record.traceStart).get(locals.trace)
    this.#code
      .memory('i32.store', traceEnds - trace.start)
      .i32(entry)
      .op('return')
  }

  #writeBlock(block: number, entry: number): void {
    const { start, end } = this.#blocks[block]!
    if (start === end) {
      // Behind the last instruction.
      this.#return(done)
      return
    }
    const at = counters + 8 * block
    this.#code.i32(0).i32(0).memory('i64.load', at).i64(1n).op('i64.add').memory('i64.store', at)
    let untilDrain = 0
    for (let n = start; n < end; n++) {
      const instruction = this.#kernel.instructions[n]!
      const accesses = tracedAccesses(instruction)
      if (accesses > untilDrain) {
        this.#makeRoom()
        untilDrain = trace.ahead
      }
      untilDrain -= accesses
      this.emitter.begin(instruction, n)
      this.#guarded(instruction, (depth) => this.#writeInstruction(instruction, block, entry, depth))
      if (isWait(instruction.opcode) && instruction.guard) this.#code.br(1)
    }
  }

  /** Sees to it that the next accesses fit into the trace. */
  #makeRoom(): void {
    this.#code
      .get(locals.trace)
      .i32(trace.start + (trace.room - trace.ahead) * trace.step)
      .op('i32.gt_u')
      .if()
      .get(locals.trace)
    this.emitter.call('drain')
    this.#code.set(locals.trace).op('end')
  }

  /** Writes what happens under an instruction's guard; `depth` counts the construct around it. */
  #guarded({ guard }: Instruction, write: (depth: number) => void): void {
    if (!guard) {
      write(0)
      return
    }
    this.emitter.get(guard.register)
    if (guard.negated) this.#code.op('i32.eqz')
    this.#code.if()
    write(1)
    this.#code.op('end')
  }

  #writeInstruction(instruction: Instruction, block: number, entry: number, depth: number): void {
    const emitter: Emitter = this.emitter
    const { opcode } = instruction
    const rule = rules.get(opcode)
    if (!rule) emitter.fail('this instruction is not known to the emulator')
    const modifiers = new Modifiers(emitter)
    if (rule.emit) {
      rule.emit(emitter, modifiers)
      emitter.end()
      return
    }
    if (isWait(opcode)) {
      this.#writeWait(block, entry)
      return
    }
    modifiers.flag('uni')
    if (opcode === 'brx') modifiers.one(['idx'])
    modifiers.end()
    if (opcode === 'ret' || opcode === 'exit') {
      emitter.end()
      this.#return(done)
      return
    }
    const targets = branchTargets(this.#kernel, instruction)
    emitter.operand(opcode === 'bra' ? 0 : 1)
    emitter.end()
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
    const { all, at, numberOf } = this.#entries
    const target = at.get(instruction)!
    if (target > from) {
      this.#code.br(target - from - 1 + depth)
      return
    }
    this.#burn()
    this.#code.i32(numberOf.get(target)!).set(locals.entry)
    this.#code.br(all.length - 1 - from + depth)
  }

  /** A backward branch: every so often it is asked whether the time is over. */
  #burn(): void {
    const left = this.emitter.temporary('i32')
    this.#code.i32(0).i32(0).memory('i32.load', registers.fuel).i32(1).op('i32.sub').tee(left).memory('i32.store', registers.fuel)
    this.#code.get(left).i32(0).op('i32.lt_s').if()
    this.emitter.call('outOfFuel')
    this.#code.op('end')
  }

  /** The registers that have locals, with those and where in the record they are saved: the others lie there anyhow. */
  #inLocals(registers: readonly number[]) {
    return registers.flatMap((register) => {
      const home = this.#homes.of[register]
      if (home?.kind !== 'local') return []
      const slot = this.#slots.get(home.index) ?? this.#slots.size
      this.#slots.set(home.index, slot)
      return [{ register, type: valueTypeOf(this.#kernel.registers[register]!.type), at: slotAt(this.#homes.slots + slot) }]
    })
  }

  #writeWait(block: number, entry: number): void {
    const { emitter } = this
    const code = this.#code
    const wait = readWait(emitter, (operand) => constantOf(this.#constants, operand))
    emitter.end()
    const behind = this.#entries.numberOf.get(entry + 1)!
    this.waits.set(behind, { instruction: emitter.number, wait })
    for (const { slot, operand, type } of wait.inputs) {
      code.get(locals.record)
      emitter.push(operand, type)
      code.memory('i32.store', slot)
    }
    for (const { register, type, at } of this.#inLocals(this.#saves.get(block)!.saved)) {
      code.get(locals.record)
      emitter.get(register)
      code.memory(`${type}.store` satisfies Access, at)
    }
    this.#return(behind)
  }

  #writeResume(block: number, entry: number): void {
    const { emitter } = this
    const code = this.#code
    for (const { register, type, at } of this.#inLocals(this.#saves.get(block)!.restored)) {
      code.get(locals.record).memory(`${type}.load` satisfies Access, at)
      emitter.set(register)
    }
    const { instruction, wait } = this.waits.get(this.#entries.numberOf.get(entry)!)!
    emitter.begin(this.#kernel.instructions[instruction]!, instruction)
    if (wait.result) {
      code.get(locals.record).memory('i32.load', record.result)
      emitter.pop(wait.result.operand, wait.result.type)
    }
    if (wait.predicate) {
      code.get(locals.record).memory('i32.load', record.predicate)
      emitter.pop(wait.predicate, 'pred')
    }
  }
}

export const translate = (module: Module, kernel: KernelCode): Translation => {
  const layout = layOut(module, kernel)
  const translator = new Translator(kernel, layout)
  translator.write()
  const { emitter, blocks, waits, recordBytes } = translator
  const bytes = assemble({
    imports: Object.entries(imports).map(([name, signature]) => ({ name, ...signature })),
    functions: [
      ...helperBodies,
      // Helpers too, but made for this kernel.
      watch(watchUnit(kernel), helperIndex('raced')),
      { params: ['i32', 'i32'], results: ['i32'], locals: emitter.locals, code: emitter.code },
      runWarp(watchIndex + 1, layout.usesShared),
    ],
  })
  const { places: _, ...laid } = layout
  return { ...laid, bytes, blocks, waits, recordBytes }
}
