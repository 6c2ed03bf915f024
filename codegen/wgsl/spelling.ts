/** How WGSL writes scalars. Integers are `i32`, floats `f32`, conditions `bool`; none becomes another by itself. */
import type { ValueType } from '../../dsl/expression.ts'
import type { Spelling } from '../emit/block.ts'
import type { ConditionOp, Scalar, SharedOp } from '../emit/scalar.ts'
import { call, callBinds, extremum, infix, type Operand, type Written } from '../emit/writers.ts'
import { components } from '../gpu/access.ts'
import type { Memory } from '../gpu/dialect.ts'

/** How tightly operators bind; the language wants brackets where a reader would. */
const binds = { or: 1, and: 2, compare: 3, add: 4, mul: 5, unary: 6, call: callBinds, atom: 100 } as const

type Writer = (operand: Operand, scalar: Scalar) => Written

const writers: Record<SharedOp | ConditionOp, Writer> = {
  neg: (x) => ({ text: `-${x(0, binds.unary + 1)}`, binds: binds.unary }),
  exp: call('exponential'),
  log: call('logarithm'),
  sqrt: call('root'),
  abs: call('abs'),
  sign: call('signOf'),
  tanh: call('hyperbolicTangent'),
  sigmoid: (x) => ({ text: `1.0 / (1.0 + exponential(-${x(0, binds.unary + 1)}))`, binds: binds.mul }),
  softplus: call('softplus'),
  add: infix('+', binds.add),
  sub: infix('-', binds.add),
  mul: infix('*', binds.mul),
  div: infix('/', binds.mul),
  pow: call('power', 2),
  max: extremum('max', 'maximum'),
  min: extremum('min', 'minimum'),
  lt: infix('<', binds.compare),
  le: infix('<=', binds.compare),
  gt: infix('>', binds.compare),
  ge: infix('>=', binds.compare),
  eq: infix('==', binds.compare),
  ne: infix('!=', binds.compare),
  choose: (x) => ({ text: `select(${x(2, 0)}, ${x(1, 0)}, ${x(0, 0)})`, binds: binds.call }),
  normal: call('normal', 4),
  uniform: call('uniformOf', 4),
  above: call('above', 2),
  below: call('below', 2),
  and: (x) => ({ text: `${x(0, binds.and)} && ${x(1, binds.and)}`, binds: binds.and }),
  // One comparison for both bounds: what is below 0 is a large unsigned number.
  within: (x) => ({ text: `u32(${x(0, 0)}) < u32(${x(1, 0)})`, binds: binds.compare }),
}

const conditions: ReadonlySet<Scalar['op']> = new Set(['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'above', 'below', 'and', 'within'])
const drawn: ReadonlySet<Scalar['op']> = new Set(['normal', 'uniform'])

/** A number as the language writes it; `infinity()` and `notANumber()` are the kernel's own. */
export const literal = (value: number, type: ValueType): string => {
  if (value === Number.POSITIVE_INFINITY) return 'infinity()'
  if (value === Number.NEGATIVE_INFINITY) return '-infinity()'
  if (Number.isNaN(value)) return 'notANumber()'
  if (type === 'int') return String(value)
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

const isName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The type that an operand must have: that of what is compared, chosen or computed. */
const wantedOf = ({ op, args, type }: Scalar, index: number): ValueType => {
  if (drawn.has(op)) return 'int'
  if (op === 'choose') return index === 0 ? 'int' : type
  if (op === 'and' || op === 'within') return 'int'
  if (conditions.has(op)) return args.some((x) => x.type === 'float') ? 'float' : 'int'
  return type
}

/** Operands in the type that is wanted of them: an integer among floats is converted. */
const converted =
  (operand: Operand, scalar: Scalar): Operand =>
  (index, atLeast) => {
    const argument = scalar.args[index]!
    if (argument.type !== 'int' || wantedOf(scalar, index) === 'int') return operand(index, atLeast)
    if (argument.op !== 'const') return `f32(${operand(index, 0)})`
    const text = literal(argument.value, 'float')
    return text.startsWith('-') && atLeast > binds.unary ? `(${text})` : text
  }

const typeOf = ({ type }: Scalar): string => (type === 'int' ? 'i32' : 'f32')

const vectorType = (vector: Scalar): string => `vec${vector.args[1]!.value}<${typeOf(vector)}>`

export const wgslSpelling = ({ reader }: Memory): Spelling => ({
  spell: (scalar, operand) => {
    const element = (index: string): string => {
      const through = reader(scalar.text, 1)
      return through === undefined ? `${scalar.text}[${index}]` : `${through}(${index})`
    }
    switch (scalar.op) {
      case 'const': {
        const text = literal(scalar.value, scalar.type)
        return { text, binds: text.startsWith('-') ? binds.unary : binds.atom }
      }
      case 'atom':
        return { text: scalar.text, binds: isName.test(scalar.text) ? binds.atom : binds.add }
      case 'load':
        return { text: element(operand(0, 0)), binds: binds.call }
      // An index outside the array is moved into it by the language: what is read there is not taken.
      case 'guarded':
        return {
          text: `select(${literal(scalar.value, scalar.type)}, ${element(operand(1, 0))}, ${operand(0, 0)})`,
          binds: binds.call,
        }
      case 'vector': {
        const loaded = `${reader(scalar.text, scalar.args[1]!.value)!}(${operand(0, 0)})`
        if (scalar.args.length === 2) return { text: loaded, binds: binds.call }
        const otherwise = `${vectorType(scalar)}(${literal(scalar.value, scalar.type)})`
        return { text: `select(${otherwise}, ${loaded}, ${operand(2, 0)})`, binds: binds.call }
      }
      case 'component':
        return { text: `${operand(0, binds.call)}.${components[scalar.value]!}`, binds: binds.call }
      default: {
        const writer = (writers as Partial<Record<Scalar['op'], Writer>>)[scalar.op]
        if (!writer) throw new Error(`WGSL has no ${scalar.op}`)
        return writer(converted(operand, scalar), scalar)
      }
    }
  },
  repeats: new Set(),
  declare: (name, scalar, text) =>
    `let ${name}: ${conditions.has(scalar.op) ? 'bool' : scalar.op === 'vector' ? vectorType(scalar) : typeOf(scalar)} = ${text};`,
})
