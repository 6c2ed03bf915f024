/** How CUDA C++ writes scalars. Integers are `int` or the kernel's index type; floats are of the kernel's arithmetic. */
import type { Spelling } from '../emit/block.ts'
import type { ConditionOp, PairOp, Scalar, SharedOp } from '../emit/scalar.ts'
import { call, callBinds, extremum, infix, type Operand, type Written } from '../emit/writers.ts'
import { components } from '../gpu/access.ts'
import type { Memory, Real } from '../gpu/dialect.ts'

/** How tightly operators bind, after the language's own table. */
const binds = {
  choose: 1,
  or: 2,
  and: 3,
  equality: 4,
  compare: 5,
  add: 6,
  mul: 7,
  unary: 8,
  call: callBinds,
  atom: 100,
} as const

type Writer = (operand: Operand, scalar: Scalar, real: Real) => Written

/** A function of the language, whose name tells the type. */
const math =
  (name: string): Writer =>
  (x, _, real) => ({ text: `${name}${real === 'float' ? 'f' : ''}(${x(0, 0)})`, binds: binds.call })
const beats =
  (sign: string): Writer =>
  (x) => ({
    text: `${x(0, binds.compare)} ${sign} ${x(1, binds.compare + 1)} || ${x(0, binds.equality)} != ${x(0, binds.equality + 1)}`,
    binds: binds.or,
  })

const writers: Record<SharedOp | ConditionOp | PairOp, Writer> = {
  neg: (x) => ({ text: `-${x(0, binds.unary + 1)}`, binds: binds.unary }),
  exp: math('exp'),
  log: math('log'),
  sqrt: math('sqrt'),
  abs: (x, { type }, real) => ({
    text: `${type === 'int' ? 'abs' : real === 'float' ? 'fabsf' : 'fabs'}(${x(0, 0)})`,
    binds: binds.call,
  }),
  sign: call('signOf'),
  tanh: math('tanh'),
  sigmoid: (x, _, real) => ({ text: `1 / (1 + exp${real === 'float' ? 'f' : ''}(-${x(0, binds.unary + 1)}))`, binds: binds.mul }),
  softplus: call('softplus'),
  add: infix('+', binds.add),
  sub: infix('-', binds.add),
  mul: infix('*', binds.mul),
  // Integers that make a float would be divided as integers.
  div: (x, { args, type }, real) => {
    const whole = type === 'float' && args.every((a) => a.type === 'int')
    return {
      text: `${whole ? `(${real})` : ''}${x(0, whole ? binds.unary : binds.mul)} / ${x(1, binds.mul + 1)}`,
      binds: binds.mul,
    }
  },
  pow: (x, { args }, real) => {
    // C gives 1 for 1 ^ NaN and for (-1) ^ inf, where the language gives NaN; a finite exponent needs no care.
    const finite = args[1]?.op === 'const' && Number.isFinite(args[1].value)
    const name = finite ? `pow${real === 'float' ? 'f' : ''}` : 'power'
    return { text: `${name}(${x(0, 0)}, ${x(1, 0)})`, binds: binds.call }
  },
  max: extremum('max', 'maximum'),
  min: extremum('min', 'minimum'),
  lt: infix('<', binds.compare),
  le: infix('<=', binds.compare),
  gt: infix('>', binds.compare),
  ge: infix('>=', binds.compare),
  eq: infix('==', binds.equality),
  ne: infix('!=', binds.equality),
  choose: (x) => ({ text: `${x(0, binds.choose + 1)} ? ${x(1, binds.choose + 1)} : ${x(2, binds.choose)}`, binds: binds.choose }),
  normal: call('normal', 4),
  uniform: call('uniform', 4),
  above: beats('>'),
  below: beats('<'),
  maxOfPairs: call('maximumOfPairs', 2),
  minOfPairs: call('minimumOfPairs', 2),
  and: infix('&&', binds.and),
  // One comparison for both bounds: what is below 0 is a large unsigned number.
  within: (x) => ({
    text: `(unsigned)${x(0, binds.atom)} < (unsigned)${x(1, binds.atom)}`,
    binds: binds.compare,
  }),
}

/** What is called as a function, of which there is one for each type of float. */
const functions: ReadonlySet<Scalar['op']> = new Set([
  'exp',
  'log',
  'sqrt',
  'abs',
  'sign',
  'tanh',
  'sigmoid',
  'softplus',
  'pow',
  'max',
  'min',
])

/** Integers among a function's operands as floats: for an integer the language would not know which function is meant. */
const asFloats =
  (operand: Operand, { args }: Scalar, real: Real): Operand =>
  (index, atLeast) => {
    const argument = args[index]!
    if (argument.type !== 'int') return operand(index, atLeast)
    if (argument.op !== 'const') return `(${real})${operand(index, binds.atom)}`
    const text = literal(argument.value, 'float', real)
    return text.startsWith('-') && atLeast > binds.unary ? `(${text})` : text
  }

const conditions: ReadonlySet<Scalar['op']> = new Set(['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'above', 'below', 'and', 'within'])

/** A number as the language writes it; `infinity` and `notANumber` are the kernel's own. */
export const literal = (value: number, type: 'float' | 'int', real: Real): string => {
  if (value === Number.POSITIVE_INFINITY) return 'infinity'
  if (value === Number.NEGATIVE_INFINITY) return '-infinity'
  if (Number.isNaN(value)) return 'notANumber'
  // The least has no literal of its own: it would be of a wider type.
  if (type === 'int') return value === -(2 ** 31) ? '(-2147483647 - 1)' : String(value)
  const text = Object.is(value, -0) ? '-0' : String(value)
  return `${/[.e]/.test(text) ? text : `${text}.0`}${real === 'float' ? 'f' : ''}`
}

const isName = /^[A-Za-z_][A-Za-z0-9_]*$/

export const cudaSpelling = (real: Real, { widen, vector, element: elementOf }: Memory): Spelling => {
  const widthOf = ({ op, args }: Scalar): number => (op === 'vector' ? args[1]!.value : widthOf(args[0]!))
  const isVector = ({ op }: Scalar): boolean => op === 'vector' || op === 'maxOfPairs' || op === 'minOfPairs'
  const element = (array: string, index: string): string => {
    const through = widen(array)
    return through ? `${through}(${array}[${index}])` : `${array}[${index}]`
  }
  return {
    spell: (scalar, operand) => {
      switch (scalar.op) {
        case 'const': {
          const text = literal(scalar.value, scalar.type, real)
          return { text, binds: text.startsWith('-') ? binds.unary : binds.atom }
        }
        case 'atom':
          return { text: scalar.text, binds: isName.test(scalar.text) ? binds.atom : binds.add }
        case 'load':
          return { text: element(scalar.text, operand(0, 0)), binds: binds.call }
        case 'guarded': {
          const otherwise = literal(scalar.value, scalar.type, real)
          return {
            text: `${operand(0, binds.choose + 1)} ? ${element(scalar.text, operand(1, 0))} : ${otherwise}`,
            binds: binds.choose,
          }
        }
        case 'vector': {
          const width = widthOf(scalar)
          const type = vector(scalar.text, width)
          const loaded = `*(const ${type}*)(${scalar.text} + ${operand(0, binds.add + 1)})`
          if (scalar.args.length === 2) return { text: loaded, binds: binds.unary }
          const otherwise = Array.from({ length: width }, () => elementOf(scalar.text, scalar.value)).join(', ')
          return { text: `${operand(2, binds.choose + 1)} ? ${loaded} : make_${type}(${otherwise})`, binds: binds.choose }
        }
        case 'component': {
          const text = `${operand(0, binds.call)}.${components[scalar.value]!}`
          const through = widen(scalar.text)
          return { text: through ? `${through}(${text})` : text, binds: binds.call }
        }
        default: {
          const writer = (writers as Partial<Record<Scalar['op'], Writer>>)[scalar.op]
          if (!writer) throw new Error(`CUDA has no ${scalar.op}`)
          return writer(
            functions.has(scalar.op) && scalar.type === 'float' ? asFloats(operand, scalar, real) : operand,
            scalar,
            real,
          )
        }
      }
    },
    repeats: new Set(['above', 'below']),
    declare: (name, scalar, text) => {
      if (isVector(scalar)) return `const ${vector(scalar.text, widthOf(scalar))} ${name} = ${text};`
      return `const ${conditions.has(scalar.op) ? 'bool' : scalar.type === 'int' ? 'int' : real} ${name} = ${text};`
    },
  }
}
