/**
 * Builds the graph of a checked formula. Equal values are one node, whether the author named them with `let` or wrote them
 * twice; only random values are equal to nothing but themselves. Levels and types are computed here, and nowhere else.
 */
import type { BinaryFn, Comparison, Expr, GeometryValue, Reducer, Span, UnaryFn, ValueType } from './expression.ts'
import { join, type Level, levels, overTaps } from './level.ts'
import { type RandomShape, shapeLevel } from './shapes.ts'

/** A node without its place in the text, which decides nothing about equality. */
type Unplaced<E extends Expr = Expr> = E extends Expr ? Omit<E, 'span'> : never

const geometryLevels: Readonly<Record<GeometryValue, Level>> = {
  divisor: levels.geometry,
  count: levels.geometry,
  size: levels.constant,
  tap: levels.tap,
}

/** Whether a value is the index of a tap, so that it has a place in the plane. */
export const isTapIndex = (expr: Expr): boolean =>
  (expr.op === 'reduce' && (expr.by === 'argmax' || expr.by === 'argmin')) ||
  (expr.op === 'geometry' && expr.what === 'tap') ||
  (expr.op === 'select' && isTapIndex(expr.yes) && isTapIndex(expr.no))

export class Graph {
  readonly #nodes = new Map<string, Expr>()
  readonly #ids = new Map<Expr, number>()
  readonly #depths = new Map<Expr, number>()
  #span: Span | undefined

  /** The place in the text that nodes made from now on come from. */
  from(span: Span | undefined): this {
    this.#span = span
    return this
  }

  /** How many operations stand above each other in a node. */
  depth(expr: Expr): number {
    return this.#depths.get(expr) ?? 1
  }

  constant(value: number): Expr {
    const key = Object.is(value, -0) ? '-0' : String(value)
    return this.#share(`const ${key}`, [], { op: 'const', value, level: levels.constant, type: 'float' })
  }

  tensor(name: string, role: 'input' | 'tensor' | 'param', level: Level): Expr {
    return this.#share(`tensor ${name}`, [], { op: 'tensor', name, role, level, type: 'float' })
  }

  geometry(what: GeometryValue): Expr {
    return this.#share(`geometry ${what}`, [], {
      op: 'geometry',
      what,
      level: geometryLevels[what],
      type: what === 'divisor' ? 'float' : 'int',
    })
  }

  random(kind: 'normal' | 'uniform', shape: RandomShape, stream: number, name?: string): Expr {
    const declared = name === undefined ? {} : { name }
    return this.#share(`random ${stream}`, [], {
      op: 'random',
      kind,
      shape,
      stream,
      ...declared,
      level: shapeLevel(shape),
      type: 'float',
    })
  }

  unary(fn: UnaryFn, a: Expr): Expr {
    // A negative number is a number: powers ask whether their exponent is one.
    if (fn === 'neg' && a.op === 'const') return this.constant(-a.value)
    return this.#share(`unary ${fn}`, [a], { op: 'unary', fn, a, level: a.level, type: 'float' })
  }

  binary(fn: BinaryFn, a: Expr, b: Expr): Expr {
    return this.#share(`binary ${fn}`, [a, b], { op: 'binary', fn, a, b, level: join(a.level, b.level), type: 'float' })
  }

  select(test: Comparison, a: Expr, b: Expr, yes: Expr, no: Expr): Expr {
    const level = join(join(a.level, b.level), join(yes.level, no.level))
    const type: ValueType = yes.type === 'int' && no.type === 'int' ? 'int' : 'float'
    return this.#share(`select ${test}`, [a, b, yes, no], { op: 'select', test, a, b, yes, no, level, type })
  }

  reduce(by: Reducer, a: Expr): Expr {
    const type: ValueType = by === 'argmax' || by === 'argmin' ? 'int' : 'float'
    return this.#share(`reduce ${by}`, [a], { op: 'reduce', by, a, level: overTaps(a.level), type })
  }

  flatIndex(a: Expr): Expr {
    return this.#share('flatIndex', [a], { op: 'flatIndex', a, level: join(a.level, levels.geometry), type: 'int' })
  }

  #share(what: string, operands: readonly Expr[], made: Unplaced): Expr {
    const key = `${what} ${operands.map((operand) => this.#ids.get(operand)).join(' ')}`
    const known = this.#nodes.get(key)
    if (known) return known
    const node: Expr = this.#span ? { ...made, span: this.#span } : made
    this.#nodes.set(key, node)
    this.#ids.set(node, this.#ids.size)
    this.#depths.set(node, 1 + operands.reduce((deepest, operand) => Math.max(deepest, this.depth(operand)), 0))
    return node
  }
}
