/**
 * Where candidates are tried: a target with what a trial needs beside it, which is tensors that show what was done to them,
 * and a clock. Each target has one. A device may answer at once, or later.
 */
import type { StoredType } from '../../../dsl/storage.ts'
import type { Tensor, TensorData } from '../../../dsl/tensor.ts'
import type { Target } from '../../target.ts'
import type { Timed } from '../../timing.ts'
import type { Fault, Takes } from '../outcome.ts'
import type { Where } from '../tuning.ts'

/** What was done to a tensor. */
export interface Look {
  /** What it holds: a copy. */
  readonly data: TensorData
  /** What was written beside it; `undefined` where nothing was. */
  readonly harm: string | undefined
}

/** A tensor to write into, full of what no kernel writes, between bands that nothing may touch. */
export interface Guarded {
  readonly tensor: Tensor
  look(): Look | Promise<Look>
  /** Fills it again with what no kernel writes. */
  poison(): void
}

export interface Workplace {
  readonly target: Target
  /** What a kernel reads. */
  given(tensor: Tensor, stored: StoredType): Tensor
  guarded(shape: readonly number[], stored: StoredType): Guarded
  /** Makes calls of one kernel ready to be timed, which take turns; `undefined` where time means nothing. */
  readonly timed: ((calls: readonly (() => void)[]) => Timed) | undefined
  /** What moves so many bytes from one place in memory to another: no kernel that reads and writes as many is faster. */
  readonly copy?: (bytes: number) => () => void
  /** What the kernels of a text take of the device; absent where nothing tells. */
  readonly takes?: (source: string) => Promise<Takes>
  /** What kind of fault an error is that compiling or launching a candidate threw. */
  faultOf(error: unknown, doing: 'compiling' | 'launching'): Fault['kind']
  /** Whether a candidate has left the device unusable, so that the next needs another. */
  isBroken(): boolean
  close(): void
}

export const openWorkplace = async ({ module, options }: Where): Promise<Workplace> => {
  const { open } = (await import(/* @vite-ignore */ module)) as {
    readonly open: (options: unknown) => Workplace | Promise<Workplace>
  }
  return open(options)
}
