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
import type { GeometryOptions, StorageType } from '../dsl/geometry.ts'
import { splitShape } from '../dsl/layout.ts'
import type { Operator } from '../dsl/operator.ts'
import { narrow, storageOf, widen } from '../dsl/storage.ts'
import { elements, type Tensor } from '../dsl/tensor.ts'
import { jsTarget } from '../runtime/js.ts'
import { pool, settled } from '../runtime/pool.ts'
import { type DeviceKernel, readFrom, type Target, type Tensors } from '../runtime/target.ts'
import { avgPool, ispGaussianChannelPool, ispGaussianInferencePool, ispGaussianPool } from '../specs/index.ts'
import { type EstimatorGradients, type EstimatorState, estimate, estimateGradients, followEstimate } from './estimator.ts'
import type { Rows } from './rows.ts'
import type { StateDict } from './safetensors.ts'
import { freshState, loadState, namedState } from './state.ts'

const operators = {
  HWCN: ispGaussianPool,
  CN: ispGaussianChannelPool,
  none: ispGaussianInferencePool,
} as const satisfies Record<string, Operator>

/** Which weights are drawn apart: one an output element, one a sample and channel, or none. */
export type Stochasticity = 'HWCN' | 'CN' | null

/** The windows, as every operator takes them, and what the layer is besides. */
export interface GaussianPoolingOptions extends Omit<GeometryOptions, 'dims'> {
  readonly numFeatures: number
  /** Of the estimator: half of `numFeatures` by default, and at least 1. */
  readonly hiddenFeatures?: number
  /** `HWCN` by default. */
  readonly stochasticity?: Stochasticity
  /** What the variance of a window is at least; 1e-6 by default. */
  readonly eps?: number
  /** What batch norm adds to variances, so that none is 0; 1e-5 by default. */
  readonly batchNormEps?: number
  /**
   * What the input, the output and their gradients are stored as; `float32` by default. In 16 bits the global average and the
   * sum of the input's two gradients are rounded to them once more.
   */
  readonly dtype?: StorageType
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
  /**
   * The gradients, given that of `y`: of the input, and of each parameter that had a part in it. The input must still be there,
   * and the parameters as they were; it may be called more than once.
   */
  backward(cotangent: Tensor): Promise<{ readonly x: Tensor; readonly parameters: EstimatorGradients }>
}

/** Adds a number to each plane: what the global average hands back to every element. */
const shifted = pool('shifted', { x: input(), shift: param('sample-channel') }, 'mean(x) + shift')

/** Gives back the memory of a tensor that stays on a device. */
const letGo = (tensor: Tensor): void => {
  if ('dispose' in tensor && typeof tensor.dispose === 'function') tensor.dispose()
}

/** The layer in any number of dimensions. */
export class GaussianPooling {
  readonly options: GaussianPoolingOptions
  /** Parameters and running statistics; a training step writes into these arrays. */
  readonly state: EstimatorState
  readonly #windows: GeometryOptions & { readonly dims: 1 | 2 | 3 }
  readonly #target: Target
  readonly #dtype: StorageType
  readonly #batchNormEps: number
  readonly #kernels = new Map<string, Promise<DeviceKernel>>()
  #training = true

  /**
   * @throws ArgumentError for a number of features, a stochasticity or a `batchNormEps` that is none; FormulaError for such an
   *   `eps`; GeometryError for windows that are none, or that no deviation can be taken of
   */
  constructor(dims: 1 | 2 | 3, options: GaussianPoolingOptions, target: Target) {
    const {
      numFeatures,
      hiddenFeatures = Math.max(1, Math.floor(numFeatures / 2)),
      stochasticity = 'HWCN',
      eps: _,
      batchNormEps = 1e-5,
      dtype = 'float32',
      ...windows
    } = options
    for (const [name, value] of Object.entries({ numFeatures, hiddenFeatures }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new ArgumentError(`${name} must be an integer of at least 1, but is ${value}`)
    if (stochasticity !== 'HWCN' && stochasticity !== 'CN' && stochasticity !== null)
      throw new ArgumentError(`stochasticity is 'HWCN', 'CN' or null, but is ${JSON.stringify(stochasticity)}`)
    if (!Number.isFinite(batchNormEps) || batchNormEps <= 0)
      throw new ArgumentError(`batchNormEps must be a finite number above 0, but is ${batchNormEps}; leave it out for 1e-5`)
    this.options = options
    this.#windows = { ...windows, dims }
    this.#settled(operators[stochasticity ?? 'none'], this.#windows)
    this.#target = target
    this.#dtype = dtype
    this.#batchNormEps = batchNormEps
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

  /** Copies of parameters and running statistics, by the names that the reference implementation's checkpoints have. */
  stateDict(): StateDict {
    const named = namedState(this.state, this.#windows.dims)
    return Object.fromEntries(Object.entries(named).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
  }

  /**
   * Takes over what {@link stateDict} gives, or a checkpoint has.
   * @throws ArgumentError that lists everything that is missing, unexpected or misshapen; then the layer is left as it was
   */
  loadStateDict(state: StateDict): this {
    loadState(namedState(this.state, this.#windows.dims), state)
    return this
  }

  /** An operator for these windows, in the layer's layout and with its constant. */
  #settled(operator: Operator, windows: GeometryOptions, handIn: readonly string[] = []): ReturnType<typeof settled> {
    const { layout = 'channels-first', eps = 1e-6 } = this.options
    const attrs = Object.hasOwn(operator.declarations, 'eps') ? { attrs: { eps } } : {}
    return settled(operator, { ...windows, dims: this.#windows.dims, layout, ...attrs, ...(handIn.length > 0 && { handIn }) })
  }

  #kernel(name: string, operator: Operator, windows: GeometryOptions, handIn: readonly string[] = []): Promise<DeviceKernel> {
    const known = this.#kernels.get(name)
    if (known) return known
    const { checked, geometry } = this.#settled(operator, windows, handIn)
    const compiled = this.#target.compile(checked, geometry, { dtype: this.#dtype })
    this.#kernels.set(name, compiled)
    compiled.catch(() => this.#kernels.delete(name))
    return compiled
  }

  /** One number a plane, as kernels take it. */
  #planes({ rows, columns, data }: Rows): Tensor {
    const shape = [rows, columns, ...new Array<number>(this.#windows.dims).fill(1)]
    return { shape, data: narrow(data, storageOf(this.#dtype, 'param')) }
  }

  /** Takes tensors of one number a plane to the host; what they held of a device's memory is given back. */
  async #rows(planes: Tensors, rows: number, columns: number): Promise<Readonly<Record<string, Rows>>> {
    try {
      const read = await readFrom(this.#target, planes)
      const numbers = (data: Tensor['data']) => Float64Array.from(widen(data, this.#dtype))
      return Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, { rows, columns, data: numbers(data) }]))
    } finally {
      for (const tensor of Object.values(planes)) letGo(tensor)
    }
  }

  /**
   * Pools a feature map.
   * @throws ArgumentError for a map of another number of channels, a missing seed, or a batch of one while training, which has
   *   no variance; GeometryError where the map's extents do not fit. Running statistics are then left as they were.
   */
  async forward(x: Tensor, { seed, noise }: PoolOptions = {}): Promise<Pooled> {
    const { numFeatures, stochasticity = 'HWCN', layout = 'channels-first' } = this.options
    const { samples, channels, extents } = splitShape({ dims: this.#windows.dims, layout }, x.shape)
    if (channels !== numFeatures)
      throw new ArgumentError(`the layer is for ${numFeatures} channels, but the input has ${channels}`)
    const training = this.#training
    if (training && samples < 2)
      throw new ArgumentError('a batch of one sample has no variance to normalise by while training: give more, or call eval()')
    const drawn = training ? stochasticity : null
    if (drawn === null && noise) throw new ArgumentError('noise is handed in, but nothing is drawn: leave it out')
    const handsIn = noise !== undefined
    const average = await this.#kernel('average', avgPool, { global: true })
    const name = `${drawn ?? 'none'}${handsIn ? ', noise handed in' : ''}`
    const windows = await this.#kernel(name, operators[drawn ?? 'none'], this.#windows, handsIn ? ['noise'] : [])

    const averages = await this.#rows(average.forward({ x }), samples, channels)
    const made = estimate(averages.y!, this.state, { training, eps: this.#batchNormEps }, drawn !== null)
    const given = { x, m: this.#planes(made.m), ...(made.s && { s: this.#planes(made.s) }), ...(noise && { noise }) }
    const seeded = drawn !== null && !handsIn && seed !== undefined ? { seed } : {}
    const { y } = windows.forward(given, seeded)
    if (training) followEstimate(this.state, made)
    return {
      y: y!,
      backward: async (cotangent) => {
        const { x: ofWindows, ...ofWeights } = windows.backward(given, { y: cotangent }, seeded)
        try {
          const { m, s } = await this.#rows(ofWeights, samples, channels)
          const found = estimateGradients(made, this.state, m!, s)
          const points = elements(extents)
          const shift = this.#planes({ ...found.averages, data: found.averages.data.map((d) => d / points) })
          const toElements = await this.#kernel('shifted', shifted, { kernelSize: 1 })
          return { x: toElements.forward({ x: ofWindows!, shift }).y!, parameters: found.gradients }
        } finally {
          letGo(ofWindows!)
        }
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
