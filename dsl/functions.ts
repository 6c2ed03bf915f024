/**
 * The functions and operators of the language, as data: a row each. The parser, the checker, the printer and the messages
 * read these rows; how each is spelled out in the graph stands in desugar.ts.
 */
import type { Comparison } from './expression.ts'

/** What a function does with its arguments. `reduction` goes over the taps of a window. */
export type FunctionKind = 'elementwise' | 'reduction' | 'choice' | 'index'

interface Row {
  readonly name: string
  readonly kind: FunctionKind
  /** The names of its arguments, for messages. */
  readonly params: readonly string[]
  /** How many arguments may be left out at the end. */
  readonly optional?: number
}

/** Functions written as calls. With one argument `max` and `min` reduce; with two they compare. */
export const functions = [
  { name: 'exp', kind: 'elementwise', params: ['x'] },
  { name: 'log', kind: 'elementwise', params: ['x'] },
  { name: 'sqrt', kind: 'elementwise', params: ['x'] },
  { name: 'abs', kind: 'elementwise', params: ['x'] },
  { name: 'sign', kind: 'elementwise', params: ['x'] },
  { name: 'tanh', kind: 'elementwise', params: ['x'] },
  { name: 'sigmoid', kind: 'elementwise', params: ['x'] },
  { name: 'softplus', kind: 'elementwise', params: ['x'] },
  { name: 'relu', kind: 'elementwise', params: ['x'] },
  { name: 'clamp', kind: 'elementwise', params: ['x', 'lo', 'hi'] },
  { name: 'pow', kind: 'elementwise', params: ['base', 'exponent'] },
  { name: 'max', kind: 'reduction', params: ['a', 'b'], optional: 1 },
  { name: 'min', kind: 'reduction', params: ['a', 'b'], optional: 1 },
  { name: 'sum', kind: 'reduction', params: ['x'] },
  { name: 'mean', kind: 'reduction', params: ['x'] },
  { name: 'var', kind: 'reduction', params: ['x'] },
  { name: 'std', kind: 'reduction', params: ['x'] },
  { name: 'argmax', kind: 'reduction', params: ['x'] },
  { name: 'argmin', kind: 'reduction', params: ['x'] },
  { name: 'select', kind: 'choice', params: ['condition', 'a', 'b'] },
  { name: 'flatIndex', kind: 'index', params: ['tap'] },
] as const satisfies readonly Row[]

/** Arithmetic written with a sign. A higher `binding` holds its operands tighter; unary minus stands between `*` and `^`. */
export const operators = [
  { name: 'add', symbol: '+', binding: 2, associates: 'left' },
  { name: 'sub', symbol: '-', binding: 2, associates: 'left' },
  { name: 'mul', symbol: '*', binding: 3, associates: 'left' },
  { name: 'div', symbol: '/', binding: 3, associates: 'left' },
  { name: 'neg', symbol: '-', binding: 4, associates: 'prefix' },
  { name: 'pow', symbol: '^', binding: 5, associates: 'right' },
] as const

/** Comparisons bind loosest of all. */
export const comparisons = [
  { test: 'le', symbol: '<=' },
  { test: 'lt', symbol: '<' },
  { test: 'ge', symbol: '>=' },
  { test: 'gt', symbol: '>' },
  { test: 'eq', symbol: '==' },
  { test: 'ne', symbol: '!=' },
] as const satisfies readonly { readonly test: Comparison; readonly symbol: string }[]

/** What a comparison binds: looser than any arithmetic. */
export const comparisonBinding = 1

export type CallName = (typeof functions)[number]['name']
export type OperatorName = (typeof operators)[number]['name']
export type FunctionName = CallName | OperatorName
export type FunctionRow = Row & { readonly name: CallName }

const byName: ReadonlyMap<string, FunctionRow> = new Map(functions.map((row) => [row.name, row]))

/** The row of a function written as a call. */
export const functionNamed = (name: string): FunctionRow | undefined => byName.get(name)

/** Random values are written as calls too, but their argument is a shape. */
export const randomFunctions = ['normal', 'uniform'] as const
export type RandomFunction = (typeof randomFunctions)[number]
export const isRandomFunction = (name: string): name is RandomFunction => randomFunctions.some((fn) => fn === name)

/** Names that mean a value of the window itself. */
export const windowValues = ['count', 'size', 'tap'] as const
export type WindowValue = (typeof windowValues)[number]
export const isWindowValue = (name: string): name is WindowValue => windowValues.some((value) => value === name)

/** How a call is written: `clamp(x, lo, hi)`. */
export const signature = (row: FunctionRow): string => {
  const least = row.params.length - (row.optional ?? 0)
  return row.optional
    ? `${row.name}(${row.params.slice(0, least).join(', ')}) or ${row.name}(${row.params.join(', ')})`
    : `${row.name}(${row.params.join(', ')})`
}
