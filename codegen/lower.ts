/**
 * From a checked formula to the IR: the same graph, with what the geometry settles put in as constants. Where every window
 * is full, `count` and the divisor are numbers; where windows stick out, they stay values that vary from window to window.
 */
import type { CheckedOperator, Expr, GeometryValue } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { allDims, type Level, levels } from '../dsl/level.ts'
import { shapeLevel } from '../dsl/shapes.ts'
import { Builder, type Node } from './ir.ts'

/** The number of taps of a full window, where the geometry fixes it. */
export const windowSize = (geometry: Geometry): number | undefined =>
  geometry.kind === 'sliding' ? geometry.axes.reduce((k, axis) => k * axis.kernel, 1) : undefined

/** Whether no window can reach outside the input, whatever its extents. */
export const alwaysInside = (geometry: Geometry): boolean =>
  geometry.kind !== 'sliding' || (!geometry.ceilMode && geometry.axes.every((axis) => axis.low === 0 && axis.high === 0))

/** The divisor where it is the same for every window. */
export const constantDivisor = (geometry: Geometry): number | undefined => {
  if (geometry.kind !== 'sliding') return undefined
  if (geometry.divisorOverride !== null) return geometry.divisorOverride
  // In floor mode every tap lies below the extent plus the high padding, so with padding counted nothing is cut off.
  if (!geometry.ceilMode && (geometry.countIncludePad || alwaysInside(geometry))) return windowSize(geometry)
  return undefined
}

/** What a geometry settles of its windows before there is an input: a number, or else the value that stands for it. */
export interface Settled {
  readonly size: number | 'size' | 'count'
  /** Of every window. */
  readonly count: number | 'count'
  readonly divisor: number | 'divisor' | 'count'
}

/** Nothing is known: programs that hold for every geometry. */
export const unsettled: Settled = { size: 'size', count: 'count', divisor: 'divisor' }

export const settledBy = (geometry: Geometry): Settled => {
  const size = windowSize(geometry)
  return {
    size: size ?? 'count',
    count: (alwaysInside(geometry) ? size : undefined) ?? 'count',
    divisor: constantDivisor(geometry) ?? (geometry.kind === 'sliding' ? 'divisor' : 'count'),
  }
}

/** A level that lists every dimension of the geometry varies along all of them: one spelling for one level. */
const within = (level: Level, geometry: Geometry): Level => {
  const present = (1 << geometry.dims) - 1
  return (level.dims & present) === present ? { ...level, dims: allDims } : level
}

/** A value of the geometry as a node: a number where it is one for all windows. */
export const geometryNode = (b: Builder, value: Settled[keyof Settled]): Node => {
  if (typeof value !== 'number') return b.geometry(value)
  return b.constant(value, Number.isInteger(value) ? 'int' : 'float')
}

export interface Lowered {
  readonly builder: Builder
  readonly results: ReadonlyMap<string, Node>
  /** Every tensor that the operator declares, by name, whether or not a result uses it. */
  readonly tensors: ReadonlyMap<string, Node>
}

/** Lowers an operator for one geometry, or for all that share what is settled. */
export const lower = (operator: CheckedOperator, geometry: Geometry, settled: Settled): Lowered => {
  const b = new Builder(typeof settled.count === 'number' ? settled.count : undefined)
  const tensors = new Map<string, Node>()
  for (const decl of operator.tensors) {
    const shaped = decl.role === 'param' || decl.role === 'noise'
    const level = shaped ? within(shapeLevel(decl.shape), geometry) : levels.input
    tensors.set(decl.name, b.tensor(decl.name, decl.role, level))
  }
  const done = new Map<Expr, Node>()

  const tensorNamed = (name: string): Node => {
    const node = tensors.get(name)
    if (!node) throw new Error(`the checked formula reads '${name}', which the operator does not declare`)
    return node
  }
  const geometryValue = (what: GeometryValue): Node => (what === 'tap' ? b.geometry(what) : geometryNode(b, settled[what]))
  const go = (expr: Expr): Node => {
    const known = done.get(expr)
    if (known) return known
    const node = b.from(make(expr), expr.span)
    done.set(expr, node)
    const name = operator.names.get(expr)
    return name === undefined ? node : b.called(name, node)
  }
  const make = (expr: Expr): Node => {
    switch (expr.op) {
      case 'const':
        return b.constant(expr.value, expr.type)
      case 'tensor':
        return tensorNamed(expr.name)
      case 'geometry':
        return geometryValue(expr.what)
      case 'random':
        if (expr.name !== undefined && tensors.has(expr.name)) return tensorNamed(expr.name)
        return b.random(expr.kind, expr.shape, expr.stream, within(expr.level, geometry))
      case 'unary':
        return b.unary(expr.fn, go(expr.a))
      case 'binary':
        return b.binary(expr.fn, go(expr.a), go(expr.b))
      case 'select':
        return b.select(expr.test, go(expr.a), go(expr.b), go(expr.yes), go(expr.no))
      case 'reduce':
        return b.taps(expr.by, go(expr.a))
      case 'flatIndex':
        return b.flatIndex(go(expr.a))
      default:
        return expr satisfies never
    }
  }
  const results = new Map<string, Node>()
  for (const [name, expr] of operator.results) results.set(name, go(expr))
  return { builder: b, results, tensors }
}
