/** Where an operator and a geometry do not fit each other: rules that neither can know alone. */
import type { CheckedOperator, Expr } from './expression.ts'
import type { Geometry } from './geometry.ts'
import type { RandomShape } from './shapes.ts'

const operands = (e: Expr): readonly Expr[] => {
  switch (e.op) {
    case 'const':
    case 'tensor':
    case 'geometry':
    case 'random':
      return []
    case 'unary':
    case 'reduce':
    case 'flatIndex':
      return [e.a]
    case 'binary':
      return [e.a, e.b]
    case 'select':
      return [e.a, e.b, e.yes, e.no]
    default:
      return e satisfies never
  }
}

/** Every value of an operator's formula, each once. */
const values = (operator: CheckedOperator): ReadonlySet<Expr> => {
  const seen = new Set<Expr>()
  const open = [...operator.results.values()]
  for (let e = open.pop(); e; e = open.pop()) {
    if (seen.has(e)) continue
    seen.add(e)
    open.push(...operands(e))
  }
  return seen
}

/** Why a value of this shape cannot be, with this geometry. */
const refuseShape = (what: string, shape: RandomShape, geometry: Geometry): string | undefined => {
  if ((shape === 'kernel' || shape === 'window') && geometry.kind !== 'sliding') {
    const windows = geometry.kind === 'adaptive' ? 'adaptive windows differ in size' : 'a global window is as large as the input'
    return `${what} has one value a tap, but ${windows}: give kernelSize, or another shape than '${shape}'`
  }
  if (typeof shape === 'string') return undefined
  const present = geometry.dims === 1 ? ['width'] : geometry.dims === 2 ? ['height', 'width'] : ['depth', 'height', 'width']
  const absent = shape.find((axis) => axis !== 'sample' && axis !== 'channel' && !present.includes(axis))
  if (absent === undefined) return undefined
  return `${what} varies along '${absent}', which ${geometry.dims}-dimensional pooling has not: its dimensions are ${present.join(', ')}`
}

/**
 * The reason why an operator cannot be compiled for a geometry, with the remedy; undefined where it can.
 *
 * The variance refuses a divisor override (it would not be a mean of squares); values per tap refuse windows whose taps
 * nobody knows beforehand; axes have to be there.
 */
export const refuseOperator = (operator: CheckedOperator, geometry: Geometry): string | undefined => {
  for (const decl of operator.tensors) {
    if (decl.role !== 'param' && decl.role !== 'noise') continue
    const reason = refuseShape(`'${decl.name}'`, decl.shape, geometry)
    if (reason) return reason
  }
  for (const e of values(operator)) {
    if (e.op === 'random') {
      const reason = refuseShape(e.name === undefined ? `a random value (${e.kind})` : `'${e.name}'`, e.shape, geometry)
      if (reason) return reason
    }
    if (e.op === 'reduce' && e.by === 'var' && geometry.kind === 'sliding' && geometry.divisorOverride !== null) {
      return `var and std have no meaning with divisorOverride ${geometry.divisorOverride}: leave it out, or write the moments with mean`
    }
  }
  return undefined
}
