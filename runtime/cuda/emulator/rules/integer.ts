/** Integer arithmetic, shifts and bits. Opcodes that floats share (add, mul, min, …) go to `float.ts` by their type. */
import type { Emitter } from '../emit.ts'
import { isSigned, type ScalarType, valueTypeOf, widthOf } from '../types.ts'
import { emitFloatBinary, emitFloatDivide, emitFloatExtremum, emitFloatUnary, emitFma, isFloatType } from './float.ts'
import { arithmetic, type Modifiers, type Rule, type Rules, rule } from './rule.ts'

const integers = ['u16', 's16', 'u32', 's32', 'u64', 's64'] as const
const bitTypes = ['b16', 'b32', 'b64'] as const
type IntegerType = (typeof integers)[number]

const intOf = (type: ScalarType): 'i32' | 'i64' => (valueTypeOf(type) === 'i64' ? 'i64' : 'i32')
const suffix = (type: ScalarType): 's' | 'u' => (isSigned(type) ? 's' : 'u')
const isFloatInstruction = (e: Emitter): boolean => isFloatType(e.instruction.modifiers.at(-1))

const binary = (e: Emitter, type: ScalarType, apply: (int: 'i32' | 'i64') => void): void => {
  e.push(e.operand(1), type)
  e.push(e.operand(2), type)
  apply(intOf(type))
  e.pop(e.operand(0), type)
}

const pushWide = (e: Emitter, index: number, type: IntegerType): void => {
  e.push(e.operand(index), type)
  if (intOf(type) === 'i32') e.code.op(`i64.extend_i32_${suffix(type)}`)
}

/** Leaves a product on the stack, and says of which type it is. */
const product = (e: Emitter, type: IntegerType, part: 'lo' | 'hi' | 'wide'): ScalarType => {
  const { code } = e
  const width = widthOf(type)
  if (part === 'lo') {
    e.push(e.operand(1), type)
    e.push(e.operand(2), type)
    code.op(`${intOf(type)}.mul`)
    return type
  }
  if (width === 64) {
    if (part === 'wide') e.fail('a product of 128 bits is not known')
    e.push(e.operand(1), type)
    e.push(e.operand(2), type)
    e.call(isSigned(type) ? 'multiplyHighS' : 'multiplyHighU')
    return type
  }
  pushWide(e, 1, type)
  pushWide(e, 2, type)
  code.op('i64.mul')
  if (part === 'hi') {
    code.i64(BigInt(width)).op(isSigned(type) ? 'i64.shr_s' : 'i64.shr_u', 'i32.wrap_i64')
    return type
  }
  if (width === 32) return isSigned(type) ? 's64' : 'u64'
  code.op('i32.wrap_i64')
  return isSigned(type) ? 's32' : 'u32'
}

const extremum = (e: Emitter, m: Modifiers, name: 'min' | 'max'): void => {
  const type = m.type(integers)
  m.end()
  e.push(e.operand(1), type)
  e.push(e.operand(2), type)
  binary(e, type, (int) => e.code.op(`${int}.${name === 'min' ? 'lt' : 'gt'}_${suffix(type)}`, 'select'))
}

const divide = (e: Emitter, m: Modifiers, name: 'div' | 'rem'): void => {
  const type = m.type(integers)
  m.end()
  binary(e, type, (int) => e.call(`${int}.${name}_${suffix(type)}`))
}

/** The float's rule where the type is a float's, otherwise the integer's. */
const either = (float: (e: Emitter, m: Modifiers) => void, integer: (e: Emitter, m: Modifiers) => void): Rule =>
  rule(arithmetic, (e, m) => (isFloatInstruction(e) ? float : integer)(e, m))

const plain = (name: 'add' | 'sub') => (e: Emitter, m: Modifiers) => {
  const type = m.type(integers)
  if (m.flag('sat')) e.fail('saturating integers are not supported')
  m.end()
  binary(e, type, (int) => e.code.op(`${int}.${name}`))
}

const logic = (name: 'and' | 'or' | 'xor'): Rule =>
  rule('integer', (e, m) => {
    const type = m.type(['pred', ...bitTypes])
    m.end()
    binary(e, type, (int) => e.code.op(`${int}.${name}`))
  })

/** Amounts beyond the width shift everything out; WebAssembly would take them modulo the width. */
const shift = (name: 'shl' | 'shr'): Rule =>
  rule('integer', (e, m) => {
    const type = m.type([...bitTypes, ...integers])
    m.end()
    const { code } = e
    const int = intOf(type)
    const width = widthOf(type)
    const signed = name === 'shr' && isSigned(type)
    const amount = (): void => e.push(e.operand(2), 'u32')
    const inside = (): void => {
      amount()
      code.i32(width).op('i32.lt_u')
    }
    e.push(e.operand(1), type)
    if (signed) {
      // Only the sign is left of a signed value.
      amount()
      code.i32(width - 1)
      inside()
      code.op('select')
    } else amount()
    if (int === 'i64') code.op('i64.extend_i32_u')
    code.op(`${int}.${name === 'shl' ? 'shl' : signed ? 'shr_s' : 'shr_u'}`)
    if (!signed) {
      code.int(int, 0n)
      inside()
      code.op('select')
    }
    e.pop(e.operand(0), type)
  })

const toLong = (e: Emitter, index: number, type: ScalarType): void => {
  e.push(e.operand(index), type)
  if (intOf(type) === 'i32') e.code.op('i64.extend_i32_u')
}

const fromLong = (e: Emitter, type: ScalarType): void => {
  if (intOf(type) === 'i32') e.code.op('i32.wrap_i64')
  e.pop(e.operand(0), type)
}

/** The number of bits that hold: always 32 bits wide. */
const countBits = (name: 'clz' | 'popcnt'): Rule =>
  rule('integer', (e, m) => {
    const type = m.type(['b32', 'b64'])
    m.end()
    e.push(e.operand(1), type)
    e.code.op(`${intOf(type)}.${name}`)
    if (type === 'b64') e.code.op('i32.wrap_i64')
    e.pop(e.operand(0), 'u32')
  })

export const integerRules: Rules = {
  add: either((e, m) => emitFloatBinary(e, m, 'add'), plain('add')),
  sub: either((e, m) => emitFloatBinary(e, m, 'sub'), plain('sub')),
  mul: either(
    (e, m) => emitFloatBinary(e, m, 'mul'),
    (e, m) => {
      const type = m.type(integers)
      const part = m.one(['lo', 'hi', 'wide'])
      m.end()
      e.pop(e.operand(0), product(e, type, part))
    },
  ),
  mad: either(emitFma, (e, m) => {
    const type = m.type(integers)
    const part = m.one(['lo', 'hi', 'wide'])
    m.end()
    const result = product(e, type, part)
    e.push(e.operand(3), result)
    e.code.op(`${intOf(result)}.add`)
    e.pop(e.operand(0), result)
  }),
  div: either(emitFloatDivide, (e, m) => divide(e, m, 'div')),
  rem: rule('integer', (e, m) => divide(e, m, 'rem')),
  min: either(
    (e, m) => emitFloatExtremum(e, m, 'min'),
    (e, m) => extremum(e, m, 'min'),
  ),
  max: either(
    (e, m) => emitFloatExtremum(e, m, 'max'),
    (e, m) => extremum(e, m, 'max'),
  ),
  neg: either(
    (e, m) => emitFloatUnary(e, m, 'neg'),
    (e, m) => {
      const type = m.type(['s16', 's32', 's64'])
      m.end()
      e.code.int(intOf(type), 0n)
      e.push(e.operand(1), type)
      e.code.op(`${intOf(type)}.sub`)
      e.pop(e.operand(0), type)
    },
  ),
  abs: either(
    (e, m) => emitFloatUnary(e, m, 'abs'),
    (e, m) => {
      const type = m.type(['s16', 's32', 's64'])
      m.end()
      const int = intOf(type)
      e.push(e.operand(1), type)
      e.code.int(int, 0n)
      e.push(e.operand(1), type)
      e.code.op(`${int}.sub`)
      e.push(e.operand(1), type)
      e.code.int(int, 0n).op(`${int}.ge_s`, 'select')
      e.pop(e.operand(0), type)
    },
  ),
  and: logic('and'),
  or: logic('or'),
  xor: logic('xor'),
  not: rule('integer', (e, m) => {
    const type = m.type(['pred', ...bitTypes])
    m.end()
    e.push(e.operand(1), type)
    if (type === 'pred') e.code.op('i32.eqz')
    else e.code.int(intOf(type), -1n).op(`${intOf(type)}.xor`)
    e.pop(e.operand(0), type)
  }),
  shl: shift('shl'),
  shr: shift('shr'),
  shf: rule('integer', (e, m) => {
    // The amount is taken modulo 32 under .wrap, and as at most 32 under .clamp.
    m.type(['b32'])
    const side = m.one(['l', 'r'])
    const wraps = m.one(['wrap', 'clamp']) === 'wrap'
    m.end()
    const { code } = e
    toLong(e, 2, 'b32')
    code.i64(32n).op('i64.shl')
    toLong(e, 1, 'b32')
    code.op('i64.or')
    e.push(e.operand(3), 'u32')
    if (wraps) code.i32(31).op('i32.and')
    else {
      code.i32(32)
      e.push(e.operand(3), 'u32')
      code.i32(32).op('i32.lt_u', 'select')
    }
    code.op('i64.extend_i32_u', side === 'l' ? 'i64.shl' : 'i64.shr_u')
    if (side === 'l') code.i64(32n).op('i64.shr_u')
    fromLong(e, 'b32')
  }),
  bfe: rule('integer', (e, m) => {
    const type = m.type(['u32', 's32', 'u64', 's64'])
    m.end()
    toLong(e, 1, type)
    e.push(e.operand(2), 'u32')
    e.push(e.operand(3), 'u32')
    e.code.i32(widthOf(type)).i32(isSigned(type) ? 1 : 0)
    e.call('extractBits')
    fromLong(e, type)
  }),
  bfi: rule('integer', (e, m) => {
    const type = m.type(['b32', 'b64'])
    m.end()
    toLong(e, 1, type)
    toLong(e, 2, type)
    e.push(e.operand(3), 'u32')
    e.push(e.operand(4), 'u32')
    e.code.i32(widthOf(type))
    e.call('insertBits')
    fromLong(e, type)
  }),
  bfind: rule('integer', (e, m) => {
    const type = m.type(['u32', 's32', 'u64', 's64'])
    const amount = m.flag('shiftamt')
    m.end()
    if (amount) e.fail('.shiftamt is not supported')
    toLong(e, 1, type)
    e.code.i32(widthOf(type)).i32(isSigned(type) ? 1 : 0)
    e.call('findLeading')
    e.pop(e.operand(0), 'u32')
  }),
  brev: rule('integer', (e, m) => {
    const type = m.type(['b32', 'b64'])
    m.end()
    toLong(e, 1, type)
    e.code.i32(widthOf(type))
    e.call('reverseBits')
    fromLong(e, type)
  }),
  clz: countBits('clz'),
  popc: countBits('popcnt'),
  prmt: rule('integer', (e, m) => {
    m.type(['b32'])
    m.end()
    for (let k = 1; k <= 3; k++) e.push(e.operand(k), 'b32')
    e.call('permuteBytes')
    e.pop(e.operand(0), 'b32')
  }),
  lop3: rule('integer', (e, m) => {
    m.type(['b32'])
    m.end()
    for (let k = 1; k <= 4; k++) e.push(e.operand(k), 'b32')
    e.call('lookUp')
    e.pop(e.operand(0), 'b32')
  }),
}
