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
  /** Channels of an item; 1 where it is absent. */
  readonly channels?: number
  /** The items of a plane are rounded up to a multiple of this; of 1 where it is absent. */
  readonly multiple?: number
  /** Whole planes that a block takes into shared memory, each of so many bytes a point. */
  readonly planes?: { readonly count: number; readonly bytes: number }
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

/** The items along all axes. */
const placesOf = (items: readonly Counted[], sizes: Sizes): number =>
  product(items.map(({ of, plus, per }, d) => Math.ceil((sizes[of][d]! + plus) / per)))

export const itemsOf = ({ items, channels = 1, multiple = 1, planes }: LaunchShape, sizes: Sizes): number => {
  if (isLevel(items)) return sizeOfLevel(items, sizes)
  return (
    (sizes.samples * sizes.channels * Math.ceil(placesOf(items, sizes) / multiple) * multiple) / (channels * (planes?.count ?? 1))
  )
}

/** Threads of a warp, which leave one part of a sum. */
export const warp = 32

/** The warps that stand in a plane: `each` for every `per` items of it. */
export interface WarpsOf {
  readonly items: readonly Counted[]
  readonly per: number
  readonly each: number
}

/** An array of a kernel: a value for each place of a level, or for each warp that stands in a plane. */
export interface Extent {
  readonly level: Level
  readonly warpsOf?: WarpsOf
}

/** The elements of an array. */
export const sizeOfArray = ({ level, warpsOf }: Extent, sizes: Sizes): number =>
  sizeOfLevel(level, sizes) * (warpsOf ? Math.ceil(placesOf(warpsOf.items, sizes) / warpsOf.per) * warpsOf.each : 1)

/** The blocks of a launch. */
export const blocksOf = (shape: LaunchShape, sizes: Sizes): number =>
  Math.max(1, Math.ceil((itemsOf(shape, sizes) * shape.lanes) / shape.threads))

/** Bytes of dynamic shared memory of each block. */
export const sharedBytesOf = ({ planes }: LaunchShape, { extents }: Sizes): number =>
  planes ? planes.count * planes.bytes * product(extents) : 0

/** What sizes must be multiples of, where a source has vectors: the last spatial extent, the output's, and the channels. */
export interface Multiples {
  readonly width: number
  readonly outWidth: number
  readonly channels: number
}

/** Whether sizes are multiples of these. */
export const fitMultiples = (multiples: Multiples, { channels, extents, outExtents }: Sizes): boolean =>
  extents.at(-1)! % multiples.width === 0 && outExtents.at(-1)! % multiples.outWidth === 0 && channels % multiples.channels === 0
