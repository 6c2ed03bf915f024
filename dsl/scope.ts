/**
 * What the names of an operator mean before its formula is read: its declarations, with the shapes, values and random
 * values that were settled. And, once it is read, which of the names were of no use.
 */
import type { Declaration } from './declarations.ts'
import type { Diagnostic } from './errors.ts'
import type { Expr, TensorDecl } from './expression.ts'
import type { Graph } from './graph.ts'
import { levels } from './level.ts'
import { messages } from './messages.ts'
import { isName, nearest, whyReserved } from './names.ts'
import type { Operator } from './operator.ts'
import { isParamShape, readShape } from './shape-names.ts'
import { type RandomShape, shapeLevel } from './shapes.ts'
import type { Statement } from './syntax.ts'

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
export interface Binding {
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

/** An option of this very name: what every object inherits is no option. */
const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined

/** The names of an operator, with what they mean. */
export class Scope {
  readonly bindings = new Map<string, Binding>()
  readonly tensors: TensorDecl[] = []
  readonly attrs: Record<string, number> = {}
  readonly #options: SettleOptions
  readonly #graph: Graph
  readonly #report: (diagnostic: Diagnostic) => undefined
  #streams = 0

  constructor(operator: Operator, options: SettleOptions, graph: Graph, report: (diagnostic: Diagnostic) => undefined) {
    this.#options = options
    this.#graph = graph
    this.#report = report
    this.#declareAll(Object.entries(operator.declarations))
  }

  /** The stream of the next random value: declared ones come first, then occurrences in the order of the text. */
  nextStream(): number {
    return this.#streams++
  }

  /** Reports what is declared or named and never used. */
  reportUnused(): void {
    for (const [name, binding] of this.bindings) {
      if (binding.used) continue
      if (!binding.statement) this.#report(messages.unusedDeclaration(name, binding.as))
      else if (binding.statement.kind === 'let') this.#report(messages.unusedLet(binding.statement.nameSpan, name))
    }
  }

  #declareAll(declared: readonly (readonly [string, Declaration])[]): void {
    const inputs = declared.filter(([, declaration]) => declaration.role === 'input').map(([name]) => name)
    if (inputs.length !== 1) this.#report(messages.inputs(inputs))
    this.#checkOptions(declared)
    for (const [name, declaration] of declared) {
      const why = whyReserved(name)
      if (!isName(name)) this.#report(messages.malformedName(undefined, name))
      else if (why !== undefined) this.#report(messages.reservedName(undefined, name, why))
      this.bindings.set(name, {
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
        const stream = this.nextStream()
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
}
