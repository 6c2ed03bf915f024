/** An operator from a formula alone, as the command line takes it: nothing is declared, so the names say what they are. */
import { attr, type Declaration, type Declarations, input, param, tensor } from './declarations.ts'
import { FormulaError } from './diagnostics.ts'
import { isWindowValue } from './functions.ts'
import { messages } from './messages.ts'
import { functionNames, isName, whyReserved } from './names.ts'
import type { Operator } from './operator.ts'
import { parse } from './parse.ts'
import { settle } from './settle.ts'
import type { ParamShape } from './shapes.ts'
import { operandsOf, type Syntax } from './syntax.ts'

/** What is known of a formula's names. */
export interface FreeFormulaOptions {
  /** What the operator is called; `formula` by default. */
  readonly name?: string
  /** Names of further tensors of the input's shape. */
  readonly tensors?: readonly string[]
  /** Attributes and their values. */
  readonly attrs?: Readonly<Record<string, number>>
  /** Shapes of parameters; those not named are scalars. */
  readonly paramShapes?: Readonly<Record<string, ParamShape>>
  /** The parameters that are given, where that is known: any other name is then unknown, and a misspelling is found. */
  readonly params?: readonly string[]
}

/** The names that values read, in the order of the text. */
const namesIn = (root: Syntax): string[] => {
  const found: string[] = []
  const open = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.kind === 'name') found.push(node.name)
    open.push(...operandsOf(node).toReversed())
  }
  return found
}

/**
 * The operator of a formula in which `x` is the input, `tensors` are further tensors, `attrs` are attributes, and any other
 * free name is a parameter.
 *
 * @throws FormulaError with all that is wrong.
 */
export const operatorFromFormula = (text: string, options: FreeFormulaOptions = {}): Operator => {
  const { name = 'formula', tensors = [], attrs = {}, paramShapes = {}, params } = options
  const { statements } = parse(text)
  const declarations = new Map<string, Declaration>([['x', input()]])
  const twice: string[] = []
  const give = (key: string, declaration: Declaration): void => {
    if (declarations.has(key)) twice.push(key)
    declarations.set(key, declaration)
  }
  for (const key of tensors) give(key, tensor())
  for (const [key, value] of Object.entries(attrs)) give(key, attr(value))
  const shapeOf = (key: string): ParamShape => (Object.hasOwn(paramShapes, key) ? (paramShapes[key] ?? 'scalar') : 'scalar')
  // What is given is declared even where the formula has no use for it: settle then says so.
  for (const key of new Set([...(params ?? []), ...Object.keys(paramShapes)])) give(key, param(shapeOf(key)))

  const named = new Set(statements.flatMap((statement) => (statement.nameSpan ? [statement.name] : [])))
  const free = new Set(statements.flatMap((statement) => namesIn(statement.value)))
  for (const key of free) {
    const known = declarations.has(key) || named.has(key) || isWindowValue(key) || functionNames.includes(key)
    if (known || params !== undefined || !isName(key) || whyReserved(key) !== undefined) continue
    declarations.set(key, param(shapeOf(key)))
  }
  if (twice.length > 0) {
    throw new FormulaError(
      { name, text },
      twice.map((key) => messages.alreadyNamed(undefined, key, 'given as something else')),
    )
  }
  const bare = { name, declarations: Object.fromEntries(declarations) satisfies Declarations, formula: text, results: [] }
  return { ...bare, results: [...settle(bare).results.keys()] }
}
