/** Declares an operator: names with roles and shapes, and a formula as text or as a callback over handles of the names. */
import type { Declarations } from './declarations.ts'
import { FormulaError } from './diagnostics.ts'
import { type Handle, type Operand, toHandle } from './handles.ts'
import { messages } from './messages.ts'
import { isName, whyReserved } from './names.ts'
import type { Operator } from './operator.ts'
import { printFormula } from './print.ts'
import { settle } from './settle.ts'
import { nameNode } from './syntax.ts'

/** What a callback gets: a handle for each name. */
export type Handles<D extends Declarations> = { readonly [K in keyof D]: Handle }
/** What a callback returns: the result `y`, or several by name. */
export type CallbackResults = Handle | Readonly<Record<string, Operand>>
/** A formula's text, or a callback that builds it. */
export type Body<D extends Declarations> = string | ((handles: Handles<D>) => CallbackResults)

/** The names of the results that a body gives; `string` where a text gives them. */
export type ResultNames<B> = B extends (...handles: never) => infer V ? (V extends Handle ? 'y' : keyof V & string) : string

/** Whether a body may make random values of its own: `false` only for a text that names neither function. */
export type MayDraw<B> = B extends string
  ? string extends B
    ? boolean
    : B extends `${string}normal${string}` | `${string}uniform${string}`
      ? boolean
      : false
  : boolean

const isHandle = (results: CallbackResults): results is Handle =>
  'kind' in results && 'depth' in results && typeof results.depth === 'number'

const printBody = <D extends Declarations>(
  name: string,
  declarations: D,
  body: (handles: Handles<D>) => CallbackResults,
): string => {
  const handles = Object.fromEntries(Object.keys(declarations).map((key) => [key, nameNode(key)])) as Handles<D>
  const results = body(handles)
  const named = isHandle(results) ? { y: results } : results
  const bad = Object.keys(named).flatMap((key) => {
    const why = whyReserved(key)
    if (!isName(key)) return [messages.malformedName(undefined, key)]
    return why === undefined ? [] : [messages.reservedName(undefined, key, why)]
  })
  if (bad.length > 0) throw new FormulaError({ name, text: '' }, bad)
  return printFormula(new Map(Object.entries(named).map(([key, value]) => [key, toHandle(value)])), Object.keys(declarations))
}

/**
 * Declares an operator and checks it, with its declared shapes and the defaults of its attributes.
 *
 * @param name - what the operator is called in messages and generated code.
 * @param declarations - by name, what `input`, `tensor`, `param`, `attr`, `normal` and `uniform` make.
 * @param body - the formula's text, or a callback that returns a handle or a record of them.
 * @throws FormulaError with all that is wrong, each with line, column, caret and remedy.
 */
export const declare = <const D extends Declarations, const B extends Body<D>>(
  name: string,
  declarations: D,
  body: B,
): Operator<D, ResultNames<B>, MayDraw<B>> => {
  const formula = typeof body === 'string' ? body : printBody(name, declarations, body)
  const checked = settle({ name, declarations, formula, results: [] })
  const results = [...checked.results.keys()] as ResultNames<B>[]
  return Object.freeze({ name, declarations: Object.freeze({ ...declarations }), formula, results: Object.freeze(results) })
}
