/** How a GPU's language holds what tensors store: the types of memory, of arithmetic, and of vectors. */
import type { Real } from './dialect.ts'

export interface GpuStorage {
  /** The type of an element in memory. */
  readonly element: string
  readonly bytes: number
  /** The type of arithmetic, and of everything that is not a tensor of the network: parameters, carriers, sums. */
  readonly real: Real
  /** Vector types by the number of their elements: one access of up to 16 bytes. */
  readonly vectors: Readonly<Record<number, string>>
  /** Whether an element must be widened to compute with it. */
  readonly narrow: boolean
  /** Infinity as it is stored, where elements are bits. */
  readonly infinity: number
}
