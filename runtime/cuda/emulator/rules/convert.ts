/** `cvt`: between integers, floats and halves, with each rounding; and `mov`, which packs and unpacks too. */
import type { Emitter } from '../emit.ts'
import { isFloat, isHalf, isSigned, type ScalarType, valueTypeOf, widthOf } from '../types.ts'
import { type RoundingName, roundingIndex, roundings } from './float.ts'
import { type Modifiers, type Rules, rule } from './rule.ts'

// biome-ignore format: a list
const integers = ['u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64'] as const
const floats = ['f16', 'bf16', 'f32', 'f64'] as const
type IntegerType = (typeof integers)[number]
type AnyFloat = (typeof floats)[number]

const isInteger = (type: ScalarType): type is IntegerType => (integers as readonly ScalarType[]).includes(type)

/** Roundings to an integral value. */
const integral = { rni: 'nearest', rzi: 'trunc', rmi: 'floor', rpi: 'ceil' } as const
const integralNames = ['rni', 'rzi', 'rmi', 'rpi'] as const
type Integral = (typeof integralNames)[number]

const limits = (type: IntegerType): readonly [bigint, bigint] => {
  const width = BigInt(widthOf(type))
  return isSigned(type) ? [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n] : [0n, (1n << width) - 1n]
}

/** The smaller (larger) of the value on the stack and a constant. */
const clampBy = (e: Emitter, int: 'i32' | 'i64', bound: bigint, name: 'lt' | 'gt', sign: 's' | 'u'): void => {
  const { code } = e
  const value = e.temporary(int)
  code.tee(value).int(int, bound).get(value).int(int, bound).op(`${int}.${name}_${sign}`, 'select')
}

const intToInt = (e: Emitter, to: IntegerType, from: IntegerType, saturate: boolean): void => {
  const { code } = e
  const int = valueTypeOf(from) === 'i64' ? 'i64' : 'i32'
  e.push(e.operand(1), from)
  if (saturate) {
    // What cannot be exceeded is not compared with: the bound would not fit the source's type.
    const [low, high] = limits(to)
    const [least, most] = limits(from)
    const sign = isSigned(from) ? 's' : 'u'
    if (high < most) clampBy(e, int, high, 'lt', sign)
    if (low > least) clampBy(e, int, low, 'gt', sign)
  }
  const want = valueTypeOf(to)
  if (int === 'i32' && want === 'i64') code.op(isSigned(from) ? 'i64.extend_i32_s' : 'i64.extend_i32_u')
  else if (int === 'i64' && want === 'i32') code.op('i32.wrap_i64')
  truncate(e, to)
  e.pop(e.operand(0), to)
}

/** A result narrower than the register that takes it is extended by its own sign. */
const truncate = (e: Emitter, to: IntegerType): void => {
  if (to === 'u8') e.code.i32(0xff).op('i32.and')
  else if (to === 's8') e.code.op('i32.extend8_s')
  else if (to === 'u16') e.code.i32(0xffff).op('i32.and')
  else if (to === 's16') e.code.op('i32.extend16_s')
}

const pushAsWide = (e: Emitter, from: AnyFloat, flush: boolean): 'f32' | 'f64' => {
  if (from === 'f64') {
    e.push(e.operand(1), from)
    return 'f64'
  }
  e.pushFloat(e.operand(1), from)
  if (flush && from === 'f32') e.call('flush')
  return 'f32'
}

const floatToInt = (e: Emitter, to: IntegerType, from: AnyFloat, mode: Integral, flush: boolean): void => {
  const { code } = e
  const wide = pushAsWide(e, from, flush)
  code.op(`${wide}.${integral[mode]}`)
  const int = valueTypeOf(to) === 'i64' ? 'i64' : 'i32'
  const value = e.temporary(wide)
  code.tee(value).op(`${int}.trunc_sat_${wide}_${isSigned(to) ? 's' : 'u'}`)
  const [low, high] = limits(to)
  if (widthOf(to) < 32) {
    clampBy(e, int, high, 'lt', isSigned(to) ? 's' : 'u')
    if (isSigned(to)) clampBy(e, int, low, 'gt', 's')
  }
  // A NaN is 0, but the top bit alone where either side has 64 bits.
  if (int === 'i64' || from === 'f64') {
    code.int(int, widthOf(to) < 32 ? 0n : 1n << BigInt(widthOf(to) - 1))
    code.get(value).get(value).op(`${wide}.eq`, 'select')
  }
  e.pop(e.operand(0), to)
}

const intToFloat = (e: Emitter, to: AnyFloat, from: IntegerType, mode: RoundingName): void => {
  const { code } = e
  const int = valueTypeOf(from) === 'i64' ? 'i64' : 'i32'
  const sign = isSigned(from) ? 's' : 'u'
  e.push(e.operand(1), from)
  if ((to === 'f32' || to === 'f64') && mode === 'rn') {
    code.op(`${to}.convert_${int}_${sign}`)
    e.pop(e.operand(0), to)
    return
  }
  if (int === 'i32') code.op(`i64.extend_i32_${sign}`)
  // Formats by number: float64, float32, float16, bfloat16.
  code
    .i32(sign === 's' ? 1 : 0)
    .i32(['f64', 'f32', 'f16', 'bf16'].indexOf(to))
    .i32(roundingIndex(mode))
  e.call('roundInteger')
  popRounded(e, to, 'rn')
}

/** The float64 on the stack to a format, in a direction. */
const narrowFloat = (e: Emitter, to: AnyFloat, mode: RoundingName): void => {
  const { code } = e
  if (to === 'f16' || to === 'bf16') {
    if (mode === 'rn') e.call(to === 'f16' ? 'toF16' : 'toBf16')
    else {
      code.i32(roundingIndex(mode))
      e.call(to === 'f16' ? 'roundF16' : 'roundBf16')
    }
  } else if (to === 'f32') {
    if (mode !== 'rn') {
      code.i32(roundingIndex(mode))
      e.call('roundF32')
    }
    code.op('f32.demote_f64')
  }
}

const popRounded = (e: Emitter, to: AnyFloat, mode: RoundingName): void => {
  narrowFloat(e, to, mode)
  e.pop(e.operand(0), to)
}

interface Wanted {
  readonly integral: Integral | undefined
  readonly mode: RoundingName
  readonly saturate: boolean
  readonly flush: boolean
  readonly relu: boolean
}

const floatToFloat = (e: Emitter, to: AnyFloat, from: AnyFloat, w: Wanted): void => {
  const { code } = e
  const wide = pushAsWide(e, from, w.flush)
  if (w.integral) code.op(`${wide}.${integral[w.integral]}`)
  if (wide === 'f32' && to === 'f32') {
    if (w.saturate) e.call('saturateF32')
    if (w.flush) e.call('flush')
    e.pop(e.operand(0), to)
    return
  }
  if (wide === 'f32') code.op('f64.promote_f32')
  // A NaN stays.
  if (w.relu) code.f64(0n).op('f64.max')
  if (w.saturate) e.call('saturateF64')
  narrowFloat(e, to, w.mode)
  if (w.flush && to === 'f32') e.call('flush')
  e.pop(e.operand(0), to)
}

/** `cvt.rn.f16x2.f32 d, a, b`: a is the upper half. */
const floatsToPair = (e: Emitter, to: 'f16' | 'bf16', w: Wanted): void => {
  const { code } = e
  ;[1, 2].forEach((index) => {
    e.push(e.operand(index), 'f32')
    code.op('f64.promote_f32')
    if (w.relu) code.f64(0n).op('f64.max')
    narrowFloat(e, to, w.mode)
    if (index === 1) code.i32(16).op('i32.shl')
  })
  code.op('i32.or')
  e.pop(e.operand(0), 'b32')
}

const cvt = (e: Emitter, m: Modifiers): void => {
  const from = m.type([...integers, ...floats])
  const to = m.type([...integers, ...floats, 'f16x2', 'bf16x2'])
  const w: Wanted = {
    integral: m.maybe(integralNames),
    mode: m.maybe(roundings) ?? 'rn',
    saturate: m.flag('sat'),
    flush: m.flag('ftz'),
    relu: m.flag('relu'),
  }
  m.end()
  if (to === 'f16x2' || to === 'bf16x2') {
    if (from !== 'f32' || w.saturate) e.fail('a pair is made of two .f32')
    floatsToPair(e, to === 'f16x2' ? 'f16' : 'bf16', w)
    return
  }
  if (isInteger(from)) {
    isInteger(to) ? intToInt(e, to, from, w.saturate) : intToFloat(e, to, from, w.mode)
    return
  }
  if (isInteger(to)) {
    floatToInt(e, to, from, w.integral ?? e.fail('a rounding to an integer is expected'), w.flush)
    return
  }
  floatToFloat(e, to, from, w)
}

// biome-ignore format: a list
const moved = ['pred', 'b16', 'b32', 'b64', 'u16', 'u32', 'u64', 's16', 's32', 's64', 'f32', 'f64'] as const

/** `mov.b64 %rd1, {%r1, %r2};` and back. The first element is the lowest. */
const pack = (e: Emitter, type: ScalarType, elements: number): void => {
  const source = e.operand(1)
  if (source.kind !== 'vector') e.fail('a vector is expected')
  const part = partOf(e, type, elements)
  const { code } = e
  code.i64(0n)
  source.elements.forEach((element, k) => {
    e.push(element, part)
    code
      .op('i64.extend_i32_u')
      .i64(BigInt(k * widthOf(part)))
      .op('i64.shl', 'i64.or')
  })
  if (valueTypeOf(type) === 'i32') code.op('i32.wrap_i64')
  e.pop(e.operand(0), type)
}

const unpack = (e: Emitter, type: ScalarType): void => {
  const target = e.operand(0)
  if (target.kind !== 'vector') e.fail('a vector is expected')
  const part = partOf(e, type, target.elements.length)
  const { code } = e
  const whole = e.temporary('i64')
  e.push(e.operand(1), type)
  if (valueTypeOf(type) === 'i32') code.op('i64.extend_i32_u')
  code.set(whole)
  target.elements.forEach((element, k) => {
    code
      .get(whole)
      .i64(BigInt(k * widthOf(part)))
      .op('i64.shr_u', 'i32.wrap_i64')
    e.pop(element, part)
  })
}

const partOf = (e: Emitter, type: ScalarType, elements: number): 'b8' | 'b16' | 'b32' => {
  const width = widthOf(type) / elements
  if (type !== 'b32' && type !== 'b64') e.fail('a vector is moved as .b32 or .b64')
  return width === 8 || width === 16 || width === 32 ? `b${width}` : e.fail(`${elements} elements in ${widthOf(type)} bits`)
}

/** Spaces share one memory, so that an address is generic already. */
const cvta = (e: Emitter, m: Modifiers): void => {
  const type = m.type(['u64', 'u32'])
  m.flag('to')
  m.one(['global', 'const', 'shared', 'local', 'param'])
  m.end()
  e.push(e.operand(1), type)
  e.pop(e.operand(0), type)
}

export const convertRules: Rules = {
  cvt: rule('convert', cvt),
  cvta: rule('move', cvta),
  mov: rule('move', (e, m) => {
    const type = m.type(moved)
    m.end()
    const source = e.operand(1)
    if (source.kind === 'vector') return pack(e, type, source.elements.length)
    if (e.operand(0).kind === 'vector') return unpack(e, type)
    if (isHalf(type) || (isFloat(type) && source.kind === 'name')) return e.fail('an address is no float')
    e.push(source, type)
    e.pop(e.operand(0), type)
  }),
}
