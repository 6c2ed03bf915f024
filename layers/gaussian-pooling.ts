/**
 * The whole Gaussian pooling layer: the weight's distribution is estimated from the feature map's global average, drawn from
 * while training, and taken at its mean after it; output = mean + weight * deviation of each window.
 *
 * The input is read by the average and by the windows, forward and backward: the weight of the first window depends on the last
 * element, so no single reading can do. What lies between is a few numbers a channel, and is done on the host, in double.
 *
 * T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019.
 */
import { input, param } from '../dsl/declarations.ts'
import { ArgumentError } from '../dsl/errors.ts'
import type { GeometryOptions, Layout, PerDim } from '../dsl/geometry.ts'
import { splitShape } from '../dsl/layout.ts'
import type { Operator } from '../dsl/operator.ts'
import { elements, type Tensor } from '../dsl/tensor.ts'
import { jsTarget } from '../runtime/js.ts'
import { pool, settled } from '../runtime/pool.ts'
import { type DeviceKernel, readFrom, type Target, type Tensors } from '../runtime/target.ts'
import { avgPool, ispGaussianChannelPool, ispGaussianInferencePool, ispGaussianPool } from '../specs/index.ts'
import { type EstimatorGradients, type EstimatorState, estimate, estimateGradients } from './estimator.ts'
import type { Rows } from './rows.ts'
import { freshState } from './state.ts'

/** Which weights are drawn apart: one an output element, one a sample and channel, or none. */
export type Stochasticity = 'HWCN' | 'CN' | null

export interface GaussianPoolingOptions {
  readonly numFeatures: number
  readonly kernelSize: PerDim
  /** The kernel size by default. */
  readonly stride?: PerDim
  readonly padding?: NonNullable<GeometryOptions['padding']>
  readonly ceilMode?: boolean
  readonly countIncludePad?: boolean
  /** Of the estimator: half of `numFeatures` by default, and at least 1. */
  readonly hiddenFeatures?: number
  /** `HWCN` by default. */
  readonly stochasticity?: Stochasticity
  /** What the variance is at least; 1e-6 by default. */
  readonly eps?: number
  readonly layout?: Layout
}

/** What one call is made with. */
export interface PoolOptions {
  /** The key of what is drawn; wanted while training, unless nothing is drawn or the noise is handed in. */
  readonly seed?: bigint
  /** Standard normal values instead of drawn ones: one an output element, or one a sample and channel. */
  readonly noise?: Tensor
}

/** What a call made, and the way back. */
export interface Pooled {
  readonly y: Tensor
  /** The gradients, given that of `y`: of the input, and of each parameter that had a part in it. */
  backward(cotangent: Tensor): Promise<{ readonly x: Tensor; readonly parameters: EstimatorGradients }>
}

/** Adds a number to each plane: what the global average hands back to every element. */
const shifted = pool('shifted', { x: input(), shift: param('sample-channel') }, 'mean(x) + shift')

const operators = {
  HWCN: ispGaussianPool,
  CN: ispGaussianChannelPool,
  none: ispGaussianInferencePool,
} as const satisfies Record<string, Operator>

const rowsOf = (tensor: Tensor, rows: number, columns: number): Rows => ({ rows, columns, data: Float64Array.from(tensor.data) })

const tensorOf = ({ rows, columns, data }: Rows, dims: number): Tensor => ({
  shape: [rows, columns, ...new Array<number>(dims).fill(1)],
  data: Float32Array.from(data),
})

/** Gives back the memory of a tensor that stays on a device. */
const letGo = (tensor: Tensor): void => {
  if ('dispose' in tensor && typeof tensor.dispose === 'function') tensor.dispose()
}

/** The layer in any number of dimensions. */
export class GaussianPooling {
  readonly options: GaussianPoolingOptions
  /** Parameters and running statistics; a training step writes into these arrays. */
  readonly state: EstimatorState
  readonly #dims: 1 | 2 | 3
  readonly #target: Target
  readonly #kernels = new Map<string, Promise<DeviceKernel>>()
  #training = true

  /** @throws ArgumentError for a number of features that is none */
  constructor(dims: 1 | 2 | 3, options: GaussianPoolingOptions, target: Target) {
    const { numFeatures, hiddenFeatures = Math.max(1, Math.floor(numFeatures / 2)) } = options
    for (const [name, value] of Object.entries({ numFeatures, hiddenFeatures }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new ArgumentError(`${name} must be an integer of at least 1, but is ${value}`)
    this.options = options
    this.#dims = dims
    this.#target = target
    this.state = freshState(numFeatures, hiddenFeatures)
  }

  /** Draws weights, normalises by the batch, and lets running statistics follow. */
  train(): this {
    this.#training = true
    return this
  }

  /** Takes the weight at its mean, and normalises by the running statistics. */
  eval(): this {
    this.#training = false
    return this
  }

  get training(): boolean {
    return this.#training
  }

  #kernel(name: string, operator: Operator, geometry: GeometryOptions, handIn: readonly string[] = []): Promise<DeviceKernel> {
    const known = this.#kernels.get(name)
    if (known) return known
    const { layout = 'channels-first', eps = 1e-6 } = this.options
    const attrs = Object.hasOwn(operator.declarations, 'eps') ? { attrs: { eps } } : {}
    const asked = { ...geometry, dims: this.#dims, layout, ...attrs, ...(handIn.length > 0 && { handIn }) }
    const { checked, geometry: made } = settled(operator, asked)
    const compiled = this.#target.compile(checked, made, { dtype: 'float32' })
    this.#kernels.set(name, compiled)
    compiled.catch(() => this.#kernels.delete(name))
    return compiled
  }

  /**
   * Pools a feature map.
   * @throws ArgumentError for a map of another number of channels, a missing seed, or a batch of one while training, which has
   *   no variance; GeometryError where the map's extents do not fit
   */
  async forward(x: Tensor, { seed, noise }: PoolOptions = {}): Promise<Pooled> {
    const { numFeatures, kernelSize, stride, padding, ceilMode, countIncludePad, stochasticity = 'HWCN', layout } = this.options
    const { samples, channels, extents } = splitShape({ dims: this.#dims, layout: layout ?? 'channels-first' }, x.shape)
    if (channels !== numFeatures)
      throw new ArgumentError(`the layer is for ${numFeatures} channels, but the input has ${channels}`)
    const training = this.#training
    if (training && samples < 2)
      throw new ArgumentError('a batch of one sample has no variance to normalise by while training: give more, or call eval()')
    const drawn = training ? stochasticity : null
    if (drawn === null && noise) throw new ArgumentError('noise is handed in, but nothing is drawn: leave it out')
    const geometry: GeometryOptions = {
      kernelSize,
      ...(stride !== undefined && { stride }),
      ...(padding !== undefined && { padding }),
      ...(ceilMode !== undefined && { ceilMode }),
      ...(countIncludePad !== undefined && { countIncludePad }),
    }
    const average = await this.#kernel('average', avgPool, { global: true })
    const handsIn = noise !== undefined
    const name = `${drawn ?? 'none'}${handsIn ? ', noise handed in' : ''}`
    const windows = await this.#kernel(name, operators[drawn ?? 'none'], geometry, handsIn ? ['noise'] : [])

    const averages = rowsOf((await readFrom(this.#target, average.forward({ x }))).y!, samples, channels)
    const made = estimate(averages, this.state, training, drawn !== null)
    const given = {
      x,
      m: tensorOf(made.m, this.#dims),
      ...(made.s && { s: tensorOf(made.s, this.#dims) }),
      ...(noise && { noise }),
    }
    const seeded = drawn !== null && !handsIn && seed !== undefined ? { seed } : {}
    const { y } = windows.forward(given, seeded)
    const points = elements(extents)
    return {
      y: y!,
      backward: async (cotangent) => {
        const { x: dx, ...rest } = windows.backward(given, { y: cotangent }, seeded)
        const { m: dm, s: ds } = (await readFrom(this.#target, rest as Tensors)) as { m: Tensor; s?: Tensor }
        const found = estimateGradients(made, this.state, rowsOf(dm, samples, channels), ds && rowsOf(ds, samples, channels))
        const shift = tensorOf({ ...found.averages, data: found.averages.data.map((d) => d / points) }, this.#dims)
        const toElements = await this.#kernel('shifted', shifted, { kernelSize: 1 })
        const { y: total } = toElements.forward({ x: dx!, shift })
        letGo(dx!)
        return { x: total!, parameters: found.gradients }
      },
    }
  }
}

/** Gaussian pooling of sequences: samples, channels, length. */
export class GaussianPooling1d extends GaussianPooling {
  constructor(options: GaussianPoolingOptions, target: Target = jsTarget) {
    super(1, options, target)
  }
}

/** Gaussian pooling of planes: samples, channels, height, width. */
export class GaussianPooling2d extends GaussianPooling {
  constructor(options: GaussianPoolingOptions, target: Target = jsTarget) {
    super(2, options, target)
  }
}

/** Gaussian pooling of volumes: samples, channels, depth, height, width. */
export class GaussianPooling3d extends GaussianPooling {
  constructor(options: GaussianPoolingOptions, target: Target = jsTarget) {
    super(3, options, target)
  }
}
