/**
 * What one GPU's language writes differently from another's. All else of a kernel is the same text in each: arithmetic on
 * names, what is called, and braces. Types go by their names in C.
 */
import type { ValueType } from '../../dsl/expression.ts'
import type { Spelling } from '../emit/block.ts'

/** Who puts parts together: all threads of a block, or so many lanes of it. */
export type Together = 'Block' | 'Lanes'
export type Larger = 'largest' | 'smallest'

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
  /** The function that reads so many elements of an array, where the language needs one. */
  readonly reader: (array: string, width: number) => string | undefined
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
  /** Whether an integer is at least 0, and below another. */
  readonly within: (text: string, below: string) => string
  /** floor(a * by / over), and ceil((a + 1) * by / over), of products that may be larger than an int. */
  readonly scaled: (a: string, by: string, over: string) => string
  readonly scaledUp: (a: string, by: string, over: string) => string
  /** A thread in its block, and a block in its launch. */
  readonly thread: string
  readonly block: string
  /** The number of a thread in the launch, of blocks of so many. */
  readonly threadOf: (threads: number, index: Type) => string
  /** The sum over the threads of a block, and over so many lanes. */
  readonly sumOf: (of: Together, count: number, text: string, type: 'int' | Real) => string
  /** The statements by which the best of the lanes' values, or that with its tap, comes to each lane. */
  readonly bestOf: (larger: Larger, of: Together, count: number, best: string, type: 'int' | Real) => string
  readonly placeOf: (
    larger: Larger,
    of: Together,
    count: number,
    names: { readonly best: string; readonly tap: string },
    type: 'int' | Real,
  ) => string
  /** Whether another's best wins, by its tap where they are equal. */
  readonly wins: (
    sign: string,
    other: { readonly best: string; readonly tap: string },
    own: { readonly best: string; readonly tap: string },
    type: 'int' | Real,
  ) => string
  /** Memory that the threads of a block share: of so many numbers, or for each name of so many whole planes of some size. */
  readonly shared: (name: string, type: Real, size: number) => string
  readonly sharedPlanes: (names: readonly string[], type: Real, planes: number, points: string) => string[]
  /** What an address goes by that something is copied from. */
  readonly source: string
  /**
   * Whether a block's threads come to each barrier and exchange together, and end together; a launch, laid out in rows, may have
   * more blocks than it has work for.
   */
  readonly together: boolean
  /** Waits for the other threads of the block. */
  readonly barrier: string
  /** Whether vectors, and elements that memory holds otherwise than arithmetic does, are reached by functions of a kernel's own. */
  readonly accessors: boolean
  readonly vectorOf: (type: Type, width: number) => string
  /** Several elements are written at once, by a function of the kernel's own where there are such. */
  readonly storeVector: (
    array: string,
    type: string,
    index: string,
    parts: readonly string[],
    writer: string | undefined,
  ) => string
  /** The index of a random value, beyond 32 bits where the language has such numbers. */
  readonly counter: (text: string) => string
}
