/** A kernel that is built ahead of time, all of it: what a module of it is written from. */
import type { CudaSource, Variant } from '../cuda/emit.ts'
import type { JsKernelText } from '../js/emit.ts'
import type { ByDirection, Direction, Signed } from '../signed.ts'
import type { WgslKernel } from '../wgsl/emit.ts'

export interface BuiltJs extends JsKernelText {
  /** The spatial sizes that it was made for, where these are constants in it. */
  readonly extents?: readonly number[]
}

/** A CUDA source and the launches that it is for; sources that are equal are one. */
export interface BuiltCuda extends CudaSource {
  readonly variants: readonly Variant[]
}

export interface BuiltModuleKernel {
  /** The name that the spec module exports it by. */
  readonly name: string
  /** The author's words about it; empty where there are none. */
  readonly words: string
  readonly signed: Signed
  readonly js?: ByDirection<BuiltJs>
  readonly webgpu?: ByDirection<readonly WgslKernel[]>
  readonly cuda?: ByDirection<readonly BuiltCuda[]>
}

/** Each direction that is there, by another form of it. */
export const mapBuilt = <T, U>(built: ByDirection<T>, map: (one: T, direction: Direction) => U): ByDirection<U> => ({
  forward: map(built.forward, 'forward'),
  ...(built.backward !== undefined && { backward: map(built.backward, 'backward') }),
})
