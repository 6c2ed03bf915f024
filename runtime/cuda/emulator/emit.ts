/** What a rule writes its instruction with: operands onto WebAssembly's stack, results into registers, with their types. */
import { PtxError } from './errors.ts'
import { type HelperName, helperIndex } from './helpers.ts'
import { registers as special } from './layout.ts'
import { type Instruction, type Operand, type Register, spell } from './ptx.ts'
import { isHalf, isSigned, type ScalarType, valueTypeOf, widthOf } from './types.ts'
import { Code, type ValueType } from './wasm.ts'

/** Where a name's address comes from: a constant beyond a base that only the launch knows, or a slot the launch fills. */
export interface Place {
  readonly base: 'shared' | 'local' | 'symbol' | 'parameter'
  readonly offset: number
}

/** Special registers that lie in memory. */
const inMemory: ReadonlyMap<string, number> = new Map([
  ...(['tid', 'ntid', 'ctaid', 'nctaid'] as const).flatMap((name) =>
    ['x', 'y', 'z'].map((axis, k) => [`%${name}.${axis}`, special[name] + 4 * k] as const),
  ),
  ['%laneid', special.laneid],
  ['%warpid', special.warpid],
  ['%shared_base', special.shared],
  ['%total_smem_size', special.sharedBytes],
  ['%dynamic_smem_size', special.dynamicBytes],
])

/** Masks of lanes around a thread's own, from the bit of its lane in local `bit`. */
const laneMasks: ReadonlyMap<string, (code: Code, bit: number) => void> = new Map([
  ['%lanemask_eq', (code, bit) => void code.get(bit)],
  ['%lanemask_lt', (code, bit) => void code.get(bit).i32(1).op('i32.sub')],
  ['%lanemask_le', (code, bit) => void code.get(bit).i32(1).op('i32.sub').get(bit).op('i32.or')],
  ['%lanemask_ge', (code, bit) => void code.i32(0).get(bit).op('i32.sub')],
  ['%lanemask_gt', (code, bit) => void code.i32(0).get(bit).op('i32.sub').get(bit).op('i32.xor')],
])

export class Emitter {
  readonly code = new Code()
  /** The instruction that is being written, and its number. */
  instruction!: Instruction
  number = 0
  readonly registers: readonly Register[]
  readonly #places: ReadonlyMap<string, Place>
  /** The first register's local. */
  readonly #first: number
  readonly #temporaries: ValueType[] = []

  constructor(registers: readonly Register[], places: ReadonlyMap<string, Place>, first: number) {
    this.registers = registers
    this.#places = places
    this.#first = first
  }

  /** The types of all locals behind the parameters. */
  get locals(): readonly ValueType[] {
    return [...this.registers.map(({ type }) => valueTypeOf(type)), ...this.#temporaries]
  }
  local(register: number): number {
    return this.#first + register
  }
  /** A local of its own for each use: engines share them as they allocate registers. */
  temporary(type: ValueType): number {
    this.#temporaries.push(type)
    return this.#first + this.registers.length + this.#temporaries.length - 1
  }
  fail(message: string): never {
    throw new PtxError(this.instruction.ptxLine, `${spell(this.instruction)}: ${message}`)
  }
  operand(index: number): Operand {
    return this.instruction.operands[index] ?? this.fail(`operand ${index + 1} is missing`)
  }
  call(name: HelperName): this {
    this.code.call(helperIndex(name))
    return this
  }

  /** An operand's value, of the value type that holds `type`, narrow integers extended by their sign. */
  push(operand: Operand, type: ScalarType): void {
    const { code } = this
    const want = valueTypeOf(type)
    switch (operand.kind) {
      case 'register': {
        const register = this.registers[operand.register]!
        if ((register.type === 'pred') !== (type === 'pred')) this.fail(`${register.name} is a .${register.type}, not a .${type}`)
        code.get(this.local(operand.register))
        this.#reinterpret(valueTypeOf(register.type), want, register)
        if (operand.negated) {
          if (type !== 'pred') this.fail(`'!' stands before ${register.name}, which is no predicate`)
          code.op('i32.eqz')
        } else this.#narrow(type, widthOf(register.type))
        return
      }
      case 'integer':
        if (want !== 'i32' && want !== 'i64') this.fail(`an integer, ${operand.value}, where a .${type} is expected`)
        // A true predicate is written 1 or -1.
        if (type === 'pred') code.i32(operand.value === 0n ? 0 : 1)
        else code.int(want, operand.value)
        this.#narrow(type, 32)
        return
      case 'float':
        if (operand.width !== widthOf(type)) this.fail(`a number of ${operand.width} bits where a .${type} is expected`)
        if (want === 'f32' || want === 'f64') code[want](operand.bits)
        else code.int(want, operand.bits)
        return
      case 'special':
        this.#pushSpecial(operand.name)
        this.#widenAddress(want)
        return
      case 'name':
        this.#pushPlace(operand.name)
        this.#widenAddress(want)
        return
      case 'vector':
      case 'address':
      case 'pair':
      case 'sink':
        this.fail(`a value is expected, not ${operand.kind === 'sink' ? "'_'" : `a ${operand.kind}`}`)
        break
      default:
        operand satisfies never
    }
  }

  /** The value on the stack, which holds `type`, into a register, which may be wider. */
  pop(operand: Operand, type: ScalarType): void {
    const { code } = this
    if (operand.kind === 'sink') {
      code.op('drop')
      return
    }
    if (operand.kind !== 'register' || operand.negated) this.fail('the destination is no register')
    const register = this.registers[operand.register]!
    if ((register.type === 'pred') !== (type === 'pred')) this.fail(`${register.name} is a .${register.type}, not a .${type}`)
    const have = valueTypeOf(type)
    const want = valueTypeOf(register.type)
    if (have === 'i32' && want === 'i64') code.op(isSigned(type) ? 'i64.extend_i32_s' : 'i64.extend_i32_u')
    else if (have === 'i64' && want === 'i32') this.fail(`${register.name} is too narrow for a .${type}`)
    else this.#reinterpret(have, want, register)
    if (widthOf(register.type) === 16) code.i32(0xffff).op('i32.and')
    else if (widthOf(register.type) === 8) code.i32(0xff).op('i32.and')
    code.set(this.local(operand.register))
  }

  /** A float32 or half as a float32. */
  pushFloat(operand: Operand, type: 'f32' | 'f16' | 'bf16'): void {
    this.push(operand, type)
    if (isHalf(type)) this.call(type === 'f16' ? 'f16ToF32' : 'bf16ToF32')
  }

  #reinterpret(have: ValueType, want: ValueType, register: Register): void {
    if (have === want) return
    const pair = `${want}<${have}`
    switch (pair) {
      case 'i32<f32':
      case 'f32<i32':
      case 'i64<f64':
      case 'f64<i64':
        this.code.op(`${want as 'i32'}.reinterpret_${have as 'f32'}`)
        return
      case 'i32<i64':
        this.code.op('i32.wrap_i64')
        return
      default:
        this.fail(`${register.name} is a .${register.type}: its width does not fit`)
    }
  }
  #narrow(type: ScalarType, from: number): void {
    const width = widthOf(type)
    if (width === 16) {
      if (isSigned(type)) this.code.op('i32.extend16_s')
      else if (from > 16) this.code.i32(0xffff).op('i32.and')
    } else if (width === 8) {
      if (isSigned(type)) this.code.op('i32.extend8_s')
      else if (from > 8) this.code.i32(0xff).op('i32.and')
    }
  }
  #widenAddress(want: ValueType): void {
    if (want === 'i64') this.code.op('i64.extend_i32_u')
    else if (want !== 'i32') this.fail('an integer where a float is expected')
  }
  #pushSpecial(name: string): void {
    const { code } = this
    const at = inMemory.get(name)
    const mask = laneMasks.get(name)
    if (at !== undefined) code.i32(0).memory('i32.load', at)
    else if (mask) {
      const bit = this.temporary('i32')
      code.i32(1).i32(0).memory('i32.load', special.laneid).op('i32.shl').set(bit)
      mask(code, bit)
    } else if (name === '%nwarpid' || name === '%nsmid') code.i32(1)
    else if (name === '%smid' || name === '%gridid') code.i32(0)
    else this.fail(`${name} is neither a register that is declared nor one that the emulator knows`)
  }
  #pushPlace(name: string): void {
    const { code } = this
    const place = this.#places.get(name)
    if (!place) this.fail(`'${name}' is declared nowhere`)
    if (place.base === 'symbol') code.i32(0).memory('i32.load', place.offset)
    else if (place.base === 'parameter') code.i32(place.offset)
    else code.i32(0).memory('i32.load', special[place.base]).i32(place.offset).op('i32.add')
  }
  place(name: string): Place | undefined {
    return this.#places.get(name)
  }
}
