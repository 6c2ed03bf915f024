/**
 * The elementwise functions of the language with their derivatives, written from its definition. Where the true derivative
 * of sqrt, pow or abs at 0 is infinite or undefined, it is 0.
 */
import type { BinaryFn, Comparison, UnaryFn } from '../dsl/expression.ts'
import { chain, chain2, constant, type Dual } from './dual.ts'

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

const absolute = (x: number): number => (x === 0 ? 0 : Math.sign(x))

/** A function of one value. */
export const unary = (fn: UnaryFn, a: Dual): Dual => {
  const x = a.value
  switch (fn) {
    case 'neg':
      return chain(-x, a, -1)
    case 'exp':
      return chain(Math.exp(x), a, Math.exp(x))
    case 'log':
      return chain(Math.log(x), a, x < 0 ? Number.NaN : 1 / x)
    case 'sqrt':
      return x === 0 ? constant(Math.sqrt(x)) : chain(Math.sqrt(x), a, 0.5 / Math.sqrt(x))
    case 'abs':
      return chain(Math.abs(x), a, absolute(x))
    case 'sign':
      // 0 for either zero.
      return constant(absolute(x))
    case 'sigmoid':
      // The product form keeps the small factor where sigmoid(x) rounds to 1.
      return chain(sigmoid(x), a, sigmoid(x) * sigmoid(-x))
    case 'softplus':
      return chain(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), a, sigmoid(x))
    case 'tanh':
      return chain(Math.tanh(x), a, 1 / Math.cosh(x) ** 2)
    default:
      return fn satisfies never
  }
}

/** d(a^b)/da, finite at 0: there it is 1 for b = 1 and 0 for every other b. */
const powerByBase = (a: number, b: number): number => (a === 0 ? (b === 1 ? 1 : 0) : b === 0 ? 0 : b * a ** (b - 1))

/** d(a^b)/db, 0 at a = 0. */
const powerByExponent = (a: number, b: number): number => (a === 0 ? 0 : a ** b * Math.log(a))

/** A function of two values. */
export const binary = (fn: BinaryFn, a: Dual, b: Dual, leaves: number): Dual => {
  const x = a.value
  const y = b.value
  switch (fn) {
    case 'add':
      return chain2(x + y, a, 1, b, 1, leaves)
    case 'sub':
      return chain2(x - y, a, 1, b, -1, leaves)
    case 'mul':
      return chain2(x * y, a, y, b, x, leaves)
    case 'div':
      return chain2(x / y, a, 1 / y, b, -(x / y) / y, leaves)
    case 'pow':
      return chain2(x ** y, a, powerByBase(x, y), b, powerByExponent(x, y), leaves)
    case 'max':
    case 'min': {
      const second = fn === 'max' ? x < y : x > y
      const value = Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : second ? y : x
      return second ? chain(value, b, 1) : chain(value, a, 1)
    }
    default:
      return fn satisfies never
  }
}

/** Whether a comparison holds; with a NaN only `ne` does. */
export const holds = (test: Comparison, a: number, b: number): boolean => {
  switch (test) {
    case 'lt':
      return a < b
    case 'le':
      return a <= b
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    default:
      return test satisfies never
  }
}
