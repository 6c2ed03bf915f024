/** Arithmetic on floats: rounded once, flushing and saturating where asked. */
import type { Emitter } from '../emit.ts'
import type { Operand } from '../ptx.ts'
import type { ScalarType } from '../types.ts'
import type { Modifiers } from './rule.ts'

export const roundings = ['rn', 'rz', 'rm', 'rp'] as const
export type RoundingName = (typeof roundings)[number]
export const roundingIndex = (mode: RoundingName): number => roundings.indexOf(mode)

export const floatTypes = ['f32', 'f64', 'f16', 'bf16', 'f16x2', 'bf16x2'] as const
export type FloatType = (typeof floatTypes)[number]
export type HalvesType = Exclude<FloatType, 'f32' | 'f64'>

export interface Options {
  readonly flush: boolean
  readonly saturate: boolean
}

export const takeOptions = (m: Modifiers): Options => ({ flush: m.flag('ftz'), saturate: m.flag('sat') })

export const pushFlushed = (e: Emitter, operand: Operand, type: 'f32' | 'f64', { flush }: Options): void => {
  e.push(operand, type)
  if (flush && type === 'f32') e.call('flush')
}

export const popFinished = (e: Emitter, type: 'f32' | 'f64', { flush, saturate }: Options): void => {
  if (flush && type === 'f32') e.call('flush')
  if (saturate) e.call(type === 'f32' ? 'saturateF32' : 'saturateF64')
  e.pop(e.operand(0), type)
}

export const isWide = (type: FloatType): type is 'f32' | 'f64' => type === 'f32' || type === 'f64'
const halfOf = (type: HalvesType): 'f16' | 'bf16' => (type.startsWith('bf') ? 'bf16' : 'f16')
/** The bits that hold a half, or a pair of them. */
export const bitsOf = (type: HalvesType): 'b16' | 'b32' => (type.endsWith('x2') ? 'b32' : 'b16')

/**
 * Runs `lane` for the one half of a scalar, or for both of a pair: it finds operands as float64 in locals, and leaves one,
 * which is rounded to a half. The bits are left on the stack.
 */
export const emitHalves = (
  e: Emitter,
  type: HalvesType,
  operands: readonly (() => void)[],
  lane: (values: readonly number[]) => void,
): void => {
  const { code } = e
  const half = halfOf(type)
  for (let k = 0; k < (bitsOf(type) === 'b32' ? 2 : 1); k++) {
    const values = operands.map((push) => {
      const local = e.temporary('f64')
      push()
      if (k === 1) code.i32(16).op('i32.shr_u')
      code.i32(0xffff).op('i32.and')
      e.widen(half)
      code.op('f64.promote_f32').set(local)
      return local
    })
    lane(values)
    e.call(half === 'f16' ? 'toF16' : 'toBf16')
    if (k === 1) code.i32(16).op('i32.shl', 'i32.or')
  }
}

/** An instruction on halves: operands from the second on, the result into the first. */
export const emitHalvesInstruction = (
  e: Emitter,
  type: HalvesType,
  arity: number,
  lane: (values: readonly number[]) => void,
): void => {
  const bits: ScalarType = bitsOf(type)
  const operands = Array.from({ length: arity }, (_, n) => () => e.push(e.operand(n + 1), bits))
  emitHalves(e, type, operands, lane)
  e.pop(e.operand(0), bits)
}

const refuseOptions = (e: Emitter, { flush, saturate }: Options, mode: RoundingName): void => {
  if (flush || saturate || mode !== 'rn') e.fail('halves are rounded to the nearest here, neither flushed nor saturated')
}

/** Rounded towards zero, down or up. */
const directed = (e: Emitter, type: 'f32' | 'f64', name: 'add' | 'sub' | 'mul' | 'fma', mode: RoundingName, o: Options): void => {
  const { code } = e
  const push = (k: number): void => {
    pushFlushed(e, e.operand(k), type, o)
    if (type === 'f32') code.op('f64.promote_f32')
    // A difference is a sum with the opposite.
    if (name === 'sub' && k === 2) code.op('f64.neg')
  }
  const sums = name === 'add' || name === 'sub'
  if (type === 'f64') {
    for (let k = 1; k <= (name === 'fma' ? 3 : 2); k++) push(k)
    code.i32(roundingIndex(mode))
    e.call(sums ? 'addRounded' : `${name}Rounded`)
    return
  }
  // A sum is a * 1 + b; a product is a * b and a zero of its own sign.
  push(1)
  if (sums) code.f64(0x3ff0_0000_0000_0000n)
  push(2)
  if (name === 'mul') {
    code.f64(0n)
    push(1)
    push(2)
    code.op('f64.mul', 'f64.copysign')
  } else if (name === 'fma') push(3)
  code.i32(roundingIndex(mode))
  e.call('fmaDirected')
}

export const emitFloatBinary = (e: Emitter, m: Modifiers, name: 'add' | 'sub' | 'mul'): void => {
  const type = m.type(floatTypes)
  const mode = m.maybe(roundings) ?? 'rn'
  const o = takeOptions(m)
  m.end()
  if (!isWide(type)) {
    refuseOptions(e, o, mode)
    // A product or a sum of halves in float64 is exact, or so much longer that rounding twice does no harm.
    emitHalvesInstruction(e, type, 2, ([a, b]) => e.code.get(a!).get(b!).op(`f64.${name}`))
    return
  }
  if (mode === 'rn') {
    pushFlushed(e, e.operand(1), type, o)
    pushFlushed(e, e.operand(2), type, o)
    e.code.op(`${type}.${name}`)
  } else directed(e, type, name, mode, o)
  popFinished(e, type, o)
}

/**
 * a * b + c in float32, rounded once, in place. The product is exact in float64. Where the sum, rounded to float64, lies not
 * midway between two floats, rounding it again cannot cross over to another float than the exact sum's. Midway, the bits that
 * float32 has not are a one and zeros; for subnormal results it is others, so that these take the long way too.
 */
const fuseF32 = (e: Emitter, o: Options): void => {
  const { code } = e
  const sum = e.temporary('f64')
  const result = e.temporary('f32')
  const push = (k: number): void => {
    pushFlushed(e, e.operand(k), 'f32', o)
    code.op('f64.promote_f32')
  }
  push(1)
  push(2)
  code.op('f64.mul')
  push(3)
  code.op('f64.add').tee(sum).op('i64.reinterpret_f64').i64(0x1fff_ffffn).op('i64.and').i64(0x1000_0000n).op('i64.eq')
  code.get(sum).op('f32.demote_f64').tee(result).op('f32.abs').f32(0x0080_0000n).op('f32.le', 'i32.or').if('f32')
  for (let k = 1; k <= 3; k++) push(k)
  e.call('fmaToOdd')
  code.op('f32.demote_f64', 'else').get(result).op('end')
}

export const emitFma = (e: Emitter, m: Modifiers): void => {
  const type = m.type(floatTypes)
  const mode = m.maybe(roundings) ?? 'rn'
  const o = takeOptions(m)
  const relu = m.flag('relu')
  m.end()
  if (!isWide(type)) {
    refuseOptions(e, o, mode)
    emitHalvesInstruction(e, type, 3, ([a, b, c]) => {
      e.code.get(a!).get(b!).get(c!)
      e.call('fmaToOdd')
      // A NaN stays.
      if (relu) e.code.f64(0n).op('f64.max')
    })
    return
  }
  if (relu) e.fail('.relu is for halves')
  if (mode !== 'rn') directed(e, type, 'fma', mode, o)
  else if (type === 'f32') fuseF32(e, o)
  else {
    for (let k = 1; k <= 3; k++) e.push(e.operand(k), type)
    e.call('fmaF64')
  }
  popFinished(e, type, o)
}

/** The lesser or greater of two locals. WebAssembly's own keeps a NaN, as `.NaN` wants; otherwise the number is taken. */
export const pushExtremum = (
  e: Emitter,
  type: 'f32' | 'f64',
  name: 'min' | 'max',
  keepsNaN: boolean,
  a: number,
  b: number,
): void => {
  const { code } = e
  if (keepsNaN) {
    code.get(a).get(b).op(`${type}.${name}`)
    return
  }
  code.get(b).get(a).get(a).get(b).op(`${type}.${name}`)
  code.get(b).get(b).op(`${type}.ne`, 'select')
  code.get(a).get(a).op(`${type}.ne`, 'select')
}

/** Of two operands; of three too, which newer architectures have. */
export const emitFloatExtremum = (e: Emitter, m: Modifiers, name: 'min' | 'max'): void => {
  const type = m.type(floatTypes)
  const o = takeOptions(m)
  const keepsNaN = m.flag('NaN')
  const sizes = m.flag('abs')
  m.end()
  if (!isWide(type)) {
    refuseOptions(e, o, 'rn')
    if (sizes) e.fail('.abs is for .f32')
    emitHalvesInstruction(e, type, 2, ([a, b]) => pushExtremum(e, 'f64', name, keepsNaN, a!, b!))
    return
  }
  if (o.saturate) e.fail('modifier .sat is not known here')
  const value = (index: number): number => {
    const local = e.temporary(type)
    pushFlushed(e, e.operand(index), type, o)
    if (sizes) e.code.op(`${type}.abs`)
    e.code.set(local)
    return local
  }
  const result = value(1)
  for (let index = 2; index < Math.max(3, e.instruction.operands.length); index++) {
    if (index > 3) e.fail('two or three values are expected')
    pushExtremum(e, type, name, keepsNaN, result, value(index))
    e.code.set(result)
  }
  e.code.get(result)
  popFinished(e, type, o)
}

export const emitFloatUnary = (e: Emitter, m: Modifiers, name: 'abs' | 'neg'): void => {
  const type = m.type(floatTypes)
  const o = takeOptions(m)
  m.end()
  const { code } = e
  if (isWide(type)) {
    pushFlushed(e, e.operand(1), type, o)
    code.op(`${type}.${name}`)
    popFinished(e, type, o)
    return
  }
  const bits = bitsOf(type)
  const sign = bits === 'b32' ? 0x8000_8000 : 0x8000
  e.push(e.operand(1), bits)
  code.i32(name === 'abs' ? ~sign : sign).op(name === 'abs' ? 'i32.and' : 'i32.xor')
  e.pop(e.operand(0), bits)
}

/** A quotient or a root of values that are pushed one after the other, in a direction. */
export const emitRounded = (
  e: Emitter,
  type: 'f32' | 'f64',
  name: 'divRounded' | 'sqrtRounded',
  mode: RoundingName,
  pushes: readonly (() => void)[],
): void => {
  const { code } = e
  for (const push of pushes) {
    push()
    if (type === 'f32') code.op('f64.promote_f32')
  }
  code.i32(type === 'f32' ? 1 : 0).i32(roundingIndex(mode))
  e.call(name)
  if (type === 'f32') code.op('f32.demote_f64')
}

export const emitFloatDivide = (e: Emitter, m: Modifiers): void => {
  const type = m.type(['f32', 'f64'])
  const how = m.one([...roundings, 'full', 'approx'])
  const o = takeOptions(m)
  m.end()
  const pushes = [1, 2].map((k) => () => pushFlushed(e, e.operand(k), type, o))
  if (how === 'rn' || how === 'full' || how === 'approx') {
    for (const push of pushes) push()
    e.code.op(`${type}.div`)
  } else emitRounded(e, type, 'divRounded', how, pushes)
  popFinished(e, type, o)
}

/** Whether an opcode that floats and integers share is meant for floats. */
export const isFloatInstruction = ({ instruction }: Emitter): boolean =>
  (floatTypes as readonly string[]).includes(instruction.modifiers.at(-1) ?? '')
