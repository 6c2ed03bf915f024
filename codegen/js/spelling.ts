/** How JavaScript writes scalars. Arithmetic is in double; values are rounded where they are stored. */
import type { Spelling } from '../emit/block.ts'
import type { KeyOp, Scalar, SharedOp } from '../emit/scalar.ts'
import { call, callBinds, infix, type Operand, type Written } from '../emit/writers.ts'

/** How tightly operators bind, after the language's own table. */
const binds = {
  choose: 1,
  or: 2,
  xor: 3,
  and: 4,
  equality: 5,
  compare: 6,
  shift: 7,
  add: 8,
  mul: 9,
  unary: 10,
  power: 11,
  call: callBinds,
  atom: 100,
} as const

type Writer = (operand: Operand) => Written

/** What puts the key of -inf at the least integer and wraps NaNs to the top (fold.ts); one more where -0 and +0 are one key. */
const keyShift = 2 ** 23 - 1
const placeKeyShift = 2 ** 23

/** The greatest `placeKey` that is no NaN: that of +inf. */
const infinityKey = 0x7f800000 - placeKeyShift

const writers: Record<SharedOp | KeyOp, Writer> = {
  // JavaScript has no -a ** b: a power is put into brackets.
  neg: (x) => ({ text: `-${x(0, binds.power + 1)}`, binds: binds.unary }),
  exp: call('Math.exp'),
  log: call('Math.log'),
  sqrt: call('Math.sqrt'),
  abs: call('Math.abs'),
  sign: call('Math.sign'),
  tanh: call('Math.tanh'),
  sigmoid: (x) => ({ text: `1 / (1 + Math.exp(-${x(0, binds.power + 1)}))`, binds: binds.mul }),
  softplus: call('softplus'),
  add: infix('+', binds.add),
  sub: infix('-', binds.add),
  mul: infix('*', binds.mul),
  div: infix('/', binds.mul),
  pow: (x) => ({ text: `${x(0, binds.power + 1)} ** ${x(1, binds.power)}`, binds: binds.power }),
  max: call('Math.max', 2),
  min: call('Math.min', 2),
  lt: infix('<', binds.compare),
  le: infix('<=', binds.compare),
  gt: infix('>', binds.compare),
  ge: infix('>=', binds.compare),
  eq: infix('===', binds.equality),
  ne: infix('!==', binds.equality),
  choose: (x) => ({ text: `${x(0, binds.choose + 1)} ? ${x(1, binds.choose + 1)} : ${x(2, binds.choose)}`, binds: binds.choose }),
  normal: call('normal', 4),
  uniform: call('uniform', 4),
  above: (x) => ({
    text: `-((${x(0, binds.compare)} > ${x(1, binds.compare + 1)}) | (${x(0, binds.equality)} !== ${x(0, binds.equality + 1)}))`,
    binds: binds.unary,
  }),
  below: (x) => ({
    text: `-((${x(0, binds.compare)} < ${x(1, binds.compare + 1)}) | (${x(0, binds.equality)} !== ${x(0, binds.equality + 1)}))`,
    binds: binds.unary,
  }),
  pick: (x) => ({
    text: `${x(1, binds.xor)} ^ ((${x(1, binds.xor)} ^ ${x(2, binds.xor + 1)}) & ${x(0, binds.and + 1)})`,
    binds: binds.xor,
  }),
  flip: (x) => ({ text: `${x(0, binds.xor)} ^ -2147483648`, binds: binds.xor }),
  key: (x) => ({ text: `((${x(0, binds.xor)} ^ ((${x(0, binds.shift)} >> 31) >>> 1)) - ${keyShift}) | 0`, binds: binds.or }),
  unkey: call('unkey'),
  larger: (x) => ({
    text: `${x(0, binds.xor)} ^ ((${x(0, binds.xor)} ^ ${x(1, binds.xor + 1)}) & -((${x(1, binds.compare)} > ${x(0, binds.compare + 1)}) | 0))`,
    binds: binds.xor,
  }),
  placeKey: (x) => ({
    text: `((${x(0, binds.xor)} ^ ((${x(0, binds.shift)} >> 31) >>> 1)) - (${x(0, binds.shift)} >> 31) - ${placeKeyShift}) | 0`,
    binds: binds.or,
  }),
  later: (x) => ({
    text: `-((${x(0, binds.compare)} > ${x(1, binds.compare + 1)}) | (${x(0, binds.compare)} > ${infinityKey}))`,
    binds: binds.unary,
  }),
  exceeds: (x) => ({ text: `-((${x(0, binds.compare)} > ${x(1, binds.compare + 1)}) | 0)`, binds: binds.unary }),
  tapOf: call('tapOf', 7),
}

const literal = (scalar: Scalar): { text: string; binds: number } => {
  const { value } = scalar
  if (value === Number.POSITIVE_INFINITY) return { text: 'Infinity', binds: binds.atom }
  return { text: scalar.text, binds: value < 0 || Object.is(value, -0) ? binds.unary : binds.atom }
}

/** Atoms may be sums of names; an index stands between brackets, elsewhere they are put in parentheses. */
const isName = /^[A-Za-z_$][A-Za-z0-9_$]*$/

export const jsSpelling: Spelling = {
  spell: (scalar, operand) => {
    switch (scalar.op) {
      case 'const':
        return literal(scalar)
      case 'atom':
        return { text: scalar.text, binds: isName.test(scalar.text) ? binds.atom : binds.add }
      case 'load':
        return { text: `${scalar.text}[${operand(0, 0)}]`, binds: binds.call }
      default: {
        const writer = (writers as Partial<Record<Scalar['op'], Writer>>)[scalar.op]
        if (!writer) throw new Error(`JavaScript has no ${scalar.op}`)
        return writer(operand)
      }
    }
  },
  repeats: new Set(['above', 'below', 'pick', 'key', 'larger', 'placeKey', 'later']),
  declare: (name, _scalar, text) => `const ${name} = ${text}`,
}
