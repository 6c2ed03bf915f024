/**
 * Straight-line code from scalars: which values get a name, in which order they are computed, and what comment they carry.
 * A value is named when it is used twice, when it is a load, or when it has a name in the formula; all else is written
 * where it is used. A comment stands once in a block, where a part of the formula is first computed. Blocks nest as the loops
 * of the kernel do: a name of an outer block is seen in the inner ones.
 */
import type { Scalar } from './scalar.ts'

/** How a target writes an expression. `operands` bind at least as tightly as asked for. */
export interface Spelling {
  /** The text of an operation and how tightly it binds (larger is tighter). */
  readonly spell: (scalar: Scalar, operand: (index: number, atLeast: number) => string) => { text: string; binds: number }
  /** The operations that write an operand more than once, so that it is named first. */
  readonly repeats: ReadonlySet<Scalar['op']>
  /** Declares a named value. */
  readonly declare: (name: string, scalar: Scalar, text: string) => string
}

/**
 * Names of one scope: none stands twice in it or in a scope around it, and none is a reserved word. Scopes beside one another
 * use the same names.
 */
export class Names {
  private readonly taken: Set<string>
  private readonly around: Names | undefined

  constructor(reserved: Iterable<string>, around?: Names) {
    this.taken = new Set(reserved)
    this.around = around
  }

  inner(): Names {
    return new Names([], this)
  }

  has(name: string): boolean {
    return this.taken.has(name) || (this.around?.has(name) ?? false)
  }

  /** A name like the one wanted that nobody has; characters that no identifier has are dropped. */
  fresh(wanted: string): string {
    const base = wanted.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[0-9])/, '_') || 'value'
    let name = base
    for (let i = 2; this.has(name); i++) name = `${base}_${i}`
    this.taken.add(name)
    return name
  }
}

/** A line of code and the values that it writes out. */
export interface Statement {
  readonly values: readonly Scalar[]
  /** The line, or nothing where the values only had to be named. */
  readonly line: (text: (scalar: Scalar) => string) => string
}

const isLoad = ({ op }: Scalar): boolean => op === 'load' || op === 'guarded' || op === 'vector'

/** Comparisons of a fold, which name the candidate before the best so far. */
const newestFirst: ReadonlySet<Scalar['op']> = new Set(['above', 'below', 'later'])

export class Block {
  readonly lines: string[] = []
  private readonly named = new Map<Scalar, string>()
  private readonly said = new Set<string>()
  private readonly spelling: Spelling
  readonly names: Names
  private readonly parent: Block | undefined

  constructor(spelling: Spelling, names: Names, parent?: Block) {
    this.spelling = spelling
    this.names = names
    this.parent = parent
  }

  child(): Block {
    return new Block(this.spelling, this.names.inner(), this)
  }

  line(text: string): void {
    this.lines.push(text)
  }

  private nameOf(scalar: Scalar): string | undefined {
    return this.named.get(scalar) ?? this.parent?.nameOf(scalar)
  }

  /** Declares that a scalar already has a name in this scope. */
  bind(scalar: Scalar, name: string): void {
    this.named.set(scalar, name)
  }

  fresh(wanted: string): string {
    return this.names.fresh(wanted)
  }

  /**
   * Writes statements in order. Before each, everything below its values that is used more than once, or is to have a name,
   * is named; uses are counted over all the statements, so what belongs together is handed in together.
   */
  write(statements: readonly Statement[]): void {
    const uses = new Map<Scalar, number>()
    const count = (scalar: Scalar, times: number): void => {
      const n = uses.get(scalar) ?? 0
      uses.set(scalar, n + times)
      if (n > 0 || this.nameOf(scalar) !== undefined) return
      const each = this.spelling.repeats.has(scalar.op) ? 2 : 1
      for (const arg of scalar.args) count(arg, each)
    }
    for (const statement of statements) for (const value of statement.values) count(value, 1)
    const done = new Set<Scalar>()
    const visit = (scalar: Scalar): void => {
      if (done.has(scalar) || scalar.op === 'const' || scalar.op === 'atom' || this.nameOf(scalar) !== undefined) return
      done.add(scalar)
      // A comparison of a fold names its newest candidate first: turned round, loads come in the order of taps.
      const inOrder = newestFirst.has(scalar.op) ? [...scalar.args].reverse() : scalar.args
      inOrder.forEach(visit)
      if (isLoad(scalar) || scalar.named || (uses.get(scalar) ?? 0) > 1) this.declare(scalar)
    }
    for (const { values, line } of statements) {
      values.forEach(visit)
      const text = line((scalar) => this.text(scalar))
      if (text !== '') this.line(text)
    }
  }

  /** Gives values names here, so that inner blocks find them made. Returns the names, those of constants and atoms not. */
  name(scalars: readonly Scalar[]): string[] {
    for (const scalar of scalars) scalar.named = true
    this.write([{ values: scalars, line: () => '' }])
    return scalars.flatMap((scalar) => this.named.get(scalar) ?? [])
  }

  private declare(scalar: Scalar): void {
    const text = this.spell(scalar).text
    const name = this.names.fresh(scalar.hint ?? (isLoad(scalar) ? scalar.text : 'v'))
    if (scalar.comment && !this.said.has(scalar.comment)) this.line(`// ${scalar.comment}`)
    if (scalar.comment) this.said.add(scalar.comment)
    this.line(this.spelling.declare(name, scalar, text))
    this.named.set(scalar, name)
  }

  private spell(scalar: Scalar): { text: string; binds: number } {
    return this.spelling.spell(scalar, (index, atLeast) => this.text(scalar.args[index]!, atLeast))
  }

  /** The text of a value that was prepared, in parentheses where it binds less than asked for. */
  text(scalar: Scalar, atLeast = 0): string {
    const name = this.nameOf(scalar)
    if (name !== undefined) return name
    const { text, binds } = this.spell(scalar)
    return binds >= atLeast ? text : `(${text})`
  }
}
