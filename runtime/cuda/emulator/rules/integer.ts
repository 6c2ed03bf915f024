/** Integer arithmetic. Opcodes that floats share (add, mul, min, …) go to `float.ts` by their type. */
import type { Emitter } from '../emit.ts'
import { locals } from '../special.ts'
import { isSigned, type ScalarType, valueTypeOf, widthOf } from '../types.ts'
import { emitFloatBinary, emitFloatDivide, emitFloatExtremum, emitFloatUnary, emitFma, isFloatInstruction } from './float.ts'
import { arithmetic, type Modifiers, type Rule, type Rules, rule } from './rule.ts'

const integers = ['u16', 's16', 'u32', 's32', 'u64', 's64'] as const
type IntegerType = (typeof integers)[number]

const intOf = (type: ScalarType): 'i32' | 'i64' => (valueTypeOf(type) === 'i64' ? 'i64' : 'i32')
const suffix = (type: ScalarType): 's' | 'u' => (isSigned(type) ? 's' : 'u')

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

/** The carry flag: what a sum leaves over, or a difference borrows. */
type Carry = 'carry out' | 'carry in' | 'both'

/** `.cc` writes the flag; an opcode that ends in c reads it. */
const takeCarry = (m: Modifiers, reads: boolean): Carry | null => {
  const writes = m.flag('cc')
  return reads ? (writes ? 'both' : 'carry in') : writes ? 'carry out' : null
}

/** The sum, or the difference, of the value on the stack and another, with the flag where it is asked for. */
const sum = (e: Emitter, type: ScalarType, name: 'add' | 'sub', carry: Carry | null, pushOther: () => void): void => {
  const { code } = e
  const int = intOf(type)
  if (carry === null) {
    pushOther()
    code.op(`${int}.${name}`)
    return
  }
  const [a, b, first, total] = [e.temporary(int), e.temporary(int), e.temporary(int), e.temporary(int)]
  code.set(a)
  pushOther()
  code.set(b).get(a).get(b).op(`${int}.${name}`).tee(first)
  if (carry !== 'carry out') {
    code.get(locals.carry)
    if (int === 'i64') code.op('i64.extend_i32_u')
    code.op(`${int}.${name}`)
  }
  code.tee(total)
  if (carry === 'carry in') return
  // A sum that is less than its part went round; a difference that is more than what it was taken from did.
  const wentRound = name === 'add' ? (['lt_u', a] as const) : (['gt_u', a] as const)
  code.get(first).get(wentRound[1]).op(`${int}.${wentRound[0]}`)
  code.get(total).get(first).op(`${int}.${wentRound[0]}`, 'i32.or').set(locals.carry)
}

/** A sum or a difference that stops at the ends of its range: in 64 bits it fits, and there it is held between them. */
const saturated = (e: Emitter, name: 'add' | 'sub'): void => {
  const { code } = e
  const value = e.temporary('i64')
  pushWide(e, 1, 's32')
  pushWide(e, 2, 's32')
  code.op(`i64.${name}`).tee(value).i64(0x7fff_ffffn)
  code.get(value).i64(0x7fff_ffffn).op('i64.lt_s', 'select').tee(value).i64(-0x8000_0000n)
  code.get(value).i64(-0x8000_0000n).op('i64.gt_s', 'select', 'i32.wrap_i64')
  e.pop(e.operand(0), 's32')
}

const plain = (name: 'add' | 'sub', readsCarry: boolean) => (e: Emitter, m: Modifiers) => {
  const type = m.type(integers)
  const carry = takeCarry(m, readsCarry)
  const saturates = m.flag('sat')
  m.end()
  if (saturates) {
    if (type !== 's32' || carry) e.fail('.sat is for .s32')
    saturated(e, name)
    return
  }
  e.push(e.operand(1), type)
  sum(e, type, name, carry, () => e.push(e.operand(2), type))
  e.pop(e.operand(0), type)
}

const multiplyAdd = (readsCarry: boolean) => (e: Emitter, m: Modifiers) => {
  const type = m.type(integers)
  const part = m.one(['lo', 'hi', 'wide'])
  const carry = takeCarry(m, readsCarry)
  m.end()
  const result = product(e, type, part)
  sum(e, result, 'add', carry, () => e.push(e.operand(3), result))
  e.pop(e.operand(0), result)
}

/** Bytes or 16-bit parts of two words multiplied pairwise, and added to a third. */
const dotProduct = (width: 8 | 16) => (e: Emitter, m: Modifiers) => {
  const { code } = e
  const second = m.type(['u32', 's32'])
  const first = m.type(['u32', 's32'])
  // Of the four bytes of the second word, two belong to 16-bit parts.
  const from = width === 16 && m.one(['lo', 'hi']) === 'hi' ? 2 : 0
  m.end()
  const part = (index: number, type: 'u32' | 's32', at: number, bits: 8 | 16): void => {
    e.push(e.operand(index), 'b32')
    code.i32(at * bits).op('i32.shr_u')
    if (type === 's32') code.op(bits === 8 ? 'i32.extend8_s' : 'i32.extend16_s')
    else code.i32(bits === 8 ? 0xff : 0xffff).op('i32.and')
  }
  e.push(e.operand(3), 'b32')
  for (let k = 0; k < 32 / width; k++) {
    part(1, first, k, width)
    part(2, second, from + k, 8)
    code.op('i32.mul', 'i32.add')
  }
  e.pop(e.operand(0), 'b32')
}

export const floatOrIntegerRules: Rules = {
  add: either((e, m) => emitFloatBinary(e, m, 'add'), plain('add', false)),
  sub: either((e, m) => emitFloatBinary(e, m, 'sub'), plain('sub', false)),
  mul: either(
    (e, m) => emitFloatBinary(e, m, 'mul'),
    (e, m) => {
      const type = m.type(integers)
      const part = m.one(['lo', 'hi', 'wide'])
      m.end()
      e.pop(e.operand(0), product(e, type, part))
    },
  ),
  mad: either(emitFma, multiplyAdd(false)),
  addc: rule('integer', plain('add', true)),
  subc: rule('integer', plain('sub', true)),
  madc: rule('integer', multiplyAdd(true)),
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
  cnot: rule('integer', (e, m) => {
    const type = m.type(['b16', 'b32', 'b64'])
    m.end()
    e.push(e.operand(1), type)
    e.code.op(`${intOf(type)}.eqz`)
    if (type === 'b64') e.code.op('i64.extend_i32_u')
    e.pop(e.operand(0), type)
  }),
  sad: rule('integer', (e, m) => {
    // |a - b| + c
    const type = m.type(integers)
    m.end()
    const int = intOf(type)
    const [a, b] = [e.temporary(int), e.temporary(int)]
    e.push(e.operand(1), type)
    e.code.set(a)
    e.push(e.operand(2), type)
    e.code.set(b).get(a).get(b).op(`${int}.sub`).get(b).get(a).op(`${int}.sub`)
    e.code
      .get(a)
      .get(b)
      .op(`${int}.gt_${suffix(type)}`, 'select')
    e.push(e.operand(3), type)
    e.code.op(`${int}.add`)
    e.pop(e.operand(0), type)
  }),
  dp4a: rule('integer', dotProduct(8)),
  dp2a: rule('integer', dotProduct(16)),
}
