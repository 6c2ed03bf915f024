/** Uses one operator's formula inside another's callback. */
import type { Declarations } from './declarations.ts'
import { FormulaError } from './diagnostics.ts'
import type { Diagnostic } from './errors.ts'
import { type Handle, type Operand, toHandle } from './handles.ts'
import { messages } from './messages.ts'
import { nearest } from './names.ts'
import type { Operator } from './operator.ts'
import { parse } from './parse.ts'
import { callNode, compareNode, nameNode, numberNode, randomNode, type Syntax, type Value } from './syntax.ts'

type Required<D extends Declarations> = { [K in keyof D]: D[K]['role'] extends 'attr' | 'random' ? never : K }[keyof D]

/** What {@link apply} takes: a value for each tensor and parameter; attributes and random values have one already. */
export type Applied<D extends Declarations> = { readonly [K in Required<D>]: Operand } & {
  readonly [K in Exclude<keyof D, Required<D>>]?: Operand
}

/** The tree again, without places in a text that is not this operator's, and with its names replaced. */
const replant = (node: Syntax, names: ReadonlyMap<string, Handle>): Value => {
  switch (node.kind) {
    case 'number':
      return numberNode(node.value)
    case 'name':
      return names.get(node.name) ?? nameNode(node.name)
    case 'random':
      return randomNode(node.fn, node.shape)
    case 'call':
      return callNode(
        node.fn,
        node.args.map((arg) =>
          arg.kind === 'compare' ? compareNode(arg.test, replant(arg.a, names), replant(arg.b, names)) : replant(arg, names),
        ),
      )
    case 'compare':
    case 'broken':
      throw new Error(`a checked formula holds no ${node.kind} here`)
    default:
      return node satisfies never
  }
}

/**
 * The results of an operator's formula, its tensors and parameters being the given values: `apply(gaussian, { x, weight: 2 }).y`.
 * Attributes not given have their defaults; random values not given are drawn anew, each with a stream of its own.
 *
 * @throws FormulaError where a value is missing or its name is unknown.
 */
export const apply = <D extends Declarations, R extends string>(
  operator: Operator<D, R>,
  values: Applied<D>,
): Readonly<Record<R, Handle>> => {
  const given = new Map(Object.entries<Operand | undefined>(values))
  const declared = Object.keys(operator.declarations)
  const wrong: Diagnostic[] = []
  for (const name of given.keys()) {
    if (!declared.includes(name)) wrong.push(messages.unknownArgument(operator.name, name, nearest(name, declared)))
  }
  const names = new Map<string, Handle>()
  for (const [name, declaration] of Object.entries(operator.declarations)) {
    const value = given.get(name)
    if (value !== undefined) names.set(name, toHandle(value))
    else if (declaration.role === 'attr') names.set(name, toHandle(declaration.value))
    else if (declaration.role === 'random') names.set(name, randomNode(declaration.fn, declaration.shape))
    else wrong.push(messages.missingArgument(operator.name, name))
  }
  if (wrong.length > 0) throw new FormulaError({ name: operator.name, text: '' }, wrong)
  const results = new Map<string, Handle>()
  for (const { name, value } of parse(operator.formula).statements) {
    const handle = replant(value, names)
    names.set(name, handle)
    if (operator.results.some((result) => result === name)) results.set(name, handle)
  }
  // Exactly the operator's results, since each is a statement of its formula.
  return Object.fromEntries(results) as Record<R, Handle>
}
