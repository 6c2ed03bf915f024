/**
 * How many threads a kernel is launched with, as data: it goes with the text to where no compiler is. A thread, or as many
 * as `lanes` says, takes one item of work; items are counted along the axes, or by the elements of a level.
 */
import { allDims, type Level } from '../../dsl/level.ts'

/** The sizes of one launch. */
export interface Sizes {
  readonly samples: number
  readonly channels: number
  readonly extents: readonly number[]
  readonly outExtents: readonly number[]
  /** Taps of a full window; the points of a plane where windows have no fixed size. */
  readonly taps: number
}

/** Items along one axis: a part of the windows, or of the input's elements with some more. */
export interface Counted {
  readonly of: 'extents' | 'outExtents'
  readonly plus: number
  readonly per: number
}

export interface LaunchShape {
  readonly threads: number
  readonly lanes: number
  /** Items of each sample and channel, along each axis; or the elements of a level. */
  readonly items: readonly Counted[] | Level
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)

/** The number of values of a level. */
export const sizeOfLevel = (level: Level, { samples, channels, extents, outExtents, taps }: Sizes): number => {
  const last = outExtents.length - 1
  const varying = outExtents.filter((_, d) => level.dims === allDims || level.dims & (1 << (last - d)))
  const places = { none: 1, tap: taps, in: product(extents), out: product(varying), window: product(outExtents) * taps }
  return (level.n ? samples : 1) * (level.c ? channels : 1) * places[level.place]
}

const isLevel = (items: LaunchShape['items']): items is Level => 'place' in items

export const itemsOf = ({ items }: LaunchShape, sizes: Sizes): number => {
  if (isLevel(items)) return sizeOfLevel(items, sizes)
  const counts = items.map(({ of, plus, per }, d) => Math.ceil((sizes[of][d]! + plus) / per))
  return sizes.samples * sizes.channels * product(counts)
}

/** The blocks of a launch. */
export const blocksOf = (shape: LaunchShape, sizes: Sizes): number =>
  Math.max(1, Math.ceil((itemsOf(shape, sizes) * shape.lanes) / shape.threads))
