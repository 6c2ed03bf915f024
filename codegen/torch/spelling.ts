/** How PyTorch writes what the IR computes: tables, with how tightly each form binds. */
import type { BinaryFn, Comparison, UnaryFn } from '../../dsl/expression.ts'

/** A text and how tightly it binds: a sum least, a call or a name most. */
export interface Spelled {
  readonly text: string
  readonly binds: number
}

export const binding = { sum: 1, product: 2, negation: 3, atom: 4 } as const

export const atom = (text: string): Spelled => ({ text, binds: binding.atom })

/** Bracketed where it binds less tightly than it has to. */
export const within = ({ text, binds }: Spelled, atLeast: number): string => (binds < atLeast ? `(${text})` : text)

export const unaryFunctions: Readonly<Record<Exclude<UnaryFn, 'neg'>, string>> = {
  exp: 'torch.exp',
  log: 'torch.log',
  sqrt: 'torch.sqrt',
  abs: 'torch.abs',
  sign: 'torch.sign',
  sigmoid: 'torch.sigmoid',
  softplus: 'softplus',
  tanh: 'torch.tanh',
}

export const infix: Readonly<Record<'add' | 'sub' | 'mul' | 'div', { readonly sign: string; readonly binds: number }>> = {
  add: { sign: '+', binds: binding.sum },
  sub: { sign: '-', binds: binding.sum },
  mul: { sign: '*', binds: binding.product },
  div: { sign: '/', binds: binding.product },
}

/** Functions of two tensors. */
export const binaryFunctions: Readonly<Record<Exclude<BinaryFn, keyof typeof infix>, string>> = {
  pow: 'torch.pow',
  max: 'torch.maximum',
  min: 'torch.minimum',
}

export const comparisons: Readonly<Record<Comparison, string>> = { lt: '<', le: '<=', gt: '>', ge: '>=', eq: '==', ne: '!=' }

/** Integers up to here are written without an exponent; Python takes the others for integers, which no tensor holds. */
const largestInteger = 2 ** 53

/** Whether a number stays as it is, but for rounding, in 32 bits. */
export const isFloat32 = (value: number): boolean => Number.isFinite(value) === Number.isFinite(Math.fround(value))

/** A number as Python writes it. */
export const numberText = (value: number): string => {
  if (Number.isNaN(value)) return 'float("nan")'
  if (!Number.isFinite(value)) return value > 0 ? 'float("inf")' : '-float("inf")'
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && Math.abs(value) > largestInteger ? value.toExponential() : String(value)
}
