/** Logic, shifts, and fields of bits. */
import type { Emitter } from '../emit.ts'
import { isSigned, type ScalarType, valueTypeOf, widthOf } from '../types.ts'
import { type Rule, type Rules, rule } from './rule.ts'

const bitTypes = ['b16', 'b32', 'b64'] as const
const shifted = [...bitTypes, 'u16', 's16', 'u32', 's32', 'u64', 's64'] as const

const intOf = (type: ScalarType): 'i32' | 'i64' => (valueTypeOf(type) === 'i64' ? 'i64' : 'i32')

const logic = (name: 'and' | 'or' | 'xor'): Rule =>
  rule('integer', (e, m) => {
    const type = m.type(['pred', ...bitTypes])
    m.end()
    e.push(e.operand(1), type)
    e.push(e.operand(2), type)
    e.code.op(`${intOf(type)}.${name}`)
    e.pop(e.operand(0), type)
  })

/** Amounts beyond the width shift everything out; WebAssembly would take them modulo the width. */
const shift = (name: 'shl' | 'shr'): Rule =>
  rule('integer', (e, m) => {
    const type = m.type(shifted)
    m.end()
    const { code } = e
    const int = intOf(type)
    const width = widthOf(type)
    const signed = name === 'shr' && isSigned(type)
    const by = e.operand(2)
    const isInside = by.kind === 'integer' && by.value >= 0n && by.value < BigInt(width)
    const amount = (): void => e.push(by, 'u32')
    const inside = (): void => {
      amount()
      code.i32(width).op('i32.lt_u')
    }
    e.push(e.operand(1), type)
    if (signed && !isInside) {
      // Only the sign is left of a signed value.
      amount()
      code.i32(width - 1)
      inside()
      code.op('select')
    } else amount()
    if (int === 'i64') code.op('i64.extend_i32_u')
    code.op(`${int}.${name === 'shl' ? 'shl' : signed ? 'shr_s' : 'shr_u'}`)
    if (!signed && !isInside) {
      code.int(int, 0n)
      inside()
      code.op('select')
    }
    e.pop(e.operand(0), type)
  })

/** An operand in 64 bits, extended by its sign where its type has one. */
const toLong = (e: Emitter, index: number, type: ScalarType): void => {
  e.push(e.operand(index), type)
  if (intOf(type) === 'i32') e.code.op(isSigned(type) ? 'i64.extend_i32_s' : 'i64.extend_i32_u')
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

/** Any logical function of three bits, as its truth table: rows joined, or, where most rows hold, the others' opposite. */
const lookUp = (e: Emitter, table: number): void => {
  const { code } = e
  const all = Array.from({ length: 8 }, (_, row) => row)
  const holding = all.filter((row) => (table >> row) & 1)
  const opposite = holding.length > 4
  const rows = opposite ? all.filter((row) => !holding.includes(row)) : holding
  code.i32(0)
  for (const row of rows) {
    ;[4, 2, 1].forEach((bit, k) => {
      e.push(e.operand(k + 1), 'b32')
      if (!(row & bit)) code.i32(-1).op('i32.xor')
      if (k > 0) code.op('i32.and')
    })
    code.op('i32.or')
  }
  if (opposite) code.i32(-1).op('i32.xor')
}

export const bitRules: Rules = {
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
    toLong(e, 1, type === 's32' ? 'b32' : type)
    e.push(e.operand(2), 'u32')
    e.push(e.operand(3), 'u32')
    e.code.i32(widthOf(type))
    e.call(isSigned(type) ? 'extractBitsS' : 'extractBitsU')
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
    const asAmount = m.flag('shiftamt')
    m.end()
    const { code } = e
    // The leading bit that differs from the sign; where there is none, 64 zeros lead and -1 is left.
    const place = e.temporary('i32')
    code.i64(63n)
    toLong(e, 1, type)
    if (isSigned(type)) {
      toLong(e, 1, type)
      code.i64(63n).op('i64.shr_s', 'i64.xor')
    }
    code.op('i64.clz', 'i64.sub', 'i32.wrap_i64').set(place)
    // As an amount: how far it is from the top.
    if (asAmount)
      code
        .i32(widthOf(type) - 1)
        .get(place)
        .op('i32.sub')
        .i32(-1)
        .get(place)
        .i32(0)
        .op('i32.ge_s', 'select')
    else code.get(place)
    e.pop(e.operand(0), 'u32')
  }),
  brev: rule('integer', (e, m) => {
    const type = m.type(['b32', 'b64'])
    m.end()
    toLong(e, 1, type)
    e.call('reverseBits')
    if (type === 'b32') e.code.i64(32n).op('i64.shr_u')
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
    const table = e.operand(4)
    if (table.kind !== 'integer') return e.fail('a truth table is a number')
    lookUp(e, Number(table.value & 0xffn))
    e.pop(e.operand(0), 'b32')
  }),
}
