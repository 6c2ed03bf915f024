/** Arithmetic on floats: rounded once, flushing and saturating where asked; approximations by the platform's functions. */
import type { Emitter } from '../emit.ts'
import type { HelperName } from '../helpers.ts'
import type { Operand } from '../ptx.ts'
import type { ScalarType } from '../types.ts'
import { arithmetic, type Modifiers, type Rules, rule } from './rule.ts'

const roundings = ['rn', 'rz', 'rm', 'rp'] as const
export type RoundingName = (typeof roundings)[number]
export const roundingIndex = (mode: RoundingName): number => roundings.indexOf(mode)
export { roundings }

export const floatTypes = ['f32', 'f64', 'f16', 'bf16', 'f16x2', 'bf16x2'] as const
export type FloatType = (typeof floatTypes)[number]
export const isFloatType = (type: string | undefined): type is FloatType => (floatTypes as readonly string[]).includes(type ?? '')

interface Options {
  readonly flush: boolean
  readonly saturate: boolean
}

const pushFlushed = (e: Emitter, operand: Operand, type: 'f32' | 'f64', { flush }: Options): void => {
  e.push(operand, type)
  if (flush && type === 'f32') e.call('flush')
}

const popFinished = (e: Emitter, type: 'f32' | 'f64', { flush, saturate }: Options): void => {
  if (flush && type === 'f32') e.call('flush')
  if (saturate) e.call(type === 'f32' ? 'saturateF32' : 'saturateF64')
  e.pop(e.operand(0), type)
}

const isWide = (type: FloatType): type is 'f32' | 'f64' => type === 'f32' || type === 'f64'
const halfOf = (type: FloatType): 'f16' | 'bf16' => (type.startsWith('bf') ? 'bf16' : 'f16')

/** Runs `lane` for the one half of a scalar, or for both of a pair: it finds float64 operands in locals, and leaves one. */
const halves = (e: Emitter, type: FloatType, arity: number, lane: (values: readonly number[]) => void): void => {
  const { code } = e
  const half = halfOf(type)
  const lanes = type.endsWith('x2') ? 2 : 1
  for (let k = 0; k < lanes; k++) {
    const values = Array.from({ length: arity }, (_, n) => {
      const local = e.temporary('f64')
      e.push(e.operand(n + 1), lanes === 2 ? 'b32' : 'b16')
      if (k === 1) code.i32(16).op('i32.shr_u')
      code.i32(0xffff).op('i32.and')
      e.call(half === 'f16' ? 'f16ToF32' : 'bf16ToF32')
      code.op('f64.promote_f32').set(local)
      return local
    })
    lane(values)
    code.i32(roundingIndex('rn'))
    e.call(half === 'f16' ? 'toF16' : 'toBf16')
    if (k === 1) code.i32(16).op('i32.shl', 'i32.or')
  }
  e.pop(e.operand(0), lanes === 2 ? 'b32' : 'b16')
}

const options = (m: Modifiers): Options => ({ flush: m.flag('ftz'), saturate: m.flag('sat') })

/** Operands as float64, then the format's bit and the direction: what the exact functions take. */
const directed = (e: Emitter, type: 'f32' | 'f64', arity: number, mode: RoundingName, name: HelperName, o: Options): void => {
  for (let k = 1; k <= arity; k++) {
    pushFlushed(e, e.operand(k), type, o)
    if (type === 'f32') e.code.op('f64.promote_f32')
  }
  e.code.i32(type === 'f32' ? 1 : 0).i32(roundingIndex(mode))
  e.call(name)
  if (type === 'f32') e.code.op('f32.demote_f64')
}

export const emitFloatBinary = (e: Emitter, m: Modifiers, name: 'add' | 'sub' | 'mul'): void => {
  const type = m.type(floatTypes)
  const mode = m.maybe(roundings) ?? 'rn'
  const o = options(m)
  m.end()
  if (!isWide(type)) {
    if (o.flush || o.saturate || mode !== 'rn') e.fail('halves are rounded to the nearest here, neither flushed nor saturated')
    // A product or a sum of halves in float64 is exact, or so much longer that rounding twice does no harm.
    halves(e, type, 2, ([a, b]) => e.code.get(a!).get(b!).op(`f64.${name}`))
    return
  }
  if (mode === 'rn') {
    pushFlushed(e, e.operand(1), type, o)
    pushFlushed(e, e.operand(2), type, o)
    e.code.op(`${type}.${name}`)
  } else if (name === 'sub') e.fail('directed rounding of sub is not supported: negate, and add')
  else directed(e, type, 2, mode, name === 'add' ? 'addRounded' : 'mulRounded', o)
  popFinished(e, type, o)
}

export const emitFma = (e: Emitter, m: Modifiers): void => {
  const type = m.type(floatTypes)
  const mode = m.maybe(roundings) ?? 'rn'
  const o = options(m)
  const relu = m.flag('relu')
  m.end()
  if (relu) e.fail('.relu is not supported')
  if (!isWide(type)) {
    if (o.flush || o.saturate || mode !== 'rn') e.fail('halves are rounded to the nearest here, neither flushed nor saturated')
    halves(e, type, 3, ([a, b, c]) => {
      e.code.get(a!).get(b!).get(c!)
      e.call('fmaToOdd')
    })
    return
  }
  if (mode === 'rn') {
    for (let k = 1; k <= 3; k++) pushFlushed(e, e.operand(k), type, o)
    e.call(type === 'f32' ? 'fmaF32' : 'fmaF64')
  } else directed(e, type, 3, mode, 'fmaRounded', o)
  popFinished(e, type, o)
}

export const emitFloatExtremum = (e: Emitter, m: Modifiers, name: 'min' | 'max'): void => {
  const type = m.type(floatTypes)
  const o = options(m)
  // `.NaN` is what WebAssembly's own instruction does.
  const keepsNaN = m.flag('NaN')
  m.end()
  const apply = (t: 'f32' | 'f64'): void => {
    if (keepsNaN) e.code.op(`${t}.${name}`)
    else e.call(`${name}${t === 'f32' ? 'F32' : 'F64'}`)
  }
  if (!isWide(type)) {
    halves(e, type, 2, ([a, b]) => {
      e.code.get(a!).get(b!)
      apply('f64')
    })
    return
  }
  pushFlushed(e, e.operand(1), type, o)
  pushFlushed(e, e.operand(2), type, o)
  apply(type)
  popFinished(e, type, { ...o, saturate: false })
}

export const emitFloatUnary = (e: Emitter, m: Modifiers, name: 'abs' | 'neg'): void => {
  const type = m.type(floatTypes)
  const o = options(m)
  m.end()
  const { code } = e
  if (isWide(type)) {
    pushFlushed(e, e.operand(1), type, o)
    code.op(`${type}.${name}`)
    popFinished(e, type, o)
    return
  }
  const bits: ScalarType = type.endsWith('x2') ? 'b32' : 'b16'
  const sign = bits === 'b32' ? 0x8000_8000 : 0x8000
  e.push(e.operand(1), bits)
  code.i32(name === 'abs' ? ~sign : sign).op(name === 'abs' ? 'i32.and' : 'i32.xor')
  e.pop(e.operand(0), bits)
}

export const emitFloatDivide = (e: Emitter, m: Modifiers): void => {
  const type = m.type(['f32', 'f64'])
  m.one(['rn', 'full', 'approx'])
  const o = options(m)
  m.end()
  pushFlushed(e, e.operand(1), type, o)
  pushFlushed(e, e.operand(2), type, o)
  e.code.op(`${type}.div`)
  popFinished(e, type, o)
}

/** A function of one operand. */
const unary = (types: readonly ('f32' | 'f64')[], apply: (e: Emitter, type: 'f32' | 'f64', push: () => void) => void) =>
  rule('special function', (e, m) => {
    const type = m.type(types)
    m.maybe(['rn', 'approx'])
    const o = options(m)
    m.end()
    apply(e, type, () => pushFlushed(e, e.operand(1), type, o))
    popFinished(e, type, o)
  })

const one = (e: Emitter, type: 'f32' | 'f64'): void => {
  e.code[type](type === 'f32' ? 0x3f80_0000n : 0x3ff0_0000_0000_0000n)
}

/** An approximation: the platform's function in float64, rounded. Within a GPU's tolerance, not its bits. */
const approximate = (name: 'ex2' | 'lg2' | 'sin' | 'cos' | 'tanh') =>
  unary(['f32'], (e, _, push) => {
    push()
    e.code.op('f64.promote_f32')
    e.call(name)
    e.code.op('f32.demote_f64')
  })

/** What `testp` asks of a size, |x|: comparisons with infinity and with the least normal number. */
const classes = ['finite', 'infinite', 'number', 'notanumber', 'normal', 'subnormal'] as const

export const floatRules: Rules = {
  fma: rule(arithmetic, emitFma),
  sqrt: unary(['f32', 'f64'], (e, type, push) => {
    push()
    e.code.op(`${type}.sqrt`)
  }),
  rsqrt: unary(['f32', 'f64'], (e, type, push) => {
    one(e, type)
    push()
    e.code.op(`${type}.sqrt`, `${type}.div`)
  }),
  rcp: unary(['f32', 'f64'], (e, type, push) => {
    one(e, type)
    push()
    e.code.op(`${type}.div`)
  }),
  ex2: approximate('ex2'),
  lg2: approximate('lg2'),
  sin: approximate('sin'),
  cos: approximate('cos'),
  tanh: approximate('tanh'),
  copysign: rule(arithmetic, (e, m) => {
    const type = m.type(['f32', 'f64'])
    m.end()
    // The sign of the first, the size of the second.
    e.push(e.operand(2), type)
    e.push(e.operand(1), type)
    e.code.op(`${type}.copysign`)
    e.pop(e.operand(0), type)
  }),
  testp: rule(arithmetic, (e, m) => {
    const type = m.type(['f32', 'f64'])
    const asked = m.one(classes)
    m.end()
    const { code } = e
    const size = (): void => {
      e.push(e.operand(1), type)
      code.op(`${type}.abs`)
    }
    const infinity = (): void => {
      code[type](type === 'f32' ? 0x7f80_0000n : 0x7ff0_0000_0000_0000n)
    }
    const leastNormal = (): void => {
      code[type](type === 'f32' ? 0x0080_0000n : 0x0010_0000_0000_0000n)
    }
    size()
    switch (asked) {
      case 'finite':
        infinity()
        code.op(`${type}.lt`)
        break
      case 'infinite':
        infinity()
        code.op(`${type}.eq`)
        break
      case 'number':
        size()
        code.op(`${type}.eq`)
        break
      case 'notanumber':
        size()
        code.op(`${type}.ne`)
        break
      case 'normal':
        leastNormal()
        code.op(`${type}.ge`)
        size()
        infinity()
        code.op(`${type}.lt`, 'i32.and')
        break
      case 'subnormal':
        leastNormal()
        code.op(`${type}.lt`)
        size()
        code[type](0n).op(`${type}.gt`, 'i32.and')
        break
      default:
        asked satisfies never
    }
    e.pop(e.operand(0), 'pred')
  }),
}
