/**
 * What one GPU's language writes differently from another's. All else of a kernel is the same text in each: arithmetic on
 * names, what is called, and braces. Types go by their names in C.
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Spelling } from '../emit/block.ts'

/** The type of arithmetic. */
export type Real = 'float' | 'double'

/** `long long` is an index beyond 31 bits, which not every language has. */
export type Type = 'int' | 'unsigned' | 'long long' | 'bool' | Real

/** How the arrays of a kernel hold their elements. */
export interface Memory {
  /** What an element is read through, where its storage is not that of arithmetic. */
  readonly widen: (array: string) => string | undefined
  /** The type of several elements of an array. */
  readonly vector: (array: string, width: number) => string
  /** A number as an element of an array. */
  readonly element: (array: string, value: number) => string
}

export interface Dialect {
  readonly reserved: readonly string[]
  readonly spelling: (real: Real, memory: Memory) => Spelling
  readonly literal: (value: number, type: ValueType, real: Real) => string
  /** A name for a value that stays. */
  readonly constant: (name: string, type: Type, text: string) => string
  /** Names for values that change, which begin alike. */
  readonly variables: (names: readonly string[], type: Type, text: string) => string
  /** An integer as one of another type, a float as an integer, and an integer as a float. */
  readonly cast: (type: Type, text: string) => string
  readonly truncated: (text: string) => string
  readonly widened: (text: string) => string
  /** The head of a loop, from a number to below another; and a loop of one statement. */
  readonly loop: (variable: string, from: string, below: string, step?: number) => string
  readonly loopOver: (variable: string, from: string, below: string, step: number, statement: string) => string[]
  /** The head of a loop up to a number, which is computed once and goes by a name. */
  readonly loopUpTo: (variable: string, from: string, last: string, name: string) => string[]
  /** What is done where a condition holds. */
  readonly when: (condition: string, statement: string) => string
  /** What is done where the condition of the block before does not hold. */
  readonly otherwise: (statement: string) => string
  readonly choose: (condition: string, yes: string, no: string) => string
  /** Whether a value takes the place of the best so far, by PyTorch's rule: the first of equals, the last NaN. */
  readonly beats: (sign: string, value: string, best: string, type: ValueType) => string
  /** floor(a * by / over), and ceil((a + 1) * by / over), of products that may be larger than an int. */
  readonly scaled: (a: string, by: string, over: string) => string
  readonly scaledUp: (a: string, by: string, over: string) => string
  /** A thread in its block, and a block in its launch. */
  readonly thread: string
  readonly block: string
  /** The number of a thread in the launch, of blocks of so many. */
  readonly threadOf: (threads: number, index: Type) => string
  /** The sum over the threads of a block, and over the lanes of a warp. */
  readonly sumOf: (of: 'Block' | 'Lanes', count: number, text: string) => string
  /** Memory that the threads of a block share: of so many numbers, or of so many whole planes for each name. */
  readonly shared: (name: string, type: Real, size: number) => string
  readonly sharedPlanes: (names: readonly string[], type: Real, planes: number) => string[]
  /** Waits for the other threads of the block. */
  readonly barrier: string
  readonly storeVector: (array: string, type: string, index: string, parts: readonly string[]) => string
  /** The index of a random value, beyond 32 bits where the language has such numbers. */
  readonly counter: (text: string) => string
}
