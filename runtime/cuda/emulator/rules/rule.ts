/** What an opcode means: the form of the tables in this folder. */
import type { Emitter } from '../emit.ts'
import type { Instruction } from '../ptx.ts'
import { isScalarType, type ScalarType } from '../types.ts'

/** Kinds of instructions, as they are counted. */
export const kinds = [
  'float32',
  'float64',
  'half',
  'integer',
  'convert',
  'special function',
  'move',
  'load',
  'store',
  'atomic',
  'branch',
  'warp',
  'barrier',
] as const
export type Kind = (typeof kinds)[number]

export interface Rule {
  readonly kind: (instruction: Instruction) => Kind
  /** Whether the first operand is written. */
  readonly writes: (instruction: Instruction) => boolean
  /** `null` where control flow is concerned: the translator itself knows these. */
  readonly emit: ((emitter: Emitter, modifiers: Modifiers) => void) | null
}

export type Rules = Readonly<Record<string, Rule>>

/** An instruction's modifiers. A rule takes those it knows; one that is left is an error. */
export class Modifiers {
  readonly #rest: string[]
  readonly #emitter: Emitter

  constructor(emitter: Emitter) {
    this.#emitter = emitter
    this.#rest = [...emitter.instruction.modifiers]
  }
  flag(name: string): boolean {
    return this.maybe([name]) !== undefined
  }
  /** The one of several that stands there, if any. */
  maybe<const T extends string>(names: readonly T[]): T | undefined {
    const at = this.#rest.findIndex((one) => (names as readonly string[]).includes(one))
    return at < 0 ? undefined : (this.#rest.splice(at, 1)[0] as T)
  }
  one<const T extends string>(names: readonly T[]): T {
    return this.maybe(names) ?? this.#emitter.fail(`one of .${names.join(' .')} is expected`)
  }
  /** The last type. */
  type<const T extends ScalarType>(allowed?: readonly T[]): T {
    const last = this.#rest.at(-1)
    if (last === undefined || !isScalarType(last)) return this.#emitter.fail('a type is expected')
    if (allowed && !(allowed as readonly ScalarType[]).includes(last)) return this.#emitter.fail(`not known for .${last}`)
    this.#rest.pop()
    return last as T
  }
  end(): void {
    if (this.#rest.length > 0) this.#emitter.fail(`modifier .${this.#rest[0]} is not known here`)
  }
}

/** The kind of arithmetic, by its type. */
export const arithmetic = ({ modifiers }: Instruction): Kind => {
  const type = modifiers.at(-1) ?? ''
  if (type === 'f32') return 'float32'
  if (type === 'f64') return 'float64'
  return /f16/.test(type) ? 'half' : 'integer'
}

type Emit = NonNullable<Rule['emit']>

/** A rule that writes its first operand. */
export const rule = (kind: Rule['kind'] | Kind, emit: Emit): Rule => ({
  kind: typeof kind === 'string' ? () => kind : kind,
  writes: () => true,
  emit,
})
/** A rule that writes no register. */
export const effect = (kind: Kind, emit: Emit): Rule => ({ kind: () => kind, writes: () => false, emit })
