/**
 * Which tensor a parameter's shape asks for, and which shape a given tensor tells. Parameters are channels-first in every
 * layout: N, C, then the output's spatial dimensions, 1 where nothing varies; one value a tap has the kernel's own shape.
 */
import { ArgumentError } from './errors.ts'
import { dimensionName } from './geometry.ts'
import { allDims } from './level.ts'
import { type Axis, type ParamShape, type RandomShape, shapeLevel } from './shapes.ts'

/** The numbers that shapes are made of, settled for one launch. */
export interface ShapeContext {
  readonly samples: number
  readonly channels: number
  /** Spatial extents of the input; only values per input element ask for them. */
  readonly extents: readonly number[]
  readonly outExtents: readonly number[]
  /** The kernel size; absent for adaptive and global windows. */
  readonly kernel?: readonly number[] | undefined
}

/**
 * The shape of the tensor for a parameter or a handed-in random value. One for each window and tap is N, C, output, kernel.
 * @throws ArgumentError where it has one value a tap and the geometry has no kernel size
 */
export const paramTensorShape = (shape: RandomShape, dims: number, context: ShapeContext): number[] => {
  const { samples, channels, extents, outExtents, kernel } = context
  const level = shapeLevel(shape)
  const taps = (): readonly number[] => {
    if (kernel) return kernel
    throw new ArgumentError(`a shape of '${String(shape)}' needs a kernel size, which adaptive and global windows have not`)
  }
  const head = [level.n ? samples : 1, level.c ? channels : 1]
  switch (level.place) {
    case 'tap':
      return [...taps()]
    case 'in':
      return [...head, ...extents]
    case 'none':
    case 'out':
      return [...head, ...outExtents.map((extent, d) => (level.dims & (1 << (dims - 1 - d)) ? extent : 1))]
    case 'window':
      return [...head, ...outExtents, ...taps()]
    default:
      return level.place satisfies never
  }
}

/**
 * The shape that a parameter's tensor tells: a rank equal to the spatial one is one value a tap, all ones a scalar, else it
 * varies along the axes whose size is not 1.
 *
 * @param kernel the kernel size where there is one: it tells a kernel of one tap from a scalar
 * @throws ArgumentError where the rank fits neither a kernel nor the output
 */
export const inferParamShape = (tensorShape: readonly number[], dims: number, kernel?: readonly number[]): ParamShape => {
  const isKernel = tensorShape.length === dims && tensorShape.every((size, d) => size === kernel?.[d])
  if (isKernel) return 'kernel'
  if (tensorShape.every((size) => size === 1)) return 'scalar'
  if (tensorShape.length === dims) return 'kernel'
  if (tensorShape.length !== dims + 2) {
    throw new ArgumentError(
      `a parameter has rank ${dims + 2} (N, C, spatial, with 1 where it does not vary), rank ${dims} (one value a tap) or is a scalar, ` +
        `but its shape is [${tensorShape.join(', ')}]`,
    )
  }
  const all: readonly Axis[] = ['sample', 'channel', ...tensorShape.slice(2).map((_, d) => dimensionName(dims, d))]
  const axes = all.filter((_, k) => tensorShape[k] !== 1)
  if (axes.length === all.length) return 'position'
  const { n, c, dims: spatial } = shapeLevel(axes)
  if (spatial !== 0) return axes
  return n && c ? 'sample-channel' : n ? 'sample' : 'channel'
}

/** A shape in words, for headers and messages: `one per channel`. */
export const describeShape = (shape: RandomShape): string => {
  const { n, c, place, dims } = shapeLevel(shape)
  if (place === 'tap') return 'one per tap'
  if (place === 'in') return 'one per input element'
  if (place === 'window') return 'one per window and tap'
  if (n && c && dims === allDims) return 'one per output element'
  const axes = typeof shape === 'string' ? [...(n ? ['sample'] : []), ...(c ? ['channel'] : [])] : shape
  return axes.length === 0 ? 'one number' : `one per ${axes.join(' and ')}`
}
