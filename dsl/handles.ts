/**
 * The functions of the language for callbacks: each takes handles and numbers and gives a handle. A handle is a node of the
 * untyped tree; nothing is computed or checked before the operator is declared.
 */
import { FormulaError } from './diagnostics.ts'
import type { Comparison } from './expression.ts'
import { type FunctionName, windowValues } from './functions.ts'
import { messages } from './messages.ts'
import { type Condition, callNode, compareNode, nameNode, numberNode, type Syntax, type Value } from './syntax.ts'

/** A value of a formula, in a callback. */
export type Handle = Value
/** What the functions take: a handle, or a finite number. */
export type Operand = Handle | number

const refuse = (what: string): never => {
  throw new FormulaError({ name: '', text: '' }, [messages.badOperand(what)])
}

/**
 * A number or a handle as a handle.
 * @throws FormulaError for anything else, and for numbers that are not finite.
 */
export const toHandle = (operand: Operand): Handle => {
  if (typeof operand === 'number') {
    if (!Number.isFinite(operand)) return refuse(String(operand))
    const negative = operand < 0 || Object.is(operand, -0)
    return negative ? callNode('neg', [numberNode(-operand)]) : numberNode(operand)
  }
  const known: unknown = operand
  return typeof known === 'object' && known !== null && 'kind' in known && 'depth' in known ? operand : refuse(String(known))
}

const call = (fn: FunctionName, ...operands: readonly Operand[]): Handle => callNode(fn, operands.map(toHandle))

const unary =
  (fn: FunctionName) =>
  (x: Operand): Handle =>
    call(fn, x)

const binary =
  (fn: FunctionName) =>
  (a: Operand, b: Operand): Handle =>
    call(fn, a, b)

const comparison =
  (test: Comparison) =>
  (a: Operand, b: Operand): Condition =>
    compareNode(test, toHandle(a), toHandle(b))

/** With one operand the largest or smallest over the window, with two the larger or smaller of them. */
const reduceOrCompare =
  (fn: 'max' | 'min') =>
  (a: Operand, b?: Operand): Handle =>
    b === undefined ? call(fn, a) : call(fn, a, b)

export const add = binary('add')
export const sub = binary('sub')
export const mul = binary('mul')
export const div = binary('div')
/** `a^b`. */
export const pow = binary('pow')
export const neg = unary('neg')

export const exp = unary('exp')
export const log = unary('log')
export const sqrt = unary('sqrt')
export const abs = unary('abs')
export const sign = unary('sign')
export const tanh = unary('tanh')
export const sigmoid = unary('sigmoid')
export const softplus = unary('softplus')
export const relu = unary('relu')

/** `min(max(x, lo), hi)`, with the full gradient at both bounds. */
export const clamp = (x: Operand, lo: Operand, hi: Operand): Handle => call('clamp', x, lo, hi)

export const max = reduceOrCompare('max')
export const min = reduceOrCompare('min')
export const sum = unary('sum')
export const mean = unary('mean')
/** `var` of the formulas, which JavaScript keeps for itself. */
export const variance = unary('var')
export const std = unary('std')
export const argmax = unary('argmax')
export const argmin = unary('argmin')
/** The offset in the input's plane of a tap: `flatIndex(argmax(x))`. */
export const flatIndex = unary('flatIndex')

export const lt = comparison('lt')
export const le = comparison('le')
export const gt = comparison('gt')
export const ge = comparison('ge')
export const eq = comparison('eq')
export const ne = comparison('ne')

/** `yes` where the condition holds, else `no`. */
export const select = (condition: Condition, yes: Operand, no: Operand): Handle => {
  const choices: readonly Syntax[] = [toHandle(yes), toHandle(no)]
  return callNode('select', [condition, ...choices])
}

const [countName, sizeName, tapName] = windowValues
/** The number of valid taps of the window. */
export const count: Handle = nameNode(countName)
/** The number of taps of the full window. */
export const size: Handle = nameNode(sizeName)
/** The index of the tap. */
export const tap: Handle = nameNode(tapName)
