/** Functions of floats that a GPU has units for, exact or as approximations by the platform's functions; and classes of floats. */
import type { Emitter } from '../emit.ts'
import {
  emitFma,
  emitHalvesInstruction,
  emitRounded,
  type HalvesType,
  type Options,
  popFinished,
  pushFlushed,
  type RoundingName,
  roundings,
  takeOptions,
} from './float.ts'
import { arithmetic, type Rule, type Rules, rule } from './rule.ts'

/** A function of one operand. Those that can be rounded in a direction say how. */
const unary = (
  apply: (e: Emitter, type: 'f32' | 'f64', push: () => void) => void,
  inDirection?: (e: Emitter, type: 'f32' | 'f64', mode: RoundingName, push: () => void) => void,
): Rule =>
  rule('special function', (e, m) => {
    const type = m.type(['f32', 'f64'])
    const mode = m.maybe([...(inDirection ? roundings : (['rn'] as const)), 'approx'])
    const o = takeOptions(m)
    m.end()
    const push = (): void => pushFlushed(e, e.operand(1), type, o)
    if (inDirection && mode !== undefined && mode !== 'rn' && mode !== 'approx') inDirection(e, type, mode, push)
    else apply(e, type, push)
    popFinished(e, type, o)
  })

const one = (e: Emitter, type: 'f32' | 'f64'): void => {
  e.code[type](type === 'f32' ? 0x3f80_0000n : 0x3ff0_0000_0000_0000n)
}

/** A function of a float64, between two pushes of which the second makes it. */
interface Approximation {
  readonly before?: (e: Emitter) => void
  readonly name: 'pow' | 'lg2' | 'sin' | 'cos' | 'tanh'
}

/** An approximation: the platform's function in float64, rounded. Within a GPU's tolerance, not its bits. */
const approximate = ({ before, name }: Approximation): Rule =>
  rule('special function', (e, m) => {
    const type = m.type(['f32', 'f16', 'bf16', 'f16x2', 'bf16x2'])
    m.one(['approx'])
    const o: Options = { flush: m.flag('ftz'), saturate: m.flag('sat') }
    m.end()
    if (type !== 'f32') {
      emitHalvesInstruction(e, type satisfies HalvesType, 1, ([x]) => {
        before?.(e)
        e.code.get(x!)
        e.call(name)
      })
      return
    }
    before?.(e)
    pushFlushed(e, e.operand(1), type, o)
    e.code.op('f64.promote_f32')
    e.call(name)
    e.code.op('f32.demote_f64')
    popFinished(e, type, o)
  })

/** What `testp` asks of a size, |x|: comparisons with infinity and with the least normal number. */
const classes = ['finite', 'infinite', 'number', 'notanumber', 'normal', 'subnormal'] as const
type FloatClass = (typeof classes)[number]

const emitClass = (e: Emitter, type: 'f32' | 'f64', asked: FloatClass): void => {
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
      return
    case 'infinite':
      infinity()
      code.op(`${type}.eq`)
      return
    case 'number':
      size()
      code.op(`${type}.eq`)
      return
    case 'notanumber':
      size()
      code.op(`${type}.ne`)
      return
    case 'normal':
      leastNormal()
      code.op(`${type}.ge`)
      size()
      infinity()
      code.op(`${type}.lt`, 'i32.and')
      return
    case 'subnormal':
      leastNormal()
      code.op(`${type}.lt`)
      size()
      code[type](0n).op(`${type}.gt`, 'i32.and')
      return
    default:
      asked satisfies never
  }
}

export const functionRules: Rules = {
  fma: rule(arithmetic, emitFma),
  sqrt: unary(
    (e, type, push) => {
      push()
      e.code.op(`${type}.sqrt`)
    },
    (e, type, mode, push) => emitRounded(e, type, 'sqrtRounded', mode, [push]),
  ),
  rsqrt: unary((e, type, push) => {
    one(e, type)
    push()
    e.code.op(`${type}.sqrt`, `${type}.div`)
  }),
  rcp: unary(
    (e, type, push) => {
      one(e, type)
      push()
      e.code.op(`${type}.div`)
    },
    (e, type, mode, push) => emitRounded(e, type, 'divRounded', mode, [() => one(e, type), push]),
  ),
  // 2 to the power of x.
  ex2: approximate({ before: (e) => void e.code.f64(0x4000_0000_0000_0000n), name: 'pow' }),
  lg2: approximate({ name: 'lg2' }),
  sin: approximate({ name: 'sin' }),
  cos: approximate({ name: 'cos' }),
  tanh: approximate({ name: 'tanh' }),
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
    emitClass(e, type, asked)
    e.pop(e.operand(0), 'pred')
  }),
}
