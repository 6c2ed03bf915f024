/** The jobs that peers can do: three operators over square windows of one stride and padding in two dimensions, in float32. */
import { ArgumentError } from '../../../dsl/errors.ts'
import { describeGeometry, type Geometry, outputSize } from '../../../dsl/geometry.ts'
import { splitShape } from '../../../dsl/layout.ts'
import type { PeerJob } from '../../../runtime/peer.ts'

const operators = ['max', 'avg', 'gaussian'] as const

export interface SimpleJob {
  readonly operator: (typeof operators)[number]
  readonly direction: 'forward' | 'backward'
  readonly layout: Geometry['layout']
  readonly samples: number
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly outHeight: number
  readonly outWidth: number
  readonly x: Float32Array
  /** One value a channel; gaussian's. */
  readonly weight: Float32Array
  readonly cotangent: Float32Array
  readonly eps: number
}

const windowsOf = (
  geometry: Geometry,
  extents: readonly number[],
): Pick<SimpleJob, 'kernel' | 'stride' | 'padding'> | undefined => {
  if (geometry.dims !== 2) return undefined
  if (geometry.kind === 'global') {
    const [height, width] = extents
    return height === width ? { kernel: height!, stride: height!, padding: 0 } : undefined
  }
  if (geometry.kind !== 'sliding' || geometry.ceilMode || geometry.divisorOverride !== null) return undefined
  const [first, second] = geometry.axes
  const isSquare = (['kernel', 'stride', 'low', 'high'] as const).every((name) => first![name] === second![name])
  const isPlain = first!.low === first!.high && first!.dilation === 1 && second!.dilation === 1
  // Those that leave padding out of the mean differ in how they count it.
  if (!isSquare || !isPlain || (first!.low > 0 && !geometry.countIncludePad)) return undefined
  return { kernel: first!.kernel, stride: first!.stride, padding: first!.low }
}

/** @throws ArgumentError for what peers have not */
export const simpleJob = (job: PeerJob): SimpleJob => {
  const { direction, geometry, inputs, cotangents, attrs } = job
  const operator = operators.find((name) => name === job.operator)
  if (!operator) throw new ArgumentError(`it has ${operators.join(', ')}, and no ${job.operator}`)
  const { samples, channels, extents } = splitShape(geometry, inputs.x!.shape)
  const windows = windowsOf(geometry, extents)
  if (!windows)
    throw new ArgumentError(
      `it has square windows of two dimensions, with padding counted, and not ${describeGeometry(geometry)}`,
    )
  const [outHeight, outWidth] = outputSize(geometry, extents)
  const floats = (data: unknown, length: number): Float32Array => {
    if (!(data instanceof Float32Array)) throw new ArgumentError('it computes in float32 only')
    if (data.length !== length) throw new ArgumentError('it has one weight a channel, and no other shape')
    return data
  }
  return {
    operator,
    direction,
    layout: geometry.layout,
    samples,
    channels,
    height: extents[0]!,
    width: extents[1]!,
    ...windows,
    outHeight: outHeight!,
    outWidth: outWidth!,
    x: floats(inputs.x!.data, inputs.x!.data.length),
    weight: operator === 'gaussian' ? floats(inputs.weight!.data, channels) : new Float32Array(channels),
    cotangent: floats(cotangents.y!.data, cotangents.y!.data.length),
    eps: attrs.eps ?? 0,
  }
}

/** @throws ArgumentError for channels last, which only some have */
export const channelsFirst = (job: SimpleJob): SimpleJob => {
  if (job.layout === 'channels-last') throw new ArgumentError('it has channels first only')
  return job
}
