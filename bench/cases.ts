/** What is measured: shapes as networks have them, operators, and data that is the same on every run. */
import { outputs } from './plain.js'

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

export const sizes = ({ samples, channels, height, width, kernel, stride, padding }: Shape) =>
  [samples, channels, height, width, kernel, stride, padding] as const

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
export interface Job {
  readonly shape: Shape
  readonly operator: Operator
  readonly direction: Direction
  readonly x: Float32Array
  /** One a channel, for gaussian. */
  readonly weight: Float32Array
  readonly cotangent: Float32Array
  readonly outHeight: number
  readonly outWidth: number
}

export const makeJob = (of: Shape, operator: Operator, direction: Direction, distribution: Distribution = 'normal'): Job => {
  const planes = of.samples * of.channels
  const outHeight = outputs(of.height, of.kernel, of.stride, of.padding)
  const outWidth = outputs(of.width, of.kernel, of.stride, of.padding)
  const x = normals(planes * of.height * of.width, 20190101)
  return {
    shape: of,
    operator,
    direction,
    x: distribution === 'relu' ? x.map((value) => Math.max(0, value)) : x,
    weight: Float32Array.from({ length: of.channels }, (_, c) => 0.5 + (c % 7) / 4),
    cotangent: normals(planes * outHeight * outWidth, 42),
    outHeight,
    outWidth,
  }
}
