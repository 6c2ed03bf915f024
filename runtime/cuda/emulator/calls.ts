/**
 * Calls of device functions, each replaced by the function's own instructions: then threads can wait in them as anywhere, and
 * nothing else has to know of calls. PTX passes through variables of the space `.param`; what the caller calls `param0` is
 * what the function calls its parameter. A function is in use once at a time, since there is no recursion here.
 */
import { PtxError } from './errors.ts'
import type { Code, Instruction, KernelCode, Module, Operand, Register, Variable } from './ptx.ts'

/** A function that calls others many times over may grow without bounds. */
const mostInstructions = 400_000

/** Functions that a compiler calls and no PTX defines. */
const ofTheSystem: Readonly<Record<string, string>> = {
  vprintf: 'the emulator has no printf: let the kernel write to memory what it has to say',
  __assertfail: 'the emulator has no assert: define NDEBUG',
  malloc: 'the emulator has no memory for kernels to allocate: pass it as an argument',
  free: 'the emulator has no memory for kernels to allocate: pass it as an argument',
}

/** Where a function is put in. */
interface Place {
  /** Before its labels, different at each place; and before its variables, the same at all places. */
  readonly labels: string
  readonly variables: string
  /** What its parameters and results are to the caller. */
  readonly passed: ReadonlyMap<string, string>
  /** The functions that this one is in. */
  readonly within: readonly string[]
}

class Inliner {
  readonly #module: Module
  readonly #registers: Register[] = []
  readonly #firstRegisters = new Map<string, number>()
  readonly #variables = new Map<string, Variable>()
  readonly #instructions: Instruction[] = []
  readonly #labels = new Map<string, number>()
  readonly #branchTables = new Map<string, readonly string[]>()
  #calls = 0

  constructor(module: Module) {
    this.#module = module
  }

  /** The kernel with all that it calls. */
  expand(kernel: KernelCode): KernelCode {
    this.#put(kernel, { labels: '', variables: '', passed: new Map(), within: [kernel.name] })
    return {
      ...kernel,
      registers: this.#registers,
      variables: [...this.#variables.values()],
      instructions: this.#instructions,
      labels: this.#labels,
      branchTables: this.#branchTables,
    }
  }

  #put(code: Code, place: Place): void {
    const firstRegister = this.#registersOf(code)
    const own = new Map(code.variables.map(({ name }) => [name, place.variables + name]))
    for (const variable of code.variables) {
      const name = own.get(variable.name)!
      this.#variables.set(name, { ...variable, name })
    }
    const labelsAt = new Map<number, string[]>()
    for (const [name, at] of code.labels) labelsAt.set(at, [...(labelsAt.get(at) ?? []), name])
    const isLabel = (name: string): boolean => code.labels.has(name) || code.branchTables.has(name)
    for (const [name, targets] of code.branchTables)
      this.#branchTables.set(
        place.labels + name,
        targets.map((target) => place.labels + target),
      )
    const rename = (name: string): string => {
      if (isLabel(name)) return place.labels + name
      return place.passed.get(name) ?? own.get(name) ?? name
    }
    const isInner = place.within.length > 1
    const end = `${place.labels}end`
    for (let n = 0; n <= code.instructions.length; n++) {
      for (const label of labelsAt.get(n) ?? []) this.#labels.set(place.labels + label, this.#instructions.length)
      const instruction = code.instructions[n]
      if (!instruction) break
      const moved = move(instruction, firstRegister, rename)
      if (instruction.opcode === 'call') this.#call(moved, place)
      // A function returns to behind its call; `exit` ends the thread wherever it stands.
      else if (instruction.opcode === 'ret' && isInner)
        this.#add({ ...moved, opcode: 'bra', operands: [{ kind: 'name', name: end }] })
      else this.#add(moved)
    }
    if (isInner) this.#labels.set(end, this.#instructions.length)
  }

  /** Where a function's registers begin: the same at all places, since none keeps its value from one call to the next. */
  #registersOf({ name, registers }: Code): number {
    const first = this.#firstRegisters.get(name) ?? this.#registers.length
    if (first === this.#registers.length) for (const register of registers) this.#registers.push(register)
    this.#firstRegisters.set(name, first)
    return first
  }

  #add(instruction: Instruction): void {
    if (this.#instructions.length >= mostInstructions)
      throw new PtxError(
        instruction.ptxLine,
        `more than ${mostInstructions} instructions, since calls are replaced by what they call`,
      )
    this.#instructions.push(instruction)
  }

  #call(call: Instruction, place: Place): void {
    const { operands, guard, ptxLine } = call
    const [results, callee, passed] = operands
    if (callee?.kind !== 'name')
      throw new PtxError(ptxLine, 'a call through a pointer: the emulator calls functions by their names only')
    const { name } = callee
    const code = this.#module.functions.get(name)
    if (!code) throw new PtxError(ptxLine, `a call of '${name}': ${ofTheSystem[name] ?? 'this PTX does not define it'}`)
    if (place.within.includes(name))
      throw new PtxError(ptxLine, `a call of '${name}' from within itself: the emulator has no recursion, make it a loop`)
    const labels = `${name}@${this.#calls++}:`
    const pass = new Map([
      ...pair(
        call,
        code.results.map(({ name: one }) => one),
        results,
      ),
      ...pair(
        call,
        code.parameters.map(({ name: one }) => one),
        passed,
      ),
    ])
    if (guard)
      this.#add({
        ...call,
        opcode: 'bra',
        modifiers: [],
        operands: [{ kind: 'name', name: `${labels}end` }],
        guard: { ...guard, negated: !guard.negated },
      })
    this.#put(code, { labels, variables: `${name}:`, passed: pass, within: [...place.within, name] })
  }
}

/** What the function calls its own, with what the caller calls it. */
const pair = ({ ptxLine }: Instruction, names: readonly string[], operand: Operand | undefined): [string, string][] => {
  const given = operand?.kind === 'vector' ? operand.elements : []
  if (given.length !== names.length)
    throw new PtxError(ptxLine, `a call with ${given.length} values where the function has ${names.length}`)
  return given.map((element, k) => {
    if (element.kind !== 'name') throw new PtxError(ptxLine, 'a call passes variables of the space .param, no registers')
    return [names[k]!, element.name]
  })
}

/** An instruction with other registers and names. */
const move = (instruction: Instruction, firstRegister: number, rename: (name: string) => string): Instruction => {
  const moved = (operand: Operand): Operand => {
    switch (operand.kind) {
      case 'register':
        return { ...operand, register: operand.register + firstRegister }
      case 'name':
        return { ...operand, name: rename(operand.name) }
      case 'vector':
        return { ...operand, elements: operand.elements.map(moved) }
      case 'address':
        return { ...operand, base: moved(operand.base) }
      case 'pair':
        return { ...operand, first: moved(operand.first), second: moved(operand.second) }
      case 'special':
      case 'integer':
      case 'float':
      case 'decimal':
      case 'sink':
        return operand
      default:
        return operand satisfies never
    }
  }
  const { operands, guard } = instruction
  return {
    ...instruction,
    operands: operands.map(moved),
    guard: guard && { ...guard, register: guard.register + firstRegister },
  }
}

/**
 * A kernel without calls.
 * @throws PtxError for a call that cannot be replaced: of what is not defined, through a pointer, or from within itself
 */
export const inlineCalls = (module: Module, kernel: KernelCode): KernelCode =>
  kernel.instructions.some(({ opcode }) => opcode === 'call') ? new Inliner(module).expand(kernel) : kernel
