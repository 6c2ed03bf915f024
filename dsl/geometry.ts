/**
 * The geometry of pooling: what a user may ask for, checked and normalised, and PyTorch's rules for output sizes. Rules are
 * numbered as in PyTorch's own checks (aten/src/ATen/native/Pool.h); the one widening is padding, accepted up to half the
 * dilated kernel on each side.
 */
import { GeometryError } from './errors.ts'
import { elements } from './tensor.ts'

export type Layout = 'channels-first' | 'channels-last'
/** What tensors are stored as; `storage.ts` has the arrays of each. */
export type StorageType = 'float32' | 'float64' | 'float16' | 'bfloat16'

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

/** The largest kernel, stride, extent and number of taps: what a 32-bit signed integer holds. */
const int32Max = 2 ** 31 - 1

/** The name of a spatial dimension: depth, height and width of three, height and width of two, width of one. */
export const dimensionName = (dims: number, d: number): 'depth' | 'height' | 'width' =>
  (['depth', 'height', 'width'] as const)[3 - dims + d] ?? 'width'

const isRank = (n: number): n is 1 | 2 | 3 => n === 1 || n === 2 || n === 3

/** The number of spatial dimensions, from whatever tells it; all that do must agree. */
const settleDims = (options: GeometryOptions, inputRank: number | undefined): 1 | 2 | 3 => {
  const told: { readonly dims: number; readonly by: string }[] = []
  for (const name of ['kernelSize', 'outputSize', 'stride', 'padding', 'dilation'] as const) {
    const value = options[name]
    if (Array.isArray(value)) told.push({ dims: value.length, by: `${name} lists ${value.length}` })
  }
  if (options.dims !== undefined) told.push({ dims: options.dims, by: `dims is ${options.dims}` })
  if (inputRank !== undefined) told.push({ dims: inputRank - 2, by: `an input of rank ${inputRank} has ${inputRank - 2}` })
  const [first, ...rest] = told
  if (!first)
    throw new GeometryError('the number of spatial dimensions is unknown: give dims, or a list with a number for each dimension')
  const other = rest.find(({ dims }) => dims !== first.dims)
  if (other) {
    throw new GeometryError(
      `the numbers of spatial dimensions differ: ${first.by}, but ${other.by}; give one number for each dimension, or a single number for all`,
    )
  }
  if (!isRank(first.dims)) throw new GeometryError(`pooling has 1, 2 or 3 spatial dimensions, but ${first.by}`)
  return first.dims
}

/** One number a dimension, each an integer of at least 1. */
const sizes = (name: string, value: PerDim, dims: number): number[] => {
  const list = typeof value === 'number' ? new Array<number>(dims).fill(value) : [...value]
  for (const x of list) {
    if (!Number.isInteger(x) || x < 1 || x > int32Max)
      throw new GeometryError(`${name} must be an integer from 1 to ${int32Max}, but is ${x}`)
  }
  return list
}

const paddingPairs = (padding: NonNullable<GeometryOptions['padding']>, dims: number): (readonly [number, number])[] =>
  (typeof padding === 'number' ? new Array<number>(dims).fill(padding) : padding).map((side) => {
    if (typeof side === 'number') return [side, side]
    if (side.length !== 2)
      throw new GeometryError(
        `the padding of a dimension is a number or a pair [low, high], but [${side.join(', ')}] has ${side.length} numbers`,
      )
    return [side[0], side[1]]
  })

const slidingAxes = (options: GeometryOptions, kernelSize: PerDim, dims: number): SlidingAxis[] => {
  const kernels = sizes('kernelSize', kernelSize, dims)
  const strides = sizes('stride', options.stride ?? kernels, dims)
  const dilations = sizes('dilation', options.dilation ?? 1, dims)
  const paddings = paddingPairs(options.padding ?? 0, dims)
  const taps = kernels.reduce((a, b) => a * b, 1)
  if (taps > int32Max)
    throw new GeometryError(
      `a window of ${kernels.join('x')} has ${taps} taps, but at most ${int32Max} can be counted; make the kernel smaller`,
    )
  return kernels.map((kernel, d) => {
    const stride = strides[d]!
    const dilation = dilations[d]!
    const [low, high] = paddings[d]!
    const reach = (kernel - 1) * dilation + 1
    const where = dimensionName(dims, d)
    if (reach > int32Max)
      throw new GeometryError(
        `kernel ${kernel} with dilation ${dilation} reaches over ${reach} elements of the ${where}, but at most ${int32Max} are possible`,
      )
    const most = Math.floor(reach / 2)
    for (const side of [low, high]) {
      if (!Number.isInteger(side) || side < 0)
        throw new GeometryError(`padding must be an integer of at least 0, but is ${side} for the ${where}`)
      if (side > most) {
        const dilated =
          dilation === 1 ? `kernel of ${kernel}` : `kernel of ${kernel} with dilation ${dilation}, which spans ${reach}`
        throw new GeometryError(
          `padding ${side} of the ${where} is more than half the ${dilated}; give at most ${most}, or pad the input beforehand`,
        )
      }
    }
    return { kernel, stride, low, high, dilation }
  })
}

/** What only sliding windows have. */
const slidingOnly = ['kernelSize', 'stride', 'padding', 'dilation', 'ceilMode', 'countIncludePad', 'divisorOverride'] as const

/**
 * Checks what a user asks for and spells it out, one number for each dimension. PyTorch's defaults stand where nothing is
 * given: stride the kernel size, padding 0 and counted, dilation 1, floor mode, channels first.
 *
 * @param inputRank the rank of the input, samples and channels included, where it is known
 * @throws GeometryError that names the rule, the value and the remedy
 */
export const normaliseGeometry = (options: GeometryOptions, inputRank?: number): Geometry => {
  const { kernelSize, outputSize: wanted, layout = 'channels-first', divisorOverride = null } = options
  const global = options.global ?? false
  if (layout !== 'channels-first' && layout !== 'channels-last') {
    throw new GeometryError(`layout is 'channels-first' or 'channels-last', but is ${JSON.stringify(layout)}`)
  }
  const fixed = wanted !== undefined ? 'outputSize' : 'global'
  if (wanted !== undefined && global) throw new GeometryError('outputSize and global exclude each other: give one of them')
  if (wanted !== undefined || global) {
    const given = slidingOnly.find((name) => options[name] !== undefined && options[name] !== null)
    if (given)
      throw new GeometryError(
        `${given} and ${fixed} exclude each other: with ${fixed} the windows follow from the input's extents; leave ${given} out`,
      )
    const dims = settleDims(options, inputRank)
    if (wanted === undefined) return { dims, layout, kind: 'global' }
    return { dims, layout, kind: 'adaptive', outputSize: sizes('outputSize', wanted, dims) }
  }
  if (kernelSize === undefined)
    throw new GeometryError('the windows are unknown: give kernelSize, or outputSize for adaptive windows, or global')
  const dims = settleDims(options, inputRank)
  if (divisorOverride !== null && (!Number.isFinite(divisorOverride) || divisorOverride === 0)) {
    throw new GeometryError(
      `divisorOverride must be a finite number other than 0, but is ${divisorOverride}; leave it out to divide by the taps`,
    )
  }
  return {
    dims,
    layout,
    kind: 'sliding',
    axes: slidingAxes(options, kernelSize, dims),
    ceilMode: options.ceilMode ?? false,
    countIncludePad: options.countIncludePad ?? true,
    divisorOverride,
  }
}

/** PyTorch's rule: whole windows, or in ceil mode also a last one cut short, unless it would start beyond input and low padding. */
const slidingOutput = (axis: SlidingAxis, extent: number, ceilMode: boolean): number => {
  const { kernel, stride, low, high, dilation } = axis
  const room = extent + low + high - (kernel - 1) * dilation - 1
  const windows = Math.floor((room + (ceilMode ? stride - 1 : 0)) / stride) + 1
  return ceilMode && (windows - 1) * stride >= extent + low ? windows - 1 : windows
}

/**
 * The spatial extents of the output for those of an input.
 *
 * @throws GeometryError where the number of extents is another than the geometry's, or an extent or an output is below 1
 */
export const outputSize = (geometry: Geometry, extents: readonly number[]): number[] => {
  const { dims } = geometry
  if (extents.length !== dims)
    throw new GeometryError(
      `the geometry has ${dims} spatial dimensions, but the input has ${extents.length} (${extents.join('x')})`,
    )
  extents.forEach((extent, d) => {
    if (!Number.isInteger(extent) || extent < 1 || extent > int32Max) {
      throw new GeometryError(`the input's ${dimensionName(dims, d)} must be an integer from 1 to ${int32Max}, but is ${extent}`)
    }
  })
  const out = extents.map((extent, d) => {
    if (geometry.kind === 'global') return 1
    if (geometry.kind === 'adaptive') return geometry.outputSize[d]!
    const axis = geometry.axes[d]!
    const windows = slidingOutput(axis, extent, geometry.ceilMode)
    if (windows < 1) {
      const reach = (axis.kernel - 1) * axis.dilation + 1
      const where = dimensionName(dims, d)
      throw new GeometryError(
        `a window of ${reach} (kernel ${axis.kernel}, dilation ${axis.dilation}) does not fit the ${where} of ${extent} with padding ${axis.low} and ${axis.high}: ` +
          `the output's ${where} would be ${windows}; use a smaller kernel or more padding`,
      )
    }
    return windows
  })
  // Adaptive windows start at floor(o * extent / outputs), so that product has to be exact too.
  const product = extents.map((extent, d) => extent * out[d]!)
  if (![elements(extents), elements(out), ...(geometry.kind === 'adaptive' ? product : [])].every(Number.isSafeInteger)) {
    throw new GeometryError(`${extents.join('x')} pooled to ${out.join('x')} has more elements than can be counted`)
  }
  return out
}

const perDim = (values: readonly (number | string)[]): string =>
  values.every((x) => x === values[0]) ? `${values[0]}` : values.join('x')

/** A geometry in few words, for headers and messages: `window 3x3, stride 2, padding 1 (counted: divisor 9)`. */
export const describeGeometry = (geometry: Geometry): string => {
  if (geometry.kind === 'global') return 'one window over everything'
  if (geometry.kind === 'adaptive') return `adaptive windows, output ${geometry.outputSize.join('x')}`
  const { axes, ceilMode, countIncludePad, divisorOverride } = geometry
  const words = [`window ${axes.map((axis) => axis.kernel).join('x')}`, `stride ${perDim(axes.map((axis) => axis.stride))}`]
  if (axes.some(({ low, high }) => low > 0 || high > 0)) {
    const taps = axes.reduce((n, axis) => n * axis.kernel, 1)
    const counted = countIncludePad ? ` (counted: divisor ${ceilMode ? 'up to ' : ''}${taps})` : ' (not counted)'
    words.push(
      `padding ${perDim(axes.map(({ low, high }) => (low === high ? low : `${low}:${high}`)))}${divisorOverride === null ? counted : ''}`,
    )
  }
  if (axes.some((axis) => axis.dilation > 1)) words.push(`dilation ${perDim(axes.map((axis) => axis.dilation))}`)
  if (ceilMode) words.push('ceil mode')
  if (divisorOverride !== null) words.push(`divisor ${divisorOverride}`)
  return words.join(', ')
}
