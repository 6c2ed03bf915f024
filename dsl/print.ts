/**
 * Prints a tree as the text of a formula. What a callback shares is named by `let`, so that it stays one value; parsing
 * the text gives back the same tree, and so callbacks and texts go one way through the checker.
 */
import { comparisonBinding, comparisons, operators } from './functions.ts'
import { operandsOf, type Syntax } from './syntax.ts'

const loosest = 0
const tightest = Math.max(...operators.map((row) => row.binding)) + 1

const shapeText = (shape: string | readonly string[]): string =>
  typeof shape === 'string' ? shape : shape.join(', ') || 'scalar'

/** What is printed as itself wherever it stands: sharing it would only hide it. */
const isLeaf = (node: Syntax): boolean => node.kind === 'number' || node.kind === 'name'

interface Printed {
  readonly text: string
  /** How tight the outermost operator binds. */
  readonly binding: number
}

const within = (printed: Printed, binding: number): string => (printed.binding < binding ? `(${printed.text})` : printed.text)

const printNode = (node: Syntax, print: (node: Syntax) => Printed): Printed => {
  switch (node.kind) {
    case 'number':
      return { text: String(node.value), binding: tightest }
    case 'name':
      return { text: node.name, binding: tightest }
    case 'random':
      return { text: `${node.fn}(${shapeText(node.shape)})`, binding: tightest }
    case 'broken':
      return { text: '?', binding: tightest }
    case 'compare': {
      const symbol = comparisons.find((row) => row.test === node.test)?.symbol ?? '?'
      const [a, b] = [node.a, node.b].map((side) => within(print(side), comparisonBinding + 1))
      return { text: `${a} ${symbol} ${b}`, binding: comparisonBinding }
    }
    case 'call': {
      const args = node.args.map(print)
      const row = operators.find((operator) => operator.name === node.fn)
      const [a, b] = args
      if (!row || !a) return { text: `${node.fn}(${args.map((arg) => arg.text).join(', ')})`, binding: tightest }
      if (!b) return { text: `${row.symbol}${within(a, row.binding)}`, binding: row.binding }
      const space = row.name === 'pow' ? '' : ' '
      const left = within(a, row.binding + (row.associates === 'right' ? 1 : 0))
      const right = within(b, row.binding + (row.associates === 'left' ? 1 : 0))
      return { text: `${left}${space}${row.symbol}${space}${right}`, binding: row.binding }
    }
    default:
      return node satisfies never
  }
}

/** How often each node is reached; a comparison has no value that could be named, so what it compares counts each time. */
const countUses = (roots: Iterable<Syntax>): Map<Syntax, number> => {
  const uses = new Map<Syntax, number>()
  const open = [...roots]
  for (let node = open.pop(); node; node = open.pop()) {
    const before = uses.get(node) ?? 0
    uses.set(node, before + 1)
    if (before === 0 || node.kind === 'compare') open.push(...operandsOf(node))
  }
  return uses
}

/**
 * The text of a formula with these results. `taken` are the names that `let` must not give.
 */
export const printFormula = (results: ReadonlyMap<string, Syntax>, taken: Iterable<string>): string => {
  const uses = countUses(results.values())
  const used = new Set([...taken, ...results.keys()])
  const named = new Map<Syntax, Printed>()
  const lines: string[] = []
  const freshName = (): string => {
    let n = 1
    while (used.has(`v${n}`)) n++
    used.add(`v${n}`)
    return `v${n}`
  }
  const print = (node: Syntax): Printed => {
    const known = named.get(node)
    if (known) return known
    const printed = printNode(node, print)
    if ((uses.get(node) ?? 0) < 2 || isLeaf(node) || node.kind === 'compare') return printed
    const name = { text: freshName(), binding: tightest }
    named.set(node, name)
    lines.push(`let ${name.text} = ${printed.text}`)
    return name
  }
  const only = results.size === 1 && results.has('y')
  for (const [name, node] of results) {
    const { text } = print(node)
    lines.push(only ? text : `${name} = ${text}`)
  }
  return lines.join(';\n')
}

/** The text of one tree, for messages and tests; what is shared is written out each time. */
export const printSyntax = (node: Syntax): string => {
  const print = (inner: Syntax): Printed => printNode(inner, print)
  return within(print(node), loosest)
}
