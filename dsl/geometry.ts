/**
 * The geometry of pooling: what a user may ask for, checked and normalised, and PyTorch's rules for output sizes. Rules are
 * numbered as in PyTorch's own checks (aten/src/ATen/native/Pool.h); the one widening is padding, accepted up to half the
 * dilated kernel on each side.
 */

export type Layout = 'channels-first' | 'channels-last'
export type StorageType = 'float32' | 'float64'

/** One number for every spatial dimension, or one for each. */
export type PerDim = number | readonly number[]

/** What a user writes. Give `kernelSize`, or `outputSize` (adaptive), or `global`. */
export interface GeometryOptions {
  /** Spatial dimensions, 1 to 3; needed only where no list tells it. */
  readonly dims?: number
  readonly kernelSize?: PerDim
  /** Defaults to the kernel size. */
  readonly stride?: PerDim
  /** Per dimension one number, or `[low, high]`. */
  readonly padding?: number | readonly (number | readonly [number, number])[]
  readonly dilation?: PerDim
  readonly ceilMode?: boolean
  readonly countIncludePad?: boolean
  readonly divisorOverride?: number | null
  readonly outputSize?: PerDim
  readonly global?: boolean
  readonly layout?: Layout
}

/** One spatial dimension of a sliding window. */
export interface SlidingAxis {
  readonly kernel: number
  readonly stride: number
  readonly low: number
  readonly high: number
  readonly dilation: number
}

/** A checked geometry. Spatial extents are no part of it: they are launch arguments. */
export type Geometry = {
  readonly dims: 1 | 2 | 3
  readonly layout: Layout
} & (
  | {
      readonly kind: 'sliding'
      readonly axes: readonly SlidingAxis[]
      readonly ceilMode: boolean
      readonly countIncludePad: boolean
      readonly divisorOverride: number | null
    }
  /** Window o of an axis of I elements and O outputs is floor(o I / O) up to ceil((o + 1) I / O). */
  | { readonly kind: 'adaptive'; readonly outputSize: readonly number[] }
  /** One window over everything; every output dimension is 1. */
  | { readonly kind: 'global' }
)
