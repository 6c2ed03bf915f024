/** Atomics. Threads run one after the other, so that each is a load and a store; as such they are counted, and checked. */
import { emitAccess } from '../access.ts'
import type { Emitter } from '../emit.ts'
import { bytesOf, isFloat, isSigned, type ScalarType, valueTypeOf } from '../types.ts'
import { emitHalves } from './float.ts'
import { effect, type Modifiers, type Rules, rule } from './rule.ts'
import { loadOf, storeOf, takeHints, takeSpace } from './spaces.ts'

const operations = ['add', 'min', 'max', 'and', 'or', 'xor', 'exch', 'cas', 'inc', 'dec'] as const
type Operation = (typeof operations)[number]

// biome-ignore format: a list
const types = ['b16', 'b32', 'u32', 's32', 'f32', 'b64', 'u64', 's64', 'f64', 'f16', 'bf16', 'f16x2', 'bf16x2'] as const
const isHalves = (type: ScalarType): type is 'f16' | 'bf16' | 'f16x2' | 'bf16x2' => /f16/.test(type)

/** Leaves the new value of an integer, made of the old one and of operands from `first` on. */
const combineIntegers = (
  e: Emitter,
  type: ScalarType,
  operation: Exclude<Operation, 'exch'>,
  old: number,
  first: number,
): void => {
  const { code } = e
  const int = valueTypeOf(type) === 'i64' ? 'i64' : 'i32'
  const sign = isSigned(type) ? 's' : 'u'
  const operand = (): void => e.push(e.operand(first), type)
  switch (operation) {
    case 'add':
    case 'and':
    case 'or':
    case 'xor':
      code.get(old)
      operand()
      code.op(`${int}.${operation}`)
      return
    case 'min':
    case 'max':
      code.get(old)
      operand()
      code.get(old)
      operand()
      code.op(`${int}.${operation === 'min' ? 'lt' : 'gt'}_${sign}`, 'select')
      return
    case 'cas':
      e.push(e.operand(first + 1), type)
      code.get(old).get(old)
      operand()
      code.op(`${int}.eq`, 'select')
      return
    case 'inc':
      // old >= b ? 0 : old + 1
      code.int(int, 0n).get(old).int(int, 1n).op(`${int}.add`).get(old)
      operand()
      code.op(`${int}.ge_u`, 'select')
      return
    case 'dec':
      // old == 0 or old > b ? b : old - 1
      operand()
      code.get(old).int(int, 1n).op(`${int}.sub`).get(old).op(`${int}.eqz`).get(old)
      operand()
      code.op(`${int}.gt_u`, 'i32.or', 'select')
      return
    default:
      operation satisfies never
  }
}

const combine = (e: Emitter, type: ScalarType, operation: Operation, old: number, first: number): void => {
  const { code } = e
  if (operation === 'exch') {
    e.push(e.operand(first), type)
    return
  }
  if (!isFloat(type) && !isHalves(type)) {
    combineIntegers(e, type, operation, old, first)
    return
  }
  if (operation !== 'add') e.fail(`.${operation} of floats is not known`)
  if (isFloat(type)) {
    code.get(old)
    e.push(e.operand(first), type)
    code.op(`${type}.add`)
    return
  }
  const bits = type.endsWith('x2') ? 'b32' : 'b16'
  emitHalves(e, type, [() => void code.get(old), () => e.push(e.operand(first), bits)], ([a, b]) =>
    code.get(a!).get(b!).op('f64.add'),
  )
}

const atomic = (e: Emitter, m: Modifiers, returns: boolean): void => {
  const type = m.type(types)
  const operation = m.one(operations)
  m.flag('noftz')
  const space = takeSpace(e, m)
  const first = returns ? 1 : 0
  takeHints(e, m, first + 2)
  m.end()
  if (type === 'b16' && operation !== 'cas') e.fail('of sixteen bits there is .cas only')
  const { code } = e
  const at = emitAccess(e, e.operand(first), bytesOf(type), 'atomic', space)
  const old = e.temporary(valueTypeOf(type))
  code.get(at).memory(loadOf(type), 0).set(old)
  code.get(at)
  combine(e, type, operation, old, first + 1)
  code.memory(storeOf(type), 0)
  if (!returns) return
  code.get(old)
  e.pop(e.operand(0), type)
}

export const atomicRules: Rules = {
  atom: rule('atomic', (e, m) => atomic(e, m, true)),
  red: effect('atomic', (e, m) => atomic(e, m, false)),
}
