/**
 * The checker: from an operator's text to the graph that the compiler and the oracle read. It settles shapes and
 * attributes, gives every name its meaning, spells out sugar, computes levels, and reports all that is wrong at once.
 */
import { type SpelledOut, spellOut } from './desugar.ts'
import { FormulaError } from './diagnostics.ts'
import type { Diagnostic } from './errors.ts'
import type { CheckedOperator, Expr, Span } from './expression.ts'
import { functionNamed, isWindowValue, signature, windowValues } from './functions.ts'
import { Graph, isTapIndex } from './graph.ts'
import { describeLevel } from './level.ts'
import { messages } from './messages.ts'
import { functionNames, nearest, whyReserved } from './names.ts'
import type { Operator } from './operator.ts'
import { parse } from './parse.ts'
import { Scope, type SettleOptions } from './scope.ts'
import { maxDepth, operandsOf, type Statement, type Syntax } from './syntax.ts'

export type { SettleOptions }

class Checker {
  readonly scope: Scope
  readonly diagnostics: Diagnostic[] = []
  readonly results = new Map<string, Expr>()
  readonly names = new Map<Expr, string>()
  readonly #graph = new Graph()
  readonly #formula: string
  readonly #made = new Map<Syntax, Expr>()
  /** The statements after the one that is checked. */
  #later: readonly Statement[] = []

  constructor(operator: Operator, options: SettleOptions) {
    this.#formula = operator.formula
    this.scope = new Scope(operator, options, this.#graph, (diagnostic) => this.#report(diagnostic))
  }

  run(): void {
    const { statements, diagnostics } = parse(this.#formula)
    for (const diagnostic of diagnostics) this.#report(diagnostic)
    for (const [i, statement] of statements.entries()) {
      this.#later = statements.slice(i + 1)
      this.#state(statement)
    }
    if (diagnostics.length === 0 && !statements.some((statement) => statement.kind === 'result'))
      this.#report(messages.noResult())
    // A name in a statement that could not be parsed is used for all we know.
    if (diagnostics.length === 0) this.scope.reportUnused()
  }

  #report(diagnostic: Diagnostic): undefined {
    this.diagnostics.push(diagnostic)
    return undefined
  }

  // Statements

  #state(statement: Statement): void {
    const { name, nameSpan, value } = statement
    const expr = this.#value(value)
    const taken = this.scope.bindings.get(name)
    const why = whyReserved(name)
    if (nameSpan && name.length > 100) this.#report(messages.malformedName(nameSpan, name))
    else if (why !== undefined) this.#report(messages.reservedName(nameSpan, name, why))
    else if (taken && nameSpan) this.#report(messages.alreadyNamed(nameSpan, name, taken.as))
    else if (taken?.as === 'a result') this.#report(messages.twoUnnamed(value.span))
    else if (taken) this.#report(messages.alreadyNamed(value.span, name, taken.as))
    else
      this.scope.bindings.set(name, {
        as: statement.kind === 'let' ? 'named by let' : 'a result',
        value: expr,
        statement,
        used: false,
      })
    if (!expr) return
    const leaf = expr.op === 'const' || expr.op === 'tensor' || expr.op === 'geometry'
    if (nameSpan && !leaf && !this.names.has(expr)) this.names.set(expr, name)
    if (statement.kind === 'result') this.#addResult(name, expr, value)
  }

  #addResult(name: string, expr: Expr, value: Syntax): void {
    if (expr.level.place === 'none' || expr.level.place === 'out') {
      this.results.set(name, expr)
      return
    }
    // What of it varies so: of a sum the terms, of a call its arguments; a name or a random value speaks for itself.
    const parts = operandsOf(value)
      .flatMap((operand) => (operand.kind === 'compare' ? [operand.a, operand.b] : [operand]))
      .flatMap((operand) => {
        const part = this.#made.get(operand)
        return part && part.level.place !== 'none' ? [{ text: this.#text(operand), level: describeLevel(part.level) }] : []
      })
    const remedy = messages.reduceIt(this.#text(value))
    // One part that varies as the whole does explains nothing.
    this.#report(messages.wrongLevel(value.span, name, describeLevel(expr.level), parts.length > 1 ? parts : [], remedy))
  }

  // Values

  #text(node: Syntax): string {
    return node.span ? this.#formula.slice(node.span.start, node.span.end) : ''
  }

  /** The graph of a value; undefined where it is broken, which has then been reported. */
  #value(node: Syntax): Expr | undefined {
    const expr = this.#make(node)
    if (expr && this.#graph.depth(expr) > maxDepth) return this.#report(messages.tooDeep(maxDepth, node.span))
    if (expr) this.#made.set(node, expr)
    return expr
  }

  #make(node: Syntax): Expr | undefined {
    switch (node.kind) {
      case 'number':
        return this.#graph.from(node.span).constant(node.value)
      case 'name':
        return this.#named(node.name, node)
      case 'random':
        return this.#graph.from(node.span).random(node.fn, node.shape, this.scope.nextStream())
      case 'compare':
        for (const operand of [node.a, node.b]) if (operand.kind !== 'compare') this.#value(operand)
        return this.#report(messages.conditionAsValue(node.span))
      case 'broken':
        if (node.callee) this.#reportCallee(node.callee, node.calleeSpan)
        for (const arg of node.args) if (arg.kind !== 'compare') this.#value(arg)
        return undefined
      case 'call':
        return node.fn === 'select' ? this.#select(node.args, node) : this.#call(node.fn, node.args, node)
      default:
        return node satisfies never
    }
  }

  /** What is called is no function: it may be a value, or misspelt. */
  #reportCallee(name: string, span: Span | undefined): void {
    const binding = this.scope.bindings.get(name)
    if (binding) binding.used = true
    if (binding || isWindowValue(name)) this.#report(messages.notAFunction(span, name))
    else this.#report(messages.unknownFunction(span, name, nearest(name, functionNames), functionNames))
  }

  #named(name: string, node: Syntax): Expr | undefined {
    if (isWindowValue(name)) return this.#graph.from(node.span).geometry(name)
    const binding = this.scope.bindings.get(name)
    if (binding) {
      binding.used = true
      return binding.value
    }
    const row = functionNamed(name)
    if (row) return this.#report(messages.functionAsValue(node.span, name, signature(row)))
    const why = whyReserved(name)
    if (why !== undefined) return this.#report(messages.reservedName(node.span, name, why))
    if (this.#later.some((statement) => statement.name === name && statement.nameSpan))
      return this.#report(messages.usedBefore(node.span, name))
    const known = [...this.scope.bindings.keys()]
    const suggestion = nearest(name, [...known, ...windowValues])
    // What was meant is used: calling it unused as well would say one mistake twice.
    const meant = suggestion === undefined ? undefined : this.scope.bindings.get(suggestion)
    if (meant) meant.used = true
    return this.#report(messages.unknownName(node.span, name, suggestion, known))
  }

  #select(args: readonly Syntax[], node: Syntax): Expr | undefined {
    const [condition, ...choices] = args
    if (condition?.kind !== 'compare') {
      for (const arg of args) this.#value(arg)
      if (condition?.kind === 'broken') return undefined
      return this.#report(messages.valueAsCondition(condition?.span, condition ? this.#text(condition) : ''))
    }
    const [a, b, yes, no] = [condition.a, condition.b, ...choices].map((operand) => this.#value(operand))
    return a && b && yes && no && this.#graph.from(node.span).select(condition.test, a, b, yes, no)
  }

  #call(fn: SpelledOut, operands: readonly Syntax[], node: Syntax): Expr | undefined {
    const args = operands.map((operand) => this.#value(operand))
    const given = args.filter((arg) => arg !== undefined)
    const [first, ...rest] = given
    if (!first || given.length < args.length) return undefined
    if (fn === 'flatIndex' && !isTapIndex(first)) {
      const [operand] = operands
      return this.#report(messages.notATap(operand?.span, operand ? this.#text(operand) : ''))
    }
    return spellOut(this.#graph.from(node.span), fn, [first, ...rest])
  }
}

/** Whether a value is made from the seed: whether a random value that is not handed in can be reached. */
const needsSeed = (roots: Iterable<Expr>, handedIn: readonly string[]): boolean => {
  const seen = new Set<Expr>()
  const open = [...roots]
  for (let expr = open.pop(); expr; expr = open.pop()) {
    if (seen.has(expr)) continue
    seen.add(expr)
    if (expr.op === 'random' && (expr.name === undefined || !handedIn.includes(expr.name))) return true
    if ('a' in expr) open.push(expr.a)
    if ('b' in expr) open.push(expr.b)
    if ('yes' in expr) open.push(expr.yes, expr.no)
  }
  return false
}

/**
 * Checks an operator and settles what was left open: shapes, attributes, and which random values are handed in.
 *
 * @throws FormulaError with all that is wrong, in the declarations, the options and the formula.
 */
export const settle = (operator: Operator, options: SettleOptions = {}): CheckedOperator => {
  const checker = new Checker(operator, options)
  checker.run()
  const { name, formula } = operator
  if (checker.diagnostics.length > 0) throw new FormulaError({ name, text: formula }, checker.diagnostics)
  const { results, names } = checker
  const { tensors, attrs } = checker.scope
  return { name, formula, tensors, attrs, results, names, seeded: needsSeed(results.values(), options.handIn ?? []) }
}
