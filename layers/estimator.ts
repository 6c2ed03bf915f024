/**
 * Estimates the distribution of the pooling weight from a feature map's global average: linear, batch norm, ReLU, and two
 * heads, linear and batch norm each; the second is a deviation, through a sigmoid.
 *
 * T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019.
 */
import {
  type BatchNormState,
  batchNorm,
  batchNormGradients,
  followBatch,
  type Normalised,
  type Normalising,
} from './batch-norm.ts'
import { linear, linearGradients, mapRows, type Rows } from './rows.ts'

/** The parts: what is common to both heads, and the heads. */
export const estimatorParts = ['hidden', 'mean', 'sigma'] as const

/** A linear map and the batch norm behind it. `weight` has a row for each feature that comes out. */
export interface BlockState {
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly bn: BatchNormState
}

export type EstimatorState = Readonly<Record<(typeof estimatorParts)[number], BlockState>>

export interface BlockGradients {
  readonly weight: Float64Array
  readonly bias: Float64Array
  readonly bn: { readonly weight: Float64Array; readonly bias: Float64Array }
}

/** By part; one that was not evaluated has none. */
export type EstimatorGradients = Readonly<Record<'hidden' | 'mean', BlockGradients> & Partial<Record<'sigma', BlockGradients>>>

interface Block {
  readonly x: Rows
  readonly normalised: Normalised
}

const forwardBlock = (x: Rows, { weight, bias, bn }: BlockState, by: Normalising): Block => ({
  x,
  normalised: batchNorm(linear(x, weight, bias), bn, by),
})

const backwardBlock = ({ x, normalised }: Block, { weight, bn }: BlockState, cotangent: Rows) => {
  const { x: between, ...ofNorm } = batchNormGradients(normalised, bn.weight, cotangent)
  const { x: dx, ...ofLinear } = linearGradients(x, weight, between)
  return { x: dx, gradients: { ...ofLinear, bn: ofNorm } satisfies BlockGradients }
}

const sigmoid = (value: number): number => (value >= 0 ? 1 / (1 + Math.exp(-value)) : Math.exp(value) / (1 + Math.exp(value)))

/** What a forward pass made, and what its gradient needs. */
export interface Estimate {
  readonly m: Rows
  /** Absent where nothing is drawn. */
  readonly s?: Rows
  readonly hidden: Block
  readonly mean: Block
  readonly sigma?: Block
}

/**
 * The mean and the deviation of each plane's weight; the state is only read.
 * @param draws - whether a weight is drawn, so that its deviation is wanted
 */
export const estimate = (averages: Rows, state: EstimatorState, by: Normalising, draws: boolean): Estimate => {
  const hidden = forwardBlock(averages, state.hidden, by)
  const h = mapRows(hidden.normalised.y, (value) => Math.max(value, 0))
  const mean = forwardBlock(h, state.mean, by)
  const made = { hidden, mean, m: mean.normalised.y }
  if (!draws) return made
  const sigma = forwardBlock(h, state.sigma, by)
  return { ...made, sigma, s: mapRows(sigma.normalised.y, sigmoid) }
}

/** Lets running statistics follow, of the parts that were evaluated. */
export const followEstimate = (state: EstimatorState, made: Estimate): void => {
  for (const part of estimatorParts) {
    const block = made[part]
    if (block) followBatch(state[part].bn, block.normalised)
  }
}

/** The gradients of what {@link estimate} made, given those of `m` and, where it was drawn with, of `s`. */
export const estimateGradients = (
  { hidden, mean, sigma, s }: Estimate,
  state: EstimatorState,
  dm: Rows,
  ds: Rows | undefined,
): { readonly averages: Rows; readonly gradients: EstimatorGradients } => {
  const ofMean = backwardBlock(mean, state.mean, dm)
  const ofSigma =
    sigma && s && ds
      ? backwardBlock(
          sigma,
          state.sigma,
          mapRows(ds, (d, k) => d * s.data[k]! * (1 - s.data[k]!)),
        )
      : undefined
  const { y } = hidden.normalised
  const dh = mapRows(ofMean.x, (d, k) => (y.data[k]! <= 0 ? 0 : d + (ofSigma?.x.data[k] ?? 0)))
  const ofHidden = backwardBlock(hidden, state.hidden, dh)
  return {
    averages: ofHidden.x,
    gradients: {
      hidden: ofHidden.gradients,
      mean: ofMean.gradients,
      ...(ofSigma && { sigma: ofSigma.gradients }),
    },
  }
}
