/** A parsed PTX module: what the text says, checked in its names and shapes, before any of it is translated. */
import type { ScalarType } from './types.ts'

/** Where variables lie. */
export type Space = 'global' | 'const' | 'shared' | 'local'

/** Where an access says that its address lies; a generic address may lie in any. */
export type AddressSpace = Space | 'param' | 'generic'

/** A virtual register. Registers of inner scopes that share a name are different registers. */
export interface Register {
  readonly name: string
  readonly type: ScalarType
}

export interface Variable {
  readonly name: string
  readonly space: Space
  readonly align: number
  /** Bytes; `null` for dynamic shared memory, whose size the launch tells. */
  readonly bytes: number | null
  readonly initial: Uint8Array | null
}

export interface Parameter {
  readonly name: string
  readonly type: ScalarType
  /** Where it lies in the parameters' memory. */
  readonly offset: number
  /** More than one for a struct that is passed by value. */
  readonly count: number
}

export type Operand =
  | { readonly kind: 'register'; readonly register: number; readonly negated: boolean }
  | { readonly kind: 'special'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly bits: bigint; readonly width: 32 | 64 }
  | { readonly kind: 'decimal'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'vector'; readonly elements: readonly Operand[] }
  | { readonly kind: 'address'; readonly base: Operand; readonly offset: bigint }
  | { readonly kind: 'pair'; readonly first: Operand; readonly second: Operand }
  | { readonly kind: 'sink' }

export interface Instruction {
  readonly opcode: string
  readonly modifiers: readonly string[]
  readonly operands: readonly Operand[]
  readonly guard: { readonly register: number; readonly negated: boolean } | null
  readonly ptxLine: number
  readonly sourceLine: number | null
}

/** A kernel or a function. */
export interface Code {
  readonly name: string
  readonly line: number
  readonly parameters: readonly Parameter[]
  readonly registers: readonly Register[]
  /** Shared and local variables of its own. */
  readonly variables: readonly Variable[]
  readonly instructions: readonly Instruction[]
  /** The instruction that a label stands before. */
  readonly labels: ReadonlyMap<string, number>
  /** Labels that `brx.idx` chooses from. */
  readonly branchTables: ReadonlyMap<string, readonly string[]>
}

export interface KernelCode extends Code {
  /** The most threads of a block, where launch bounds say so. */
  readonly maxThreads: number | null
}

export interface FunctionCode extends Code {
  readonly results: readonly Parameter[]
}

export interface Module {
  readonly target: string
  readonly variables: readonly Variable[]
  readonly kernels: readonly KernelCode[]
  /** Those that have a body, by their names. */
  readonly functions: ReadonlyMap<string, FunctionCode>
}

/** An instruction as the text has it: `ld.global.f32`. */
export const spell = ({ opcode, modifiers }: Instruction): string => [opcode, ...modifiers].join('.')
