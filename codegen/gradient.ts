/**
 * Reverse mode on the IR. A node's adjoint is the sum of its users' contributions, each brought down to the node's own
 * level by the transpose of the broadcast that took it up (see {@link bringDown}); then the local rule of the node passes it
 * on. That one step gives the gather over covering windows, the sums of the parameters' gradients, and hoisting: what is
 * computed once per element or per parameter in the formula has its derivative applied once per element or parameter too.
 *
 * The idea of gathering instead of scattering adjoint stencils: Hueckelheim et al., "Automatic differentiation for adjoint
 * stencil loops", ICPP 2019; Li et al., "Differentiable programming for image processing and deep learning in Halide", 2018.
 */
import { allDims, type Level, levels, sameLevel } from '../dsl/level.ts'
import { type Builder, isConst, type Node, type NodeOf, type TapReduction, topological } from './ir.ts'
import { isNonNegative, isPositive } from './signs.ts'

/** An adjoint's share from one user; `from` is the level of that use, over which it is to be summed. */
interface Contribution {
  readonly value: Node
  readonly from: Level
}

/** A sum over `from` down to `to`; per sample and channel first, so that a plane is summed where it is computed. */
const batch = (b: Builder, e: Node, from: Level, to: Level): Node => {
  const perPlane: Level = { n: from.n, c: from.c, place: 'none', dims: 0 }
  if (to.place === 'none' && !sameLevel(perPlane, to)) {
    return b.batch(b.batch(e, from, perPlane), perPlane, to)
  }
  return b.batch(e, from, to)
}

/** The transpose of broadcasting a value of level `to` up to a use at level `from`. */
export const bringDown = (b: Builder, e: Node, from: Level, to: Level): Node => {
  if (to.place === 'window') return e
  // What is already per element is never covered again: it would count once for each covering window.
  if (to.place === 'in') return from.place === 'in' ? e : b.covers(e)
  // A window's taps are summed where the window is computed; a value per tap keeps them apart.
  if (from.place === 'window' && to.place !== 'tap')
    return batch(b, b.taps('sum', e), { n: from.n, c: from.c, place: 'out', dims: allDims }, to)
  return batch(b, e, from, to)
}

/**
 * Applies a local derivative to an adjoint. Selects move outwards, since 0 times infinity is not 0: what was not chosen has no
 * share in the gradient, whatever its derivative is.
 */
const through = (b: Builder, g: Node, local: (g: Node) => Node): Node => {
  if (g.op === 'select' && isConst(g.no, 0)) return b.select(g.test, g.a, g.b, through(b, g.yes, local), g.no)
  if (g.op === 'select' && isConst(g.yes, 0)) return b.select(g.test, g.a, g.b, g.yes, through(b, g.no, local))
  if (g.op === 'unary' && g.fn === 'neg') return b.neg(through(b, g.a, local))
  return local(g)
}
const scale = (b: Builder, g: Node, factor: Node): Node => through(b, g, (x) => b.mul(x, factor))
const divide = (b: Builder, g: Node, divisor: Node): Node => through(b, g, (x) => b.div(x, divisor))

type Push = (operand: Node, value: Node) => void

/** d(a^b): zero where the true derivative at a = 0 is infinite or undefined. */
const powerRule = (b: Builder, v: NodeOf<'binary'>, g: Node, push: Push): void => {
  const zero = b.constant(0)
  const one = b.constant(1)
  const slope = scale(b, g, b.mul(v.b, b.binary('pow', v.a, b.sub(v.b, one))))
  if (isConst(v.b)) {
    push(v.a, v.b.value < 1 && !isPositive(v.a) ? b.select('eq', v.a, zero, zero, slope) : slope)
    return
  }
  // At a = 0 only the exponent 1 has a finite slope that is not zero.
  push(v.a, b.select('eq', v.a, zero, b.select('eq', v.b, one, g, zero), slope))
  push(v.b, b.select('eq', v.a, zero, zero, scale(b, g, b.mul(v, b.unary('log', v.a)))))
}

const binaryRule = (b: Builder, v: NodeOf<'binary'>, g: Node, push: Push): void => {
  const zero = b.constant(0)
  switch (v.fn) {
    case 'add':
      push(v.a, g)
      push(v.b, g)
      return
    case 'sub':
      push(v.a, g)
      push(v.b, b.neg(g))
      return
    case 'mul':
      push(v.a, scale(b, g, v.b))
      push(v.b, scale(b, g, v.a))
      return
    case 'div': {
      // -(g / b) * v, not -(g * v) / b: the quotient is shared with the numerator's, and can be factored out.
      const share = divide(b, g, v.b)
      push(v.a, share)
      push(v.b, b.neg(scale(b, share, v)))
      return
    }
    case 'pow':
      powerRule(b, v, g, push)
      return
    case 'max':
    case 'min': {
      const second = v.fn === 'max' ? 'lt' : 'gt'
      push(v.a, b.select(second, v.a, v.b, zero, g))
      push(v.b, b.select(second, v.a, v.b, g, zero))
      return
    }
    default:
      v.fn satisfies never
  }
}

const unaryRule = (b: Builder, v: NodeOf<'unary'>, g: Node, push: Push): void => {
  const zero = b.constant(0)
  const one = b.constant(1)
  switch (v.fn) {
    case 'neg':
      push(v.a, b.neg(g))
      return
    case 'exp':
      push(v.a, scale(b, g, v))
      return
    case 'log':
      // Below 0 the logarithm is NaN, and so is its slope; a quotient would look like a number.
      if (isNonNegative(v.a)) push(v.a, divide(b, g, v.a))
      else
        push(
          v.a,
          through(b, g, (x) => b.select('lt', v.a, zero, b.constant(Number.NaN), b.div(x, v.a))),
        )
      return
    case 'sqrt': {
      const slope = divide(b, g, b.mul(b.constant(2), v))
      push(v.a, !isPositive(v.a) ? b.select('eq', v.a, zero, zero, slope) : slope)
      return
    }
    case 'abs':
      push(v.a, scale(b, g, b.unary('sign', v.a)))
      return
    case 'sigmoid':
      push(v.a, scale(b, g, b.mul(v, b.sub(one, v))))
      return
    case 'softplus':
      push(v.a, scale(b, g, b.unary('sigmoid', v.a)))
      return
    case 'tanh':
      push(v.a, scale(b, g, b.sub(one, b.mul(v, v))))
      return
    case 'sign':
    case 'detach':
      return
    default:
      v.fn satisfies never
  }
}

const tapsRule = (b: Builder, v: TapReduction, g: Node, divisor: Node, push: Push): void => {
  switch (v.by) {
    case 'sum':
      push(v.a, g)
      return
    case 'max':
    case 'min': {
      const chosen = b.taps(v.by === 'max' ? 'argmax' : 'argmin', v.a)
      push(v.a, b.select('eq', b.geometry('tap'), chosen, g, b.constant(0)))
      return
    }
    case 'var': {
      push(v.a, b.mul(divide(b, scale(b, g, b.constant(2)), divisor), b.sub(v.a, b.div(b.taps('sum', v.a), divisor))))
      return
    }
    case 'argmax':
    case 'argmin':
      return
    default:
      v.by satisfies never
  }
}

/**
 * The gradient of the sum of `results` weighted by their cotangents.
 * @param results the float results with the cotangent of each, of level `output`
 * @param wrt the tensors to differentiate by
 * @param divisor the geometry's divisor as the formula's own nodes have it, so that `var`'s mean is the formula's mean
 * @returns for each of `wrt`, its gradient at its own level; the constant 0 where no result depends on it
 */
export const differentiate = (
  b: Builder,
  results: readonly { readonly value: Node; readonly cotangent: Node }[],
  wrt: readonly Node[],
  divisor: Node,
): Node[] => {
  const order = topological(results.map((r) => r.value))
  const contributions = new Map<Node, Contribution[]>()
  const contribute = (node: Node, value: Node, from: Level): void => {
    if (isConst(value, 0)) return
    const list = contributions.get(node)
    if (list) list.push({ value, from })
    else contributions.set(node, [{ value, from }])
  }
  for (const { value, cotangent } of results) contribute(value, cotangent, cotangent.level)

  const gradients = new Map<Node, Node>()
  for (const v of [...order].reverse()) {
    const list = contributions.get(v)
    if (!list) continue
    // Contributions of one level are added before they are brought down: one sum instead of several.
    const groups: { value: Node; from: Level }[] = []
    for (const { value, from } of list) {
      const same = groups.find((x) => sameLevel(x.from, from))
      if (same) same.value = b.add(same.value, value)
      else groups.push({ value, from })
    }
    // A computed value per window keeps its adjoint per sample and channel, whether or not it varies with them: what is
    // summed over samples is ready only after all windows were visited, too late for anything that sweeps over taps.
    const level = v.level.place === 'out' && v.op !== 'tensor' ? levels.output : v.level
    const g = groups.map((x) => bringDown(b, x.value, x.from, level)).reduce((x, y) => b.add(x, y))
    gradients.set(v, g)
    // At place `window` nothing was brought down yet, so what is passed on may still vary with more than v does.
    const from: Level = level.place === 'window' ? levels.window : level
    const push: Push = (operand, value) => contribute(operand, value, from)
    switch (v.op) {
      case 'unary':
        unaryRule(b, v, g, push)
        break
      case 'binary':
        binaryRule(b, v, g, push)
        break
      case 'select': {
        const zero = b.constant(0)
        push(v.yes, b.select(v.test, v.a, v.b, g, zero))
        push(v.no, b.select(v.test, v.a, v.b, zero, g))
        break
      }
      case 'reduce': {
        if (v.over !== 'taps') throw new Error(`cannot differentiate a sum over ${v.over}`)
        tapsRule(b, v, g, divisor, (operand, value) => contribute(operand, value, levels.window))
        break
      }
      case 'const':
      case 'tensor':
      case 'geometry':
      case 'random':
      case 'flatIndex':
        break
      default:
        v satisfies never
    }
  }
  return wrt.map((w) => gradients.get(w) ?? b.constant(0))
}
