/** Comparisons, and choices by them. */
import type { Emitter } from '../emit.ts'
import type { Operand } from '../ptx.ts'
import { isFloat, isHalf, isSigned, type ScalarType, valueTypeOf } from '../types.ts'
import { type Modifiers, type Rules, rule } from './rule.ts'

// biome-ignore format: ordered float, unordered float, unsigned
const comparisons = [
  'eq', 'ne', 'lt', 'le', 'gt', 'ge',
  'equ', 'neu', 'ltu', 'leu', 'gtu', 'geu', 'num', 'nan',
  'lo', 'ls', 'hi', 'hs',
] as const
type Comparison = (typeof comparisons)[number]

const unsignedNames: Readonly<Record<string, 'lt' | 'le' | 'gt' | 'ge'>> = { lo: 'lt', ls: 'le', hi: 'gt', hs: 'ge' }

/** Leaves 1 where a comparison holds. */
const compareFloats = (e: Emitter, type: 'f32' | 'f64', how: Comparison, push: (index: number) => void, a: number, b: number) => {
  const { code } = e
  const by = (name: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'): void => {
    push(a)
    push(b)
    code.op(`${type}.${name}`)
  }
  const not = (name: 'lt' | 'le' | 'gt' | 'ge'): void => {
    by(name)
    code.op('i32.eqz')
  }
  switch (how) {
    case 'eq':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return by(how)
    // WebAssembly's `ne` holds for a NaN, and so is PTX's `neu`; PTX's `ne` does not.
    case 'neu':
      return by('ne')
    case 'ne':
    case 'equ':
      by('lt')
      by('gt')
      code.op('i32.or')
      if (how === 'equ') code.op('i32.eqz')
      return
    case 'ltu':
      return not('ge')
    case 'leu':
      return not('gt')
    case 'gtu':
      return not('le')
    case 'geu':
      return not('lt')
    case 'num':
    case 'nan':
      for (const index of [a, b]) {
        push(index)
        push(index)
        code.op(`${type}.ne`)
      }
      code.op('i32.or')
      if (how === 'num') code.op('i32.eqz')
      return
    case 'lo':
    case 'ls':
    case 'hi':
    case 'hs':
      return e.fail(`.${how} compares unsigned integers`)
    default:
      how satisfies never
  }
}

const compare = (e: Emitter, type: ScalarType, how: Comparison, flush: boolean): void => {
  if (isFloat(type) || isHalf(type)) {
    compareFloats(
      e,
      type === 'f64' ? 'f64' : 'f32',
      how,
      (index) => {
        if (type === 'f64') e.push(e.operand(index), type)
        else e.pushFloat(e.operand(index), type)
        if (flush && type === 'f32') e.call('flush')
      },
      1,
      2,
    )
    return
  }
  e.push(e.operand(1), type)
  e.push(e.operand(2), type)
  const int = valueTypeOf(type) === 'i64' ? 'i64' : 'i32'
  const named = unsignedNames[how] ?? how
  if (named === 'eq' || named === 'ne') e.code.op(`${int}.${named}`)
  else if (named === 'lt' || named === 'le' || named === 'gt' || named === 'ge')
    e.code.op(`${int}.${named}_${isSigned(type) ? 's' : 'u'}`)
  else e.fail(`.${how} compares floats`)
}

// biome-ignore format: a list
const compared = ['b16', 'b32', 'b64', 'u16', 'u32', 'u64', 's16', 's32', 's64', 'f16', 'bf16', 'f32', 'f64'] as const

/** A comparison, joined with a third predicate where a second modifier asks. */
const readComparison = (m: Modifiers) => {
  const how = m.one(comparisons)
  return { how, join: m.maybe(['and', 'or', 'xor']), flush: m.flag('ftz') }
}

const pushComparison = (e: Emitter, type: ScalarType, { how, join, flush }: ReturnType<typeof readComparison>): void => {
  compare(e, type, how, flush)
  if (!join) return
  e.push(e.operand(3), 'pred')
  e.code.op(`i32.${join}`)
}

export const compareRules: Rules = {
  setp: rule('integer', (e, m) => {
    const type = m.type(compared)
    const read = readComparison(m)
    m.end()
    const target = e.operand(0)
    if (target.kind !== 'pair') {
      pushComparison(e, type, read)
      return e.pop(target, 'pred')
    }
    // p|q: q is the comparison's opposite, joined likewise. Both are made before either is written.
    pushComparison(e, type, read)
    compare(e, type, read.how, read.flush)
    e.code.op('i32.eqz')
    if (read.join) {
      e.push(e.operand(3), 'pred')
      e.code.op(`i32.${read.join}`)
    }
    e.pop(target.second, 'pred')
    e.pop(target.first, 'pred')
  }),
  set: rule('integer', (e, m) => {
    const type = m.type(compared)
    const result = m.type(['u32', 's32', 'f32'])
    const read = readComparison(m)
    m.end()
    if (result === 'f32') e.code.f32(0x3f80_0000n).f32(0n)
    else e.code.i32(-1).i32(0)
    pushComparison(e, type, read)
    e.code.op('select')
    e.pop(e.operand(0), result)
  }),
  selp: rule('move', (e, m) => {
    const type = m.type(compared)
    m.end()
    e.push(e.operand(1), type)
    e.push(e.operand(2), type)
    e.push(e.operand(3), 'pred')
    e.code.op('select')
    e.pop(e.operand(0), type)
  }),
  slct: rule('move', (e, m) => {
    const by = m.type(['s32', 'f32'])
    const type = m.type(compared)
    m.flag('ftz')
    m.end()
    const condition: Operand = e.operand(3)
    e.push(e.operand(1), type)
    e.push(e.operand(2), type)
    e.push(condition, by)
    if (by === 's32') e.code.i32(0).op('i32.ge_s')
    else e.code.f32(0n).op('f32.ge')
    e.code.op('select')
    e.pop(e.operand(0), type)
  }),
}
