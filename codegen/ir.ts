/**
 * The intermediate representation: a small, typed, immutable expression graph. Nodes are hash-consed by their builder, so
 * that equal values are one node and passes compare by identity. What a node varies with is its level (dsl/level.ts); the
 * three reductions are the transposes of the three ways in which a level is broadcast to a wider one.
 */
import type { BinaryFn, Comparison, GeometryValue, Reducer, Span, UnaryFn, ValueType } from '../dsl/expression.ts'
import { join, type Level, levels, overTaps, sameLevel } from '../dsl/level.ts'
import type { RandomShape } from '../dsl/shapes.ts'

/** What a tensor is to a program. `carrier` and `sum` are made by one stage and read by a later one. */
export type Role = 'input' | 'tensor' | 'param' | 'noise' | 'cotangent' | 'carrier' | 'sum'

interface Of {
  readonly id: number
  readonly level: Level
  readonly type: ValueType
}

/**
 * A value. The reductions:
 * - over `taps`, of a window's valid taps: a value of every place becomes one of place `out`;
 * - over `covers`, of all (window, tap) pairs that read an input element: the transpose of reading the input at a tap;
 * - over `batch`, of everything that `from` varies with and the node's own level does not: the transpose of using a
 *   parameter. `from` is the level that is summed over, which may be wider than that of `a` (each window's value once for
 *   each of its valid taps).
 * `detach` passes its operand on and stops the gradient.
 */
export type Node = Of &
  (
    | { readonly op: 'const'; readonly value: number }
    | { readonly op: 'tensor'; readonly name: string; readonly role: Role }
    | { readonly op: 'geometry'; readonly what: GeometryValue }
    | { readonly op: 'random'; readonly kind: 'normal' | 'uniform'; readonly shape: RandomShape; readonly stream: number }
    | { readonly op: 'unary'; readonly fn: UnaryFn | 'detach'; readonly a: Node }
    | { readonly op: 'binary'; readonly fn: BinaryFn; readonly a: Node; readonly b: Node }
    | {
        readonly op: 'select'
        readonly test: Comparison
        readonly a: Node
        readonly b: Node
        readonly yes: Node
        readonly no: Node
      }
    | { readonly op: 'flatIndex'; readonly a: Node }
    | { readonly op: 'reduce'; readonly over: 'taps'; readonly by: Reducer; readonly a: Node }
    | { readonly op: 'reduce'; readonly over: 'covers'; readonly a: Node }
    | { readonly op: 'reduce'; readonly over: 'batch'; readonly a: Node; readonly from: Level }
  )

export type NodeOf<Op extends Node['op']> = Extract<Node, { op: Op }>
export type TapReduction = Extract<Node, { over: 'taps' }>
export type CoverSum = Extract<Node, { over: 'covers' }>

/** A node before it has an identity. */
type Draft = Node extends infer N ? (N extends Node ? Omit<N, 'id'> : never) : never

/** The operands of a node, in order. */
export const operands = (node: Node): readonly Node[] => {
  switch (node.op) {
    case 'const':
    case 'tensor':
    case 'geometry':
    case 'random':
      return []
    case 'unary':
    case 'flatIndex':
    case 'reduce':
      return [node.a]
    case 'binary':
      return [node.a, node.b]
    case 'select':
      return [node.a, node.b, node.yes, node.no]
    default:
      return node satisfies never
  }
}

/** Every node that the roots reach, operands before users. */
export const topological = (roots: Iterable<Node>): Node[] => {
  const seen = new Set<Node>()
  const order: Node[] = []
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    operands(node).forEach(visit)
    order.push(node)
  }
  for (const root of roots) visit(root)
  return order
}

export const isConst = (node: Node, value?: number): node is NodeOf<'const'> =>
  node.op === 'const' && (value === undefined || Object.is(node.value, value))

const levelKey = (l: Level): string => `${l.n ? 'n' : ''}${l.c ? 'c' : ''}${l.place}${l.dims}`

const draftKey = (d: Draft): string => {
  const head = `${d.op}:${levelKey(d.level)}:${d.type}:`
  switch (d.op) {
    case 'const':
      return head + (Object.is(d.value, -0) ? '-0' : d.value)
    case 'tensor':
      return `${head}${d.role}:${d.name}`
    case 'geometry':
      return head + d.what
    case 'random':
      return `${head}${d.kind}:${d.stream}:${JSON.stringify(d.shape)}`
    case 'unary':
      return `${head}${d.fn}:${d.a.id}`
    case 'binary':
      return `${head}${d.fn}:${d.a.id}:${d.b.id}`
    case 'select':
      return `${head}${d.test}:${d.a.id}:${d.b.id}:${d.yes.id}:${d.no.id}`
    case 'flatIndex':
      return `${head}${d.a.id}`
    case 'reduce':
      if (d.over === 'taps') return `${head}taps:${d.by}:${d.a.id}`
      return d.over === 'covers' ? `${head}covers:${d.a.id}` : `${head}batch:${levelKey(d.from)}:${d.a.id}`
    default:
      return d satisfies never
  }
}

/** What constant arguments give; `undefined` where a function is left to the target. */
const foldBinary: Record<BinaryFn, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  max: Math.max,
  min: Math.min,
}

/**
 * Makes nodes. One builder serves one compilation; nodes of two builders are never mixed. The only rewriting done here is
 * what is exact for every operand: constants are folded, and neutral operands dropped.
 */
export class Builder {
  private readonly table = new Map<string, Node>()
  private readonly fixedCount: number | undefined
  /** The part of the formula that a node came from; the first to claim an equal node keeps it. */
  readonly spans = new Map<Node, Span>()
  /** What values are called: by a `let` of the formula, or by the pass that made them. */
  readonly names = new Map<Node, string>()

  /** @param fixedCount the number of valid taps, where every window is full */
  constructor(fixedCount?: number) {
    this.fixedCount = fixedCount
  }

  private make(draft: Draft): Node {
    const key = draftKey(draft)
    const known = this.table.get(key)
    if (known) return known
    const node = { ...draft, id: this.table.size } as Node
    this.table.set(key, node)
    return node
  }

  from(node: Node, span: Span | undefined): Node {
    if (span && !this.spans.has(node)) this.spans.set(node, span)
    return node
  }

  /** Gives a value a name, unless it has one. */
  called(name: string, node: Node): Node {
    if (!this.names.has(node) && node.op !== 'tensor' && node.op !== 'const') this.names.set(node, name)
    return node
  }

  constant(value: number, type: ValueType = 'float'): Node {
    return this.make({ op: 'const', value, level: levels.constant, type })
  }

  tensor(name: string, role: Role, level: Level, type: ValueType = 'float'): NodeOf<'tensor'> {
    return this.make({ op: 'tensor', name, role, level, type }) as NodeOf<'tensor'>
  }

  geometry(what: GeometryValue): Node {
    if (what === 'count' && this.fixedCount !== undefined) return this.constant(this.fixedCount, 'int')
    const level = what === 'tap' ? levels.tap : levels.geometry
    return this.make({ op: 'geometry', what, level, type: 'int' })
  }

  random(kind: 'normal' | 'uniform', shape: RandomShape, stream: number, level: Level): Node {
    return this.make({ op: 'random', kind, shape, stream, level, type: 'float' })
  }

  unary(fn: UnaryFn | 'detach', a: Node): Node {
    if (fn === 'neg') {
      if (isConst(a)) return this.constant(-a.value, a.type)
      if (a.op === 'unary' && a.fn === 'neg') return a.a
    }
    if (fn === 'detach' && isConst(a)) return a
    return this.make({
      op: 'unary',
      fn,
      a,
      level: a.level,
      type: fn === 'neg' || fn === 'detach' || fn === 'abs' ? a.type : 'float',
    })
  }

  binary(fn: BinaryFn, a: Node, b: Node): Node {
    const integer = a.type === 'int' && b.type === 'int' && fn !== 'div' && fn !== 'pow'
    const type: ValueType = integer ? 'int' : 'float'
    if (isConst(a) && isConst(b)) return this.constant(foldBinary[fn](a.value, b.value), type)
    const wide = (node: Node): boolean => node.type === type
    if (fn === 'add' && isConst(b, 0) && wide(a)) return a
    if (fn === 'add' && isConst(a, 0) && wide(b)) return b
    if (fn === 'sub' && isConst(b, 0) && wide(a)) return a
    if (fn === 'sub' && isConst(a, 0)) return this.unary('neg', b)
    if (fn === 'mul' && isConst(b, 1) && wide(a)) return a
    if (fn === 'mul' && isConst(a, 1) && wide(b)) return b
    if (fn === 'mul' && isConst(a, -1)) return this.unary('neg', b)
    if (fn === 'mul' && isConst(b, -1)) return this.unary('neg', a)
    if ((fn === 'div' || fn === 'pow') && isConst(b, 1) && wide(a)) return a
    if (fn === 'pow' && isConst(b, 0)) return this.constant(1)
    if (fn === 'add' && b.op === 'unary' && b.fn === 'neg') return this.binary('sub', a, b.a)
    if (fn === 'add' && a.op === 'unary' && a.fn === 'neg') return this.binary('sub', b, a.a)
    if (fn === 'sub' && b.op === 'unary' && b.fn === 'neg') return this.binary('add', a, b.a)
    return this.make({ op: 'binary', fn, a, b, level: join(a.level, b.level), type })
  }

  add(a: Node, b: Node): Node {
    return this.binary('add', a, b)
  }
  sub(a: Node, b: Node): Node {
    return this.binary('sub', a, b)
  }
  mul(a: Node, b: Node): Node {
    return this.binary('mul', a, b)
  }
  div(a: Node, b: Node): Node {
    return this.binary('div', a, b)
  }
  neg(a: Node): Node {
    return this.unary('neg', a)
  }

  select(test: Comparison, a: Node, b: Node, yes: Node, no: Node): Node {
    if (yes === no) return yes
    const level = [a, b, yes, no].map((x) => x.level).reduce(join)
    const type: ValueType = yes.type === 'int' && no.type === 'int' ? 'int' : 'float'
    return this.make({ op: 'select', test, a, b, yes, no, level, type })
  }

  flatIndex(a: Node): Node {
    return this.make({ op: 'flatIndex', a, level: join(a.level, levels.geometry), type: 'int' })
  }

  taps(by: Reducer, a: Node): Node {
    // A sum of what does not vary over the taps needs no sweep.
    if (by === 'sum' && (a.level.place === 'out' || a.level.place === 'none')) return this.mul(this.geometry('count'), a)
    const type: ValueType = by === 'argmax' || by === 'argmin' ? 'int' : by === 'var' ? 'float' : a.type
    return this.make({ op: 'reduce', over: 'taps', by, a, level: overTaps(a.level), type })
  }

  covers(a: Node): Node {
    if (isConst(a, 0)) return a
    return this.make({
      op: 'reduce',
      over: 'covers',
      a,
      level: { n: a.level.n, c: a.level.c, place: 'in', dims: 0 },
      type: a.type,
    })
  }

  batch(a: Node, from: Level, to: Level): Node {
    if (isConst(a, 0) || sameLevel(from, to)) return a
    return this.make({ op: 'reduce', over: 'batch', a, from, level: to, type: a.type })
  }

  /** The node with other operands; simplifications apply again. `operandsNow` stand in the order of {@link operands}. */
  rebuild(node: Node, operandsNow: readonly Node[]): Node {
    const before = operands(node)
    if (before.every((x, i) => x === operandsNow[i])) return node
    const [a, b, yes, no] = operandsNow as [Node, Node, Node, Node]
    const made = (): Node => {
      switch (node.op) {
        case 'const':
        case 'tensor':
        case 'geometry':
        case 'random':
          return node
        case 'unary':
          return this.unary(node.fn, a)
        case 'binary':
          return this.binary(node.fn, a, b)
        case 'select':
          return this.select(node.test, a, b, yes, no)
        case 'flatIndex':
          return this.flatIndex(a)
        case 'reduce':
          if (node.over === 'taps') return this.taps(node.by, a)
          return node.over === 'covers' ? this.covers(a) : this.batch(a, node.from, node.level)
        default:
          return node satisfies never
      }
    }
    return this.from(made(), this.spans.get(node))
  }

  /** Rebuilds a graph bottom-up; `rule` sees each node with its new operands and may replace it. */
  rewrite(roots: readonly Node[], rule: (node: Node, original: Node) => Node): Node[] {
    const done = new Map<Node, Node>()
    for (const node of topological(roots)) {
      const rebuilt = this.rebuild(
        node,
        operands(node).map((x) => done.get(x) ?? x),
      )
      done.set(node, rule(rebuilt, node))
    }
    return roots.map((root) => done.get(root) ?? root)
  }
}
