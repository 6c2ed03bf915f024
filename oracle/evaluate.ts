/**
 * Evaluates a checked formula window by window, as it was written: not stabilised, not differentiated, not specialised.
 * Each value of the formula becomes a function of the tap (-1 outside of reductions), remembered for the window at hand.
 */
import type { CheckedArguments } from '../dsl/arguments.ts'
import type { CheckedOperator, Expr, TensorDecl } from '../dsl/expression.ts'
import type { Geometry } from '../dsl/geometry.ts'
import { type Level, levels } from '../dsl/level.ts'
import { normal, uniform } from '../dsl/random.ts'
import { shapeLevel } from '../dsl/shapes.ts'
import { elements, type Tensor } from '../dsl/tensor.ts'
import { accumulate, constant, type Dual, variable, withSlopes } from './dual.ts'
import { binary, holds, unary } from './rules.ts'
import type { Window } from './windows.ts'

/** The window being evaluated. */
interface Here {
  readonly sample: number
  readonly channel: number
  readonly window: Window
}

/** A value at a valid tap, by its number among them. */
type Value = (k: number) => Dual

/** An element of a tensor by which a result is differentiated. */
export interface Leaf {
  readonly name: string
  readonly offset: number
}

export interface Evaluator {
  /** Moves on to a window. */
  readonly visit: (here: Here) => void
  /** The results in the operator's order; read them after `visit`. */
  readonly results: ReadonlyMap<string, () => Dual>
  /** The tensor element behind a leaf of the window at hand. */
  readonly leaf: (leaf: number) => Leaf
}

/** Tensors whose axes follow the layout; all others are channels-first. */
const followsLayout = (decl: TensorDecl): boolean => decl.role === 'input' || decl.role === 'tensor'

const levelOf = (decl: TensorDecl): Level =>
  decl.role === 'param' || decl.role === 'noise' ? shapeLevel(decl.shape) : levels.input

/**
 * Prepares an operator for the windows of one launch.
 * @param differentiate whether values carry derivatives by the elements of input, tensors and parameters
 */
export const evaluator = (
  operator: CheckedOperator,
  geometry: Geometry,
  launch: CheckedArguments,
  inputs: Readonly<Record<string, Tensor | number>>,
  options: { readonly seed: bigint; readonly differentiate: boolean },
): Evaluator => {
  const { channels, extents, outExtents, kernel } = launch
  const points = elements(extents)
  let here: Here | undefined
  let visits = 0
  const now = (): Here => {
    if (!here) throw new Error('no window has been visited')
    return here
  }
  /** The tap that is the k-th valid one, and the element that it reads. */
  const tapAt = (k: number): number => now().window.taps[k]!
  const elementAt = (k: number): number => now().window.elements[k]!
  const count = (): number => now().window.taps.length

  /** The row-major index over the axes that vary, channels-first, taps last: where parameters and random values stand. */
  const indexOf = (level: Level, k: number): number => {
    const { sample, channel, window } = now()
    let index = (level.n ? sample : 0) * (level.c ? channels : 1) + (level.c ? channel : 0)
    if (level.place === 'in') return index * points + elementAt(k)
    if (level.place === 'tap') return tapAt(k)
    window.at.forEach((o, d) => {
      if (level.dims & (1 << (outExtents.length - 1 - d))) index = index * outExtents[d]! + o
    })
    return level.place === 'window' ? index * elements(kernel ?? []) + tapAt(k) : index
  }

  /** Elements of the input's kind, in the geometry's layout. */
  const elementOffset = (k: number): number => {
    const { sample, channel } = now()
    if (geometry.layout === 'channels-last') return (sample * points + elementAt(k)) * channels + channel
    return (sample * channels + channel) * points + elementAt(k)
  }
  const offsetOf = (decl: TensorDecl, k: number): number => (followsLayout(decl) ? elementOffset(k) : indexOf(levelOf(decl), k))

  // Leaves are numbered tensor by tensor: one for each valid tap, or one for the window.
  const differentiated = options.differentiate ? operator.tensors.filter((decl) => decl.role !== 'noise') : []
  const perTap = (decl: TensorDecl): boolean => levelOf(decl).place === 'in' || levelOf(decl).place === 'tap'
  let leaves = 0
  const firstLeaf = new Map<TensorDecl, number>()
  const numberLeaves = (): void => {
    leaves = 0
    for (const decl of differentiated) {
      firstLeaf.set(decl, leaves)
      leaves += perTap(decl) ? count() : 1
    }
  }
  const leaf = (wanted: number): Leaf => {
    const decl = differentiated.findLast((candidate) => firstLeaf.get(candidate)! <= wanted)
    if (!decl) throw new Error(`leaf ${wanted} of ${leaves} leaves`)
    return { name: decl.name, offset: offsetOf(decl, wanted - firstLeaf.get(decl)!) }
  }

  const decls = new Map(operator.tensors.map((decl) => [decl.name, decl]))
  const read = (name: string): Value => {
    const decl = decls.get(name)
    const given = inputs[name]
    if (!decl || given === undefined) throw new Error(`the formula reads '${name}', which is not declared`)
    const eachTap = perTap(decl)
    return (k) => {
      const value = typeof given === 'number' ? given : given.data[offsetOf(decl, k)]!
      const first = firstLeaf.get(decl)
      return first === undefined ? constant(value) : variable(value, eachTap ? first + k : first)
    }
  }

  const reduce = (by: Extract<Expr, { op: 'reduce' }>['by'], a: Value): Value => {
    /** The largest or smallest value: the first of equal ones, the last NaN. */
    const best = (sign: 1 | -1): { readonly k: number; readonly dual: Dual } => {
      let k = -1
      let dual = constant(sign * Number.NEGATIVE_INFINITY)
      for (let next = 0; next < count(); next++) {
        const candidate = a(next)
        if (k >= 0 && !(sign * candidate.value > sign * dual.value || Number.isNaN(candidate.value))) continue
        k = next
        dual = candidate
      }
      return { k, dual }
    }
    const sum = (): Dual => {
      const slopes = new Float64Array(leaves)
      let value = 0
      for (let k = 0; k < count(); k++) {
        const term = a(k)
        value += term.value
        accumulate(slopes, term, 1)
      }
      return leaves === 0 ? constant(value) : withSlopes(value, slopes)
    }
    const variance = (): Dual => {
      const { divisor } = now().window
      const mean = sum().value / divisor
      const slopes = new Float64Array(leaves)
      // Taps that the divisor counts and that read nothing are zeros: each lies `mean` away from the mean.
      let squares = (divisor - count()) * mean ** 2
      for (let k = 0; k < count(); k++) {
        const term = a(k)
        squares += (term.value - mean) ** 2
        accumulate(slopes, term, (2 * (term.value - mean)) / divisor)
      }
      return leaves === 0 ? constant(squares / divisor) : withSlopes(squares / divisor, slopes)
    }
    switch (by) {
      case 'sum':
        return sum
      case 'max':
        return () => best(1).dual
      case 'min':
        return () => best(-1).dual
      case 'argmax':
      case 'argmin':
        return () => {
          const { k } = best(by === 'argmax' ? 1 : -1)
          return constant(k < 0 ? -1 : tapAt(k))
        }
      case 'var':
        return variance
      default:
        return by satisfies never
    }
  }

  /** What lies on a window's level is computed once a window, the rest once a tap. */
  const remember = (level: Level, value: Value): Value => {
    const oneAWindow = level.place === 'none' || level.place === 'out'
    let known: (Dual | undefined)[] = []
    let knownAt = -1
    return (k) => {
      if (knownAt !== visits) {
        known = []
        knownAt = visits
      }
      const slot = oneAWindow ? 0 : k
      const made = known[slot] ?? value(k)
      known[slot] = made
      return made
    }
  }

  const compiled = new Map<Expr, Value>()
  const compile = (e: Expr): Value => {
    const known = compiled.get(e)
    if (known) return known
    const made = remember(e.level, make(e))
    compiled.set(e, made)
    return made
  }
  const make = (e: Expr): Value => {
    switch (e.op) {
      case 'const': {
        const value = constant(e.value)
        return () => value
      }
      case 'tensor':
        return read(e.name)
      case 'geometry':
        return geometryValue(e.what)
      case 'random': {
        if (e.name !== undefined && decls.has(e.name)) return read(e.name)
        const draw = e.kind === 'normal' ? normal : uniform
        const level = shapeLevel(e.shape)
        return (k) => constant(draw(options.seed, indexOf(level, k), e.stream))
      }
      case 'unary': {
        const a = compile(e.a)
        return (k) => unary(e.fn, a(k))
      }
      case 'binary': {
        const a = compile(e.a)
        const b = compile(e.b)
        return (k) => binary(e.fn, a(k), b(k), leaves)
      }
      case 'select': {
        const [a, b, yes, no] = [compile(e.a), compile(e.b), compile(e.yes), compile(e.no)]
        return (k) => (holds(e.test, a(k).value, b(k).value) ? yes(k) : no(k))
      }
      case 'reduce':
        return reduce(e.by, compile(e.a))
      case 'flatIndex': {
        const tap = compile(e.a)
        return (k) => {
          const { value } = tap(k)
          return constant(value < 0 ? -1 : now().window.elementOf(value))
        }
      }
      default:
        return e satisfies never
    }
  }
  const geometryValue = (what: Extract<Expr, { op: 'geometry' }>['what']): Value => {
    switch (what) {
      case 'divisor':
        return () => constant(now().window.divisor)
      case 'count':
        return () => constant(count())
      case 'size':
        return () => constant(now().window.size)
      case 'tap':
        return (k) => constant(tapAt(k))
      default:
        return what satisfies never
    }
  }

  const results = new Map([...operator.results].map(([name, e]) => [name, compile(e)] as const))
  return {
    visit: (next) => {
      here = next
      visits++
      numberLeaves()
    },
    results: new Map([...results].map(([name, value]) => [name, () => value(-1)] as const)),
    leaf,
  }
}
