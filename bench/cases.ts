/** What is measured: shapes as networks have them, operators, and data that is the same on every run. */
import { outputs } from '../cli/bench/peers/plain-loops.ts'
import { type GeometryOptions, normaliseGeometry } from '../dsl/geometry.ts'
import type { Operator as Declared } from '../dsl/operator.ts'
import type { Tensor } from '../dsl/tensor.ts'
import type { PeerJob } from '../runtime/peer.ts'
import { avgPool, gaussianPool, maxPool } from '../specs/index.ts'

export const operators = ['max', 'avg', 'gaussian'] as const
export type Operator = (typeof operators)[number]

export const directions = ['forward', 'backward'] as const
export type Direction = (typeof directions)[number]

/** `relu`: the normal values with the negative ones set to 0, as a feature map after a ReLU: half of it ties. */
export type Distribution = 'normal' | 'relu'

export const eps = 1e-6

export interface Shape {
  readonly id: string
  readonly samples: number
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  /** One window over the whole plane; `kernel` is then its extent. */
  readonly global: boolean
}

const shape = (
  id: string,
  sizes: readonly [number, number, number, number],
  kernel: number,
  stride: number,
  padding: number,
): Shape => {
  const [samples, channels, height, width] = sizes
  return { id, samples, channels, height, width, kernel, stride, padding, global: false }
}

export const shapes: readonly Shape[] = [
  shape('S1', [8, 64, 112, 112], 2, 2, 0),
  shape('S2', [8, 64, 112, 112], 3, 2, 1),
  shape('S3', [1, 64, 224, 224], 2, 2, 0),
  shape('S4', [32, 256, 14, 14], 3, 1, 1),
  { ...shape('S5', [8, 2048, 7, 7], 7, 7, 0), global: true },
]

/** A shape in words: `8 x 64 x 112 x 112, k3 s2 p1`. */
export const describe = ({ samples, channels, height, width, kernel, stride, padding, global }: Shape): string =>
  `${samples} x ${channels} x ${height} x ${width}, ${global ? 'global' : `k${kernel} s${stride}${padding ? ` p${padding}` : ''}`}`

/** The geometry of a shape, as our compiler takes it. */
export const geometryOf = ({ kernel, stride, padding, global }: Shape): GeometryOptions =>
  global ? { dims: 2, global: true } : { kernelSize: [kernel, kernel], stride, padding }

/** Uniform in (0, 1): a small generator is enough where only speed and agreement are looked at. */
const uniform = (seed: number): (() => number) => {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 0.5) / 2 ** 32
  }
}

const normals = (length: number, seed: number): Float32Array => {
  const next = uniform(seed)
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()))
}

/** One thing to be computed, with all it reads; tensors are channels first. */
export interface Job extends PeerJob {
  readonly shape: Shape
  readonly operator: Operator
}

export const declared: Readonly<Record<Operator, Declared>> = { max: maxPool, avg: avgPool, gaussian: gaussianPool }

export const makeJob = (of: Shape, operator: Operator, direction: Direction, distribution: Distribution = 'normal'): Job => {
  const { samples, channels, height, width, kernel, stride, padding } = of
  const [outHeight, outWidth] = [height, width].map((extent) => outputs(extent, kernel, stride, padding)) as [number, number]
  const tensor = (shape: readonly number[], data: Float32Array): Tensor => ({ shape, data })
  const x = normals(samples * channels * height * width, 20190101)
  const weight = Float32Array.from({ length: channels }, (_, c) => 0.5 + (c % 7) / 4)
  return {
    shape: of,
    operator,
    formula: declared[operator].formula,
    attrs: operator === 'gaussian' ? { eps } : {},
    direction,
    geometry: normaliseGeometry({ ...geometryOf(of), dims: 2 }),
    inputs: {
      x: tensor([samples, channels, height, width], distribution === 'relu' ? x.map((value) => Math.max(0, value)) : x),
      ...(operator === 'gaussian' && { weight: tensor([1, channels, 1, 1], weight) }),
    },
    cotangents: {
      y: tensor([samples, channels, outHeight, outWidth], normals(samples * channels * outHeight * outWidth, 42)),
    },
  }
}
