/**
 * Scalars: the values of straight-line generated code. A stage's graph is instantiated at concrete windows, taps and
 * elements; each instance becomes one scalar, hash-consed, so that what two windows of a block share (a loaded column, an
 * exponential of an element) is one value. A target prints them; which get a name is decided in block.ts.
 */
import type { ValueType } from '../../dsl/expression.ts'

/** The operations that every target must be able to spell, beside constants, names and loads. */
export type SharedOp =
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'abs'
  | 'sign'
  | 'sigmoid'
  | 'softplus'
  | 'tanh'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'max'
  | 'min'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'eq'
  | 'ne'
  | 'choose'
  | 'normal'
  | 'uniform'
  /** Whether a candidate takes the place of the best so far: PyTorch's `v > best || v != v`, and its mirror. */
  | 'above'
  | 'below'

/** Maximum and minimum by the bits of floats, for JavaScript; see js/fold.ts. */
export type KeyOp = 'pick' | 'flip' | 'key' | 'unkey' | 'larger' | 'placeKey' | 'later' | 'exceeds' | 'tapOf'

/** Conditions that go with a value, for targets whose threads go on together: at a border nothing branches. */
export type ConditionOp = 'and' | 'within'

/** Maximum and minimum of numbers of 16 bits, two at once in each word of a vector. */
export type PairOp = 'maxOfPairs' | 'minOfPairs'

export type ScalarOp = SharedOp | KeyOp | ConditionOp | PairOp

/**
 * One value. `text` is the spelling of an atom: a literal, a name in scope, or integer arithmetic on names; a load's buffer.
 * A guarded load has a condition before its index, and gives `value` where that does not hold. A vector is several elements
 * loaded at once: its index, its width, and maybe a condition; a component is one of them, by `value`. `hint` is what to call it if it gets a name, `named` says that it must, and `comment` is the part of the formula that it
 * computes.
 */
export interface Scalar {
  readonly id: number
  readonly op: ScalarOp | 'const' | 'atom' | 'load' | 'guarded' | 'vector' | 'component'
  readonly args: readonly Scalar[]
  readonly text: string
  readonly value: number
  readonly type: ValueType
  hint?: string | undefined
  named?: boolean
  comment?: string | undefined
}

/** What stands for memory and names, where no function computes. */
const notOperations: ReadonlySet<Scalar['op']> = new Set(['const', 'atom', 'load', 'guarded', 'vector', 'component'])

/** Makes scalars; folds constants and what is neutral. */
export class Scalars {
  /** The operations made so far, by all tables of one kernel: what helpers it needs. */
  readonly used: Set<ScalarOp>
  private readonly table = new Map<string, Scalar>()

  constructor(used = new Set<ScalarOp>()) {
    this.used = used
  }

  private make(op: Scalar['op'], args: readonly Scalar[], type: ValueType, text = '', value = Number.NaN): Scalar {
    const key = `${op}|${type}|${text}|${value}|${args.map((a) => a.id).join(',')}`
    const known = this.table.get(key)
    if (known) return known
    if (!notOperations.has(op)) this.used.add(op as ScalarOp)
    const made: Scalar = { id: this.table.size, op, args, text, value, type }
    this.table.set(key, made)
    return made
  }

  constant(value: number, type: ValueType = 'float'): Scalar {
    const text = Object.is(value, -0) ? '-0' : String(value)
    return this.make('const', [], type, text, value)
  }

  /** A name in scope or integer arithmetic on such names. */
  atom(text: string, type: ValueType): Scalar {
    return this.make('atom', [], type, text)
  }

  load(buffer: string, index: Scalar, type: ValueType): Scalar {
    return this.make('load', [index], type, buffer)
  }

  /** A load where a condition holds, and a number elsewhere; always a load where there is no condition. */
  guarded(condition: Scalar | undefined, buffer: string, index: Scalar, type: ValueType, otherwise: number): Scalar {
    return condition ? this.make('guarded', [condition, index], type, buffer, otherwise) : this.load(buffer, index, type)
  }

  /** Several elements that are loaded at once. */
  vector(
    condition: Scalar | undefined,
    { buffer, index, width }: { buffer: string; index: Scalar; width: number },
    type: ValueType,
    otherwise: number,
  ): Scalar {
    const args = [index, this.constant(width, 'int'), ...(condition ? [condition] : [])]
    return this.make('vector', args, type, buffer, otherwise)
  }

  /** One element of a vector. */
  component(vector: Scalar, lane: number): Scalar {
    return this.make('component', [vector], vector.type, vector.text, lane)
  }

  /** The larger (smaller) elements of two vectors of one buffer. */
  pairs(op: PairOp, a: Scalar, b: Scalar): Scalar {
    return this.make(op, [a, b], a.type, a.text)
  }

  op(op: ScalarOp, args: readonly Scalar[], type: ValueType = 'float'): Scalar {
    const [a, b, yes, no] = args as [Scalar, Scalar, Scalar, Scalar]
    const is = (x: Scalar, value: number): boolean => x.op === 'const' && x.value === value
    // An integer zero comes from the geometry (no padding here): its term is not there, whatever the other factor is.
    const absent = (x: Scalar): boolean => is(x, 0) && x.type === 'int'
    switch (op) {
      case 'add':
        if (is(a, 0)) return b
        if (is(b, 0)) return a
        break
      case 'sub':
        if (is(b, 0)) return a
        break
      case 'mul':
        if (absent(a) || absent(b)) return this.constant(0, 'int')
        if (is(a, 1)) return b
        if (is(b, 1)) return a
        break
      case 'div':
        if (is(b, 1)) return a
        if (absent(a)) return a
        break
      case 'pow':
        if (is(b, 1)) return a
        // Small whole powers as products, which are exact for negative bases and far cheaper.
        if (b.op === 'const' && Number.isInteger(b.value) && b.value >= 2 && b.value <= 4) {
          const square = this.op('mul', [a, a])
          return b.value === 2 ? square : b.value === 3 ? this.op('mul', [square, a]) : this.op('mul', [square, square])
        }
        break
      default:
        break
    }
    if (a?.op === 'const' && b?.op === 'const' && args.length === 2) {
      const folded = foldable[op]?.(a.value, b.value)
      if (folded !== undefined) return this.constant(folded, type)
    }
    if (op === 'neg' && a.op === 'const') return this.constant(-a.value, a.type)
    if (op === 'choose' && yes === no) return yes
    return this.make(op, args, type)
  }

  /** `yes` where the comparison holds. Comparisons of constants are decided here. */
  choose(test: 'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'ne', a: Scalar, b: Scalar, yes: Scalar, no: Scalar): Scalar {
    if (a.op === 'const' && b.op === 'const') return decided[test](a.value, b.value) ? yes : no
    if (yes === no) return yes
    const type: ValueType = yes.type === 'int' && no.type === 'int' ? 'int' : 'float'
    return this.make('choose', [this.make(test, [a, b], 'int'), yes, no], type)
  }

  sum(terms: readonly Scalar[], type: ValueType = 'float'): Scalar {
    return terms.length === 0 ? this.constant(0, type) : terms.reduce((x, y) => this.op('add', [x, y], type))
  }
}

const foldable: Partial<Record<ScalarOp, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
}

const decided: Record<'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'ne', (a: number, b: number) => boolean> = {
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
}
