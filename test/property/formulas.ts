/**
 * Random formulas that are well-levelled by construction, for holding compiled kernels against the oracle.
 *
 * A formula is drawn as a tree of terms of two kinds: `inner` terms stand inside a reduction and may vary with anything,
 * `outer` terms vary with windows at most; a reduction makes an outer term of an inner one. The tree becomes text when the
 * geometry is known, since axes and values per tap depend on it, and on the way each term gets an interval that holds its
 * values: what goes to `exp` is scaled below 3.5, denominators and arguments of `log`, `sqrt` and powers are made positive by
 * a form such as `e^2 + 0.5`, and what grows is scaled down. Kinks and ties cannot be told from intervals: guards.ts rejects
 * the cases that come near one.
 */
import fc from 'fast-check'
import type { Declaration, Declarations } from '../../dsl/declarations.ts'
import { input, normal, param, tensor, uniform } from '../../dsl/declarations.ts'
import type { Geometry } from '../../dsl/geometry.ts'
import type { Axis, ParamShape, RandomShape } from '../../dsl/shapes.ts'

/** A node of a drawn formula: what it is, of what, and a number that settles details. */
export interface Term {
  readonly op: string
  readonly of: readonly Term[]
  readonly pick: number
}

/** A drawn formula before it is text. */
export interface Draft {
  /** What `let` may name: terms inside a reduction and outside. They are written only where they are used. */
  readonly inner: readonly Term[]
  readonly outer: readonly Term[]
  readonly y: Term
  readonly second: Term | undefined
  readonly index: boolean
}

const elementwise = ['neg', 'exp', 'log', 'sqrt', 'abs', 'sign', 'tanh', 'sigmoid', 'softplus', 'relu', 'clamp', 'power', 'root']
const pairs = ['add', 'add', 'sub', 'mul', 'mul', 'div', 'max', 'min', 'raise']
const reductions = ['sum', 'mean', 'mean', 'max', 'min', 'var', 'std', 'argmax', 'argmin', 'logsumexp', 'norm']
const innerLeaves = ['x', 'x', 'x', 'l', 'kernel', 'tap', 'inputNoise', 'windowNoise', 'let']
const outerLeaves = ['mean(x)', 'param', 'param', 'number', 'count', 'size', 'noise', 'draw', 'let']

const pick = fc.nat(1023)
const leaf = (names: readonly string[]): fc.Arbitrary<Term> =>
  fc.record({ op: fc.constantFrom(...names), of: fc.constant([]), pick })
const node = (names: readonly string[], ...of: fc.Arbitrary<Term>[]): fc.Arbitrary<Term> =>
  fc.record({ op: fc.constantFrom(...names), of: fc.tuple(...of), pick })

const terms = fc.letrec<{ inner: Term; outer: Term }>((tie) => {
  const depth = { maxDepth: 5, depthIdentifier: fc.createDepthIdentifier(), withCrossShrink: true }
  const inner = tie('inner')
  const outer = tie('outer')
  return {
    inner: fc.oneof(
      depth,
      { arbitrary: leaf(innerLeaves), weight: 4 },
      { arbitrary: node(elementwise, inner), weight: 4 },
      { arbitrary: node(pairs, inner, inner), weight: 4 },
      { arbitrary: node(['select'], inner, inner, inner, inner), weight: 1 },
      { arbitrary: outer, weight: 2 },
    ),
    outer: fc.oneof(
      depth,
      { arbitrary: leaf(outerLeaves), weight: 3 },
      { arbitrary: node(elementwise, outer), weight: 3 },
      { arbitrary: node(pairs, outer, outer), weight: 3 },
      { arbitrary: node(['select'], outer, outer, outer, outer), weight: 1 },
      { arbitrary: node(reductions, inner), weight: 6 },
      { arbitrary: node(['softmean', 'atArgmax'], inner, inner), weight: 1 },
    ),
  }
})

/** Formulas before they are text; the first result always reduces something. */
export const drafts: fc.Arbitrary<Draft> = fc.record({
  inner: fc.array(terms.inner, { maxLength: 2 }),
  outer: fc.array(terms.outer, { maxLength: 2 }),
  y: fc.oneof(
    { withCrossShrink: true },
    { arbitrary: node(reductions, terms.inner), weight: 2 },
    { arbitrary: node(pairs, terms.outer, node(reductions, terms.inner)), weight: 3 },
    { arbitrary: node(['softmean', 'atArgmax'], terms.inner, terms.inner), weight: 1 },
  ),
  second: fc.option(terms.outer, { nil: undefined, freq: 3 }),
  index: fc.integer({ min: 0, max: 5 }).map((n) => n === 5),
})

/** A formula as text, with what it declares. */
export interface Formula {
  readonly text: string
  readonly declarations: Declarations
  /** The names of declared random values. */
  readonly random: readonly string[]
  /** Whether it holds a variance, which a divisor override refuses. */
  readonly variance: boolean
}

/** A term's text and an interval that holds its values, barring empty windows. */
interface Value {
  readonly text: string
  readonly lo: number
  readonly hi: number
}

const value = (text: string, lo: number, hi: number): Value => ({ text, lo, hi })
const magnitude = (a: Value): number => Math.max(Math.abs(a.lo), Math.abs(a.hi), 0.1)
/** Any text as one operand. */
const group = (text: string): string => (/^[\w.]+$|^\w+\([^()]*\)$/.test(text) ? text : `(${text})`)
const scaled = (a: Value, factor: number): Value => {
  const f = Number(factor.toPrecision(2))
  return value(`${f} * ${group(a.text)}`, a.lo * f, a.hi * f)
}
/** Keeps values small, so that what is built on them stays well-conditioned. */
const bounded = (a: Value, most = 12): Value => (magnitude(a) > most ? scaled(a, (most * 0.5) / magnitude(a)) : a)
const around = (a: number, b: number, c: number, d: number): [number, number] => [Math.min(a, b, c, d), Math.max(a, b, c, d)]

const numbers = [0.5, 2, 1.5, 0.25, 3, -0.75, 0, 1, -1, -2]
const spatial = (dims: number): readonly Axis[] => (['depth', 'height', 'width'] as const).slice(3 - dims)

/** Turns a draft into text for a geometry. */
class Writer {
  readonly declarations: Record<string, Declaration> = { x: input() }
  readonly random: string[] = []
  variance = false
  readonly #draft: Draft
  readonly #geometry: Geometry
  readonly #lets: { readonly name: string; readonly text: string; readonly made: Value }[] = []
  /** How deep `let`s may still refer to each other: those before the one that is written. */
  #known = { inner: 0, outer: 0 }

  constructor(draft: Draft, geometry: Geometry) {
    this.#draft = draft
    this.#geometry = geometry
  }

  formula(): Formula {
    const { y, second, index, inner, outer } = this.#draft
    this.#known = { inner: inner.length, outer: outer.length }
    const first = this.outer(y).text
    const results = [second || index ? `y = ${first}` : first]
    if (second) results.push(`z = ${this.outer(second).text}`)
    if (index) results.push(`indices = flatIndex(argmax(${this.inner({ op: 'x', of: [], pick: y.pick }).text}))`)
    const text = [...this.#lets.map((one) => `let ${one.name} = ${one.text}`), ...results].join('; ')
    return { text, declarations: this.declarations, random: this.random, variance: this.variance }
  }

  inner(term: Term): Value {
    return bounded(this.#write(term, (t) => this.inner(t), true))
  }

  outer(term: Term): Value {
    return bounded(this.#write(term, (t) => this.outer(t), false))
  }

  #write(term: Term, part: (t: Term) => Value, inside: boolean): Value {
    const [first, second] = term.of
    if (!first) return this.#leaf(term, inside)
    if (reductions.includes(term.op) && !second) return this.#reduction(term.op, this.inner(first), term.pick)
    // A comparison of two values in an outer place stays outside; `max` of one is a reduction, `max` of two is not.
    if (term.op === 'softmean' && second) return this.#softmean(this.inner(first), this.inner(second))
    if (term.op === 'atArgmax' && second) {
      const [a, b] = [this.inner(first), this.inner(second)]
      const by = term.pick % 2 === 0 ? 'argmax' : 'argmin'
      return value(`sum(select(tap == ${by}(${a.text}), ${b.text}, 0))`, Math.min(b.lo, 0), Math.max(b.hi, 0))
    }
    const parts = term.of.map((t) => part(t))
    if (term.op === 'select') return this.#select(parts, term.pick)
    return second ? this.#pair(term, parts[0]!, parts[1]!) : this.#elementwise(term, parts[0]!)
  }

  #elementwise({ op, pick }: Term, a: Value): Value {
    switch (op) {
      case 'neg':
        return value(`-${group(a.text)}`, -a.hi, -a.lo)
      case 'exp': {
        const e = this.#exponent(a)
        return value(`exp(${e.text})`, Math.exp(e.lo), Math.exp(e.hi))
      }
      case 'log': {
        const p = this.#positive(a, pick)
        return value(`log(${p.text})`, Math.log(p.lo), Math.log(p.hi))
      }
      case 'sqrt': {
        const p = this.#positive(a, pick)
        return value(`sqrt(${p.text})`, Math.sqrt(p.lo), Math.sqrt(p.hi))
      }
      case 'abs':
        return value(`abs(${a.text})`, 0, magnitude(a))
      case 'sign':
        return value(`sign(${a.text})`, -1, 1)
      case 'tanh':
        return value(`tanh(${a.text})`, -1, 1)
      case 'sigmoid':
        return value(`sigmoid(${a.text})`, 1 / (1 + Math.exp(-a.lo)), 1)
      case 'softplus':
        return value(`softplus(${a.text})`, Math.log1p(Math.exp(a.lo)), Math.log1p(Math.exp(a.hi)))
      case 'relu':
        return value(`relu(${a.text})`, 0, Math.max(a.hi, 0))
      case 'clamp':
        return value(`clamp(${a.text}, -0.7, 0.9)`, -0.7, 0.9)
      case 'power': {
        const n = pick % 5
        const m = magnitude(a) ** n
        if (n === 2) return value(pick % 2 === 0 ? `${group(a.text)}^2` : `pow(${a.text}, 2)`, 0, m)
        return value(`${group(a.text)}^${n}`, n === 4 ? 0 : -m, Math.max(m, 1))
      }
      case 'root': {
        const p = this.#positive(a, pick)
        const n = [0.5, -1, 1.5, -0.5, 1 / 4][pick % 5]!
        const [lo, hi] = around(p.lo ** n, p.hi ** n, p.hi ** n, p.lo ** n)
        return value(`${group(p.text)}^${n < 0 ? `(${n})` : n}`, lo, hi)
      }
      default:
        throw new Error(`no function '${op}' to draw`)
    }
  }

  #pair({ op, pick }: Term, a: Value, b: Value): Value {
    switch (op) {
      case 'add':
        return value(`${group(a.text)} + ${group(b.text)}`, a.lo + b.lo, a.hi + b.hi)
      case 'sub':
        return value(`${group(a.text)} - ${group(b.text)}`, a.lo - b.hi, a.hi - b.lo)
      case 'mul':
        return value(`${group(a.text)} * ${group(b.text)}`, ...around(a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi))
      case 'div': {
        const p = this.#positive(b, pick)
        return value(`${group(a.text)} / ${group(p.text)}`, ...around(a.lo / p.lo, a.lo / p.hi, a.hi / p.lo, a.hi / p.hi))
      }
      case 'max':
        return value(`max(${a.text}, ${b.text})`, Math.max(a.lo, b.lo), Math.max(a.hi, b.hi))
      case 'min':
        return value(`min(${a.text}, ${b.text})`, Math.min(a.lo, b.lo), Math.min(a.hi, b.hi))
      case 'raise': {
        const p = this.#positive(a, pick)
        const e = bounded(b, 1.5)
        const [lo, hi] = around(p.lo ** e.lo, p.lo ** e.hi, p.hi ** e.lo, p.hi ** e.hi)
        return value(pick % 3 === 0 ? `pow(${p.text}, ${e.text})` : `${group(p.text)}^${group(e.text)}`, lo, hi)
      }
      default:
        throw new Error(`no function '${op}' to draw`)
    }
  }

  #select([a, b, yes, no]: readonly Value[], pick: number): Value {
    const test = ['<', '<=', '>', '>=', '==', '!='][pick % 6]!
    const condition = `${group(a!.text)} ${test} ${group(b!.text)}`
    return value(`select(${condition}, ${yes!.text}, ${no!.text})`, Math.min(yes!.lo, no!.lo), Math.max(yes!.hi, no!.hi))
  }

  #reduction(op: string, a: Value, pick: number): Value {
    const override = this.#geometry.kind === 'sliding' && this.#geometry.divisorOverride !== null
    const most = op === 'sum' || (op === 'mean' && override) ? 30 : 1
    switch (op) {
      case 'sum':
      case 'mean':
        return value(`${op}(${a.text})`, Math.min(a.lo * most, 0), Math.max(a.hi * most, 0))
      case 'max':
      case 'min':
        return value(`${op}(${a.text})`, a.lo, a.hi)
      case 'var':
        this.variance = true
        return value(`var(${a.text})`, 0, magnitude(a) ** 2)
      case 'std': {
        // The larger the spread, the farther the variance from zero.
        this.variance = true
        const wide = scaled(a, 10 / magnitude(a))
        return value(`std(${wide.text})`, 0, 10)
      }
      case 'argmax':
      case 'argmin':
        return pick % 2 === 0 ? value(`0.1 * ${op}(${a.text})`, -0.1, 6) : value(`0.1 * flatIndex(${op}(${a.text}))`, -0.1, 12)
      case 'logsumexp': {
        const e = this.#exponent(a)
        return value(`log(sum(exp(${e.text})))`, e.lo, e.hi + 4)
      }
      case 'norm': {
        const p = [2, 3, 1.5][pick % 3]!
        const m = magnitude(a)
        return value(`(mean((abs(${a.text}) + 0.2)^${p}) * size)^(1/${p})`, 0.2, (m + 0.2) * 30)
      }
      default:
        throw new Error(`no reduction '${op}' to draw`)
    }
  }

  #softmean(a: Value, b: Value): Value {
    const e = this.#exponent(b)
    return value(`sum(${group(a.text)} * exp(${e.text})) / sum(exp(${e.text}))`, a.lo, a.hi)
  }

  /** A value that exp can take. */
  #exponent(a: Value): Value {
    return a.hi > 3.5 || a.lo < -8 ? scaled(a, 3 / magnitude(a)) : a
  }

  /** A value at least 0.1 from zero. */
  #positive(a: Value, pick: number): Value {
    if (a.lo >= 0.1 && a.hi <= 60) return a
    const m = magnitude(a)
    switch (pick % 4) {
      case 0:
        return value(`abs(${a.text}) + 0.5`, 0.5, m + 0.5)
      case 1:
        return value(`softplus(${a.text}) + 0.2`, 0.2, m + 1)
      case 2:
        return value(`exp(${this.#exponent(a).text}) + 0.1`, 0.1, 34)
      default:
        return value(`${group(a.text)}^2 + 0.5`, 0.5, m * m + 0.5)
    }
  }

  #declare(name: string, declaration: Declaration): string {
    if (!Object.hasOwn(this.declarations, name) && declaration.role === 'random') this.random.push(name)
    this.declarations[name] ??= declaration
    return name
  }

  #axes(pick: number): readonly Axis[] {
    const all: readonly Axis[] = ['sample', 'channel', ...spatial(this.#geometry.dims)]
    const some = all.filter((_, d) => pick & (1 << d))
    return some.length === 0 ? ['channel', 'width'] : some
  }

  /** A shape, and a name that no other shape has. */
  #shape(pick: number): { readonly name: string; readonly shape: ParamShape } {
    const named = (['scalar', 'channel', 'sample', 'sample-channel', 'position'] as const)[pick % 7]
    if (named)
      return { name: { scalar: 'a', channel: 'b', sample: 'u', 'sample-channel': 'v', position: 'w' }[named], shape: named }
    const axes = this.#axes(pick >> 3)
    return { name: `q_${axes.map((axis) => axis[0]).join('')}`, shape: axes }
  }

  #noise(name: string, shape: RandomShape, pick: number): Value {
    if (pick % 2 === 0) return value(this.#declare(`normal_${name}`, normal(shape)), -6, 6)
    return value(this.#declare(`uniform_${name}`, uniform(shape)), 0, 1)
  }

  #leaf({ op, pick }: Term, inside: boolean): Value {
    const sliding = this.#geometry.kind === 'sliding'
    switch (op) {
      case 'x':
        return value('x', -2.5, 2.5)
      case 'l':
        return value(this.#declare('l', tensor()), -2.5, 2.5)
      case 'kernel':
        if (!sliding) return value('x', -2.5, 2.5)
        return value(this.#declare(pick % 2 === 0 ? 'k' : 'k2', param('kernel')), -1.5, 1.5)
      case 'tap':
        return value('0.1 * tap', 0, 6)
      case 'inputNoise':
        return this.#noise('input', 'input', pick)
      case 'windowNoise':
        return sliding ? this.#noise('window', 'window', pick) : this.#noise('input', 'input', pick)
      case 'mean(x)':
        return value('mean(x)', -2.5, 2.5)
      case 'param': {
        const { name, shape } = this.#shape(pick)
        return value(this.#declare(name, param(shape)), -1.5, 1.5)
      }
      case 'number': {
        const n = numbers[pick % numbers.length]!
        return value(n < 0 ? `(${n})` : `${n}`, n, n)
      }
      case 'count':
        return value('0.2 * count', 0, 12)
      case 'size':
        return value('0.2 * size', 0.2, 12)
      case 'noise': {
        const { name, shape } = this.#shape(pick)
        return this.#noise(name, shape, pick >> 1)
      }
      case 'draw': {
        const { shape } = this.#shape(pick)
        const fn = pick % 2 === 0 ? 'normal' : 'uniform'
        return value(
          `${fn}(${typeof shape === 'string' ? shape : shape.join(', ')})`,
          fn === 'normal' ? -6 : 0,
          fn === 'normal' ? 6 : 1,
        )
      }
      case 'let':
        return this.#reference(pick, inside)
      default:
        throw new Error(`no leaf '${op}' to draw`)
    }
  }

  #reference(pick: number, inside: boolean): Value {
    const kind = inside && pick % 2 === 0 ? 'inner' : 'outer'
    const known = this.#known[kind]
    if (known === 0) return inside ? value('x', -2.5, 2.5) : value('mean(x)', -2.5, 2.5)
    const i = (pick >> 1) % known
    const name = `${kind === 'inner' ? 'e' : 'm'}${i + 1}`
    const there = this.#lets.find((one) => one.name === name)
    if (there) return there.made
    // Only earlier ones may be named in it, and of the inner ones none in an outer one: so no circle arises.
    const before = this.#known
    this.#known = kind === 'inner' ? { ...before, inner: i } : { inner: 0, outer: i }
    const { text, lo, hi } = kind === 'inner' ? this.inner(this.#draft.inner[i]!) : this.outer(this.#draft.outer[i]!)
    this.#known = before
    const made = value(name, lo, hi)
    const again = this.#lets.find((one) => one.name === name)
    if (again) return again.made
    this.#lets.push({ name, text, made })
    return made
  }
}

/** The text of a draft for a geometry: axes and values per tap are those that it has. */
export const write = (draft: Draft, geometry: Geometry): Formula => new Writer(draft, geometry).formula()
