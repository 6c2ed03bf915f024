/** What a rule writes its instruction with: operands onto WebAssembly's stack, results into registers, with their types. */
import { PtxError } from './errors.ts'
import { type HelperName, helperIndex } from './helpers/helpers.ts'
import { type Home, type Homes, slotAt } from './homes.ts'
import { registers as launch, record } from './layout.ts'
import { type Instruction, type Operand, type Register, spell } from './ptx.ts'
import { clockRegisters, locals, pushClock, specialRegisters } from './special.ts'
import { isHalf, isSigned, type ScalarType, valueTypeOf, widthOf } from './types.ts'
import { type Access, Code, type ValueType } from './wasm.ts'

/** Where a name's address comes from: a constant beyond a base that only the launch knows, or a slot the launch fills. */
export interface Place {
  readonly base: 'shared' | 'local' | 'symbol' | 'parameter'
  readonly offset: number
}

/** The bits of a number as a float. */
const bitsOf = (value: number, type: 'f32' | 'f64'): bigint =>
  type === 'f32'
    ? BigInt(new Uint32Array(Float32Array.of(value).buffer)[0]!)
    : new BigUint64Array(Float64Array.of(value).buffer)[0]!

export class Emitter {
  readonly code = new Code()
  /** The instruction that is being written, and its number. */
  instruction!: Instruction
  number = 0
  readonly registers: readonly Register[]
  /** The local with the place of the next line of the trace. */
  readonly trace = locals.trace
  /** Bytes of the units in which shared memory is watched for races; `null` where the kernel has none. */
  readonly watchUnit: number | null
  readonly #places: ReadonlyMap<string, Place>
  readonly #homes: Homes
  readonly #temporaries: ValueType[] = []
  /** How many operands were asked for. */
  #used = 0
  /** Temporaries of each type that the current instruction does not use yet. */
  #free: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [] }

  constructor(registers: readonly Register[], homes: Homes, places: ReadonlyMap<string, Place>, watchUnit: number | null) {
    this.registers = registers
    this.watchUnit = watchUnit
    this.#homes = homes
    this.#places = places
  }

  /** Turns to an instruction. */
  begin(instruction: Instruction, number: number): void {
    this.instruction = instruction
    this.number = number
    this.#used = 0
    this.#free = { i32: [], i64: [], f32: [], f64: [] }
    this.#temporaries.forEach((type, k) => {
      this.#free[type].push(this.#localOfTemporary(k))
    })
  }
  /** The types of all locals behind the parameters of the function. */
  get locals(): readonly ValueType[] {
    return ['i32', 'i32', ...this.#homes.locals, ...this.#temporaries]
  }
  /** Leaves a register's value. */
  get(register: number): void {
    const { kind, index } = this.#homeOf(register)
    if (kind === 'local') this.code.get(locals.first + index)
    else this.code.get(locals.record).memory(`${this.#typeOf(register)}.load` satisfies Access, slotAt(index))
  }
  /** Takes the value on the stack into a register. */
  set(register: number): void {
    const { kind, index } = this.#homeOf(register)
    if (kind === 'local') {
      this.code.set(locals.first + index)
      return
    }
    const type = this.#typeOf(register)
    const value = this.temporary(type)
    this.code.set(value).get(locals.record).get(value)
    this.code.memory(`${type}.store` satisfies Access, slotAt(index))
  }
  #homeOf(register: number): Home {
    const home = this.#homes.of[register]
    if (!home) throw new Error(`register ${this.registers[register]?.name} is used, and known to be used nowhere`)
    return home
  }
  #typeOf(register: number): ValueType {
    return valueTypeOf(this.registers[register]!.type)
  }
  /** A local for the rest of the current instruction. */
  temporary(type: ValueType): number {
    const free = this.#free[type].shift()
    if (free !== undefined) return free
    this.#temporaries.push(type)
    return this.#localOfTemporary(this.#temporaries.length - 1)
  }
  #localOfTemporary(index: number): number {
    return locals.first + this.#homes.locals.length + index
  }
  fail(message: string): never {
    throw new PtxError(this.instruction.ptxLine, `${spell(this.instruction)}: ${message}`)
  }
  operand(index: number): Operand {
    this.#used = Math.max(this.#used, index + 1)
    return this.instruction.operands[index] ?? this.fail(`operand ${index + 1} is missing`)
  }
  /** The instruction is written: an operand that nothing asked for is one that is not understood. */
  end(): void {
    if (this.instruction.operands.length > this.#used) this.fail(`operand ${this.#used + 1} is one too many`)
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
        this.get(operand.register)
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
      case 'decimal':
        if (want !== 'f32' && want !== 'f64') this.fail(`a fraction, ${operand.value}, where a .${type} is expected`)
        code[want](bitsOf(operand.value, want))
        return
      case 'special':
        this.#pushSpecial(operand.name, want)
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
    this.set(operand.register)
  }

  /** A float32 or half as a float32. */
  pushFloat(operand: Operand, type: 'f32' | 'f16' | 'bf16'): void {
    this.push(operand, type)
    if (isHalf(type)) this.widen(type)
  }

  /** The half on the stack becomes a float32. A bfloat16 is the upper half of one. */
  widen(type: 'f16' | 'bf16'): void {
    if (type === 'f16') this.call('f16ToF32')
    else this.code.i32(16).op('i32.shl', 'f32.reinterpret_i32')
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
  #pushSpecial(name: string, want: ValueType): void {
    const { code } = this
    const half = clockRegisters.get(name)
    if (half) {
      pushClock(code)
      if (half === 'high') code.i64(32n).op('i64.shr_u')
      if (want === 'i32') code.op('i32.wrap_i64')
      else if (want !== 'i64') this.fail('an integer where a float is expected')
      return
    }
    const push =
      specialRegisters.get(name) ?? this.fail(`${name} is neither a register that is declared nor one that the emulator knows`)
    push(code)
    this.#widenAddress(want)
  }
  #pushPlace(name: string): void {
    const { code } = this
    const place = this.#places.get(name)
    // PTX's own name for the size of a warp.
    if (name === 'WARP_SZ') code.i32(32)
    else if (!place) this.fail(`'${name}' is declared nowhere`)
    else if (place.base === 'symbol') code.i32(0).memory('i32.load', place.offset)
    else if (place.base === 'parameter') code.i32(place.offset)
    else if (place.base === 'local') code.get(locals.record).memory('i32.load', record.local).i32(place.offset).op('i32.add')
    else code.i32(0).memory('i32.load', launch.shared).i32(place.offset).op('i32.add')
  }
  place(name: string): Place | undefined {
    return this.#places.get(name)
  }
}
