/**
 * The checker: from an operator's text to the graph that the compiler and the oracle read. It settles shapes and
 * attributes, gives every name its meaning, spells out sugar, computes levels, and reports all that is wrong at once.
 */
import type { Declaration } from './declarations.ts'
import { spellOut } from './desugar.ts'
import { FormulaError } from './diagnostics.ts'
import type { Diagnostic } from './errors.ts'
import type { CheckedOperator, Expr, Span, TensorDecl } from './expression.ts'
import { functionNamed, isWindowValue, signature, windowValues } from './functions.ts'
import { Graph, isTapIndex } from './graph.ts'
import { describeLevel, levels } from './level.ts'
import { messages } from './messages.ts'
import { functionNames, isName, nearest, whyReserved } from './names.ts'
import type { Operator } from './operator.ts'
import { parse } from './parse.ts'
import { isParamShape, readShape } from './shape-names.ts'
import { type RandomShape, shapeLevel } from './shapes.ts'
import { maxDepth, operandsOf, type Statement, type Syntax } from './syntax.ts'

/** What is decided when a kernel is made. */
export interface SettleOptions {
  /** Other shapes than those declared, for parameters and random values. */
  readonly shapes?: Readonly<Record<string, RandomShape>>
  /** Other values than the defaults, for attributes. */
  readonly attrs?: Readonly<Record<string, number>>
  /** Declared random values that are handed in instead of made. */
  readonly handIn?: readonly string[]
}

/** What a name means. `value` is absent where it is broken; nothing more is said of what uses it. */
interface Binding {
  readonly as: string
  readonly value: Expr | undefined
  readonly statement?: Statement
  used: boolean
}

const roleNames: Readonly<Record<Declaration['role'], string>> = {
  input: 'the input',
  tensor: 'a tensor',
  param: 'a parameter',
  attr: 'an attribute',
  random: 'a random value',
}

class Checker {
  readonly diagnostics: Diagnostic[] = []
  readonly tensors: TensorDecl[] = []
  readonly attrs: Record<string, number> = {}
  readonly results = new Map<string, Expr>()
  readonly names = new Map<Expr, string>()
  readonly #graph = new Graph()
  readonly #bindings = new Map<string, Binding>()
  readonly #operator: Operator
  readonly #options: SettleOptions
  #streams = 0

  constructor(operator: Operator, options: SettleOptions) {
    this.#operator = operator
    this.#options = options
  }

  run(): void {
    this.#declareAll()
    const { statements, diagnostics } = parse(this.#operator.formula)
    for (const diagnostic of diagnostics) this.#report(diagnostic)
    for (const [i, statement] of statements.entries()) this.#state(statement, statements.slice(i + 1))
    if (diagnostics.length === 0 && !statements.some((statement) => statement.kind === 'result'))
      this.#report(messages.noResult())
    // A name in a statement that could not be parsed is used for all we know.
    if (diagnostics.length === 0) this.#reportUnused()
  }

  #report(diagnostic: Diagnostic): undefined {
    this.diagnostics.push(diagnostic)
    return undefined
  }

  // Declarations

  #declareAll(): void {
    const declared = Object.entries(this.#operator.declarations)
    const inputs = declared.filter(([, declaration]) => declaration.role === 'input').map(([name]) => name)
    if (inputs.length !== 1) this.#report(messages.inputs(inputs))
    this.#checkOptions(declared)
    for (const [name, declaration] of declared) {
      const why = whyReserved(name)
      if (!isName(name)) this.#report(messages.malformedName(undefined, name))
      else if (why !== undefined) this.#report(messages.reservedName(undefined, name, why))
      this.#bindings.set(name, {
        as: roleNames[declaration.role],
        value: this.#declare(name, declaration),
        used: declaration.role === 'input',
      })
    }
  }

  #checkOptions(declared: readonly (readonly [string, Declaration])[]): void {
    const known = {
      shapes: declared.filter(([, { role }]) => role === 'param' || role === 'random'),
      attrs: declared.filter(([, { role }]) => role === 'attr'),
      handIn: declared.filter(([, { role }]) => role === 'random'),
    }
    const given = {
      shapes: Object.keys(this.#options.shapes ?? {}),
      attrs: Object.keys(this.#options.attrs ?? {}),
      handIn: this.#options.handIn ?? [],
    }
    for (const what of ['shapes', 'attrs', 'handIn'] as const) {
      const names = known[what].map(([name]) => name)
      for (const name of given[what])
        if (!names.includes(name)) this.#report(messages.notToSettle(name, what, nearest(name, names)))
    }
  }

  #declare(name: string, declaration: Declaration): Expr | undefined {
    switch (declaration.role) {
      case 'input':
      case 'tensor':
        this.tensors.push({ name, role: declaration.role })
        return this.#graph.tensor(name, declaration.role, levels.input)
      case 'param': {
        const shape = this.#shape(name, declaration.shape)
        if (shape === undefined) return undefined
        if (!isParamShape(shape)) return this.#report(messages.paramShapedAsInput(name, shape))
        this.tensors.push({ name, role: 'param', shape })
        return this.#graph.tensor(name, 'param', shapeLevel(shape))
      }
      case 'attr': {
        const value = own(this.#options.attrs, name) ?? declaration.value
        if (!Number.isFinite(value)) return this.#report(messages.badAttr(name, value))
        this.attrs[name] = value
        return this.#graph.constant(value)
      }
      case 'random': {
        const shape = this.#shape(name, declaration.shape)
        const stream = this.#streams++
        if (shape === undefined) return undefined
        if (this.#options.handIn?.includes(name)) this.tensors.push({ name, role: 'noise', shape })
        return this.#graph.random(declaration.fn, shape, stream, name)
      }
      default:
        declaration satisfies never
        return this.#report(messages.badDeclaration(name))
    }
  }

  #shape(name: string, declared: RandomShape): RandomShape | undefined {
    const reading = readShape(own(this.#options.shapes, name) ?? declared)
    if ('shape' in reading) return reading.shape
    return this.#report(messages.badShape(undefined, reading.wrong, reading.suggestion))
  }

  // Statements

  #state(statement: Statement, later: readonly Statement[]): void {
    const { name, nameSpan, value } = statement
    const expr = this.#value(value, later)
    const taken = this.#bindings.get(name)
    const why = whyReserved(name)
    if (nameSpan && name.length > 100) this.#report(messages.malformedName(nameSpan, name))
    else if (why !== undefined) this.#report(messages.reservedName(nameSpan, name, why))
    else if (taken && nameSpan) this.#report(messages.alreadyNamed(nameSpan, name, taken.as))
    else if (taken?.as === 'a result') this.#report(messages.twoUnnamed(value.span))
    else if (taken) this.#report(messages.alreadyNamed(value.span, name, taken.as))
    else
      this.#bindings.set(name, {
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
        const part = this.#levels.get(operand)
        return part && part.level.place !== 'none' ? [{ text: this.#text(operand), level: describeLevel(part.level) }] : []
      })
    const remedy = messages.reduceIt(this.#text(value))
    // One part that varies as the whole does explains nothing.
    this.#report(messages.wrongLevel(value.span, name, describeLevel(expr.level), parts.length > 1 ? parts : [], remedy))
  }

  #reportUnused(): void {
    for (const [name, binding] of this.#bindings) {
      if (binding.used) continue
      if (!binding.statement) this.#report(messages.unusedDeclaration(name, binding.as))
      else if (binding.statement.kind === 'let') this.#report(messages.unusedLet(binding.statement.nameSpan, name))
    }
  }

  // Values

  readonly #levels = new Map<Syntax, Expr>()

  #text(node: Syntax): string {
    return node.span ? this.#operator.formula.slice(node.span.start, node.span.end) : ''
  }

  /** The graph of a value; undefined where it is broken, which has then been reported. */
  #value(node: Syntax, later: readonly Statement[]): Expr | undefined {
    const expr = this.#make(node, later)
    if (expr && this.#graph.depth(expr) > maxDepth) return this.#report(messages.tooDeep(maxDepth, node.span))
    if (expr) this.#levels.set(node, expr)
    return expr
  }

  #make(node: Syntax, later: readonly Statement[]): Expr | undefined {
    switch (node.kind) {
      case 'number':
        return this.#graph.from(node.span).constant(node.value)
      case 'name':
        return this.#named(node.name, node, later)
      case 'random':
        return this.#graph.from(node.span).random(node.fn, node.shape, this.#streams++)
      case 'compare':
        for (const operand of [node.a, node.b]) if (operand.kind !== 'compare') this.#value(operand, later)
        return this.#report(messages.conditionAsValue(node.span))
      case 'broken':
        if (node.callee) this.#reportCallee(node.callee, node.calleeSpan)
        for (const arg of node.args) if (arg.kind !== 'compare') this.#value(arg, later)
        return undefined
      case 'call':
        return node.fn === 'select' ? this.#select(node.args, node, later) : this.#call(node.fn, node.args, node, later)
      default:
        return node satisfies never
    }
  }

  /** What is called is no function: it may be a value, or misspelt. */
  #reportCallee(name: string, span: Span | undefined): void {
    const binding = this.#bindings.get(name)
    if (binding) binding.used = true
    if (binding || isWindowValue(name)) this.#report(messages.notAFunction(span, name))
    else this.#report(messages.unknownFunction(span, name, nearest(name, functionNames), functionNames))
  }

  #named(name: string, node: Syntax, later: readonly Statement[]): Expr | undefined {
    if (isWindowValue(name)) return this.#graph.from(node.span).geometry(name)
    const binding = this.#bindings.get(name)
    if (binding) {
      binding.used = true
      return binding.value
    }
    const row = functionNamed(name)
    if (row) return this.#report(messages.functionAsValue(node.span, name, signature(row)))
    const why = whyReserved(name)
    if (why !== undefined) return this.#report(messages.reservedName(node.span, name, why))
    if (later.some((statement) => statement.name === name && statement.nameSpan))
      return this.#report(messages.usedBefore(node.span, name))
    const known = [...this.#bindings.keys()]
    const suggestion = nearest(name, [...known, ...windowValues])
    // What was meant is used: calling it unused as well would say one mistake twice.
    const meant = suggestion === undefined ? undefined : this.#bindings.get(suggestion)
    if (meant) meant.used = true
    return this.#report(messages.unknownName(node.span, name, suggestion, known))
  }

  #select(args: readonly Syntax[], node: Syntax, later: readonly Statement[]): Expr | undefined {
    const [condition, ...choices] = args
    if (condition?.kind !== 'compare') {
      for (const arg of args) this.#value(arg, later)
      if (condition?.kind === 'broken') return undefined
      return this.#report(messages.valueAsCondition(condition?.span, condition ? this.#text(condition) : ''))
    }
    const [a, b, yes, no] = [condition.a, condition.b, ...choices].map((operand) => this.#value(operand, later))
    return a && b && yes && no && this.#graph.from(node.span).select(condition.test, a, b, yes, no)
  }

  #call(
    fn: Exclude<Parameters<typeof spellOut>[1], 'select'>,
    operands: readonly Syntax[],
    node: Syntax,
    later: readonly Statement[],
  ): Expr | undefined {
    const args = operands.map((operand) => this.#value(operand, later))
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

/** An option of this very name: what every object inherits is no option. */
const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined

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
  const { tensors, attrs, results, names } = checker
  return { name, formula, tensors, attrs, results, names, seeded: needsSeed(results.values(), options.handIn ?? []) }
}
