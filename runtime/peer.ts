/**
 * What another implementation has to be, to be timed beside ours by `poolwright bench`: a module that exports `peer`. It is handed
 * what our kernels are handed, and its results are held against the definition like theirs.
 */
import type { Geometry } from '../dsl/geometry.ts'
import type { Tensor, TensorData } from '../dsl/tensor.ts'

/** One direction of one operator on tensors that lie ready. */
export interface PeerJob {
  /** The operator's name, by which those of the house are known, and its formula. */
  readonly operator: string
  readonly formula: string
  readonly attrs: Readonly<Record<string, number>>
  readonly direction: 'forward' | 'backward'
  readonly geometry: Geometry
  /** The input `x`, further tensors and parameters, in the geometry's layout. */
  readonly inputs: Readonly<Record<string, Tensor>>
  /** By result: `y`. */
  readonly cotangents: Readonly<Record<string, Tensor>>
}

export interface PeerCalls {
  /** One call: everything from inputs that lie ready to a finished result. */
  run(): void | Promise<void>
  /** The result of a call, by name, in the geometry's layout: `y`, or the gradients of the inputs. Not timed. */
  results(): Readonly<Record<string, TensorData>> | Promise<Readonly<Record<string, TensorData>>>
  dispose(): void
}

export interface Peer {
  readonly name: string
  /** What a reader must know to judge the figures: layout, what is allocated, what is computed besides. */
  readonly notes: readonly string[]
  /** @throws Error that says why, for a job that it cannot do */
  prepare(job: PeerJob): PeerCalls | Promise<PeerCalls>
}
