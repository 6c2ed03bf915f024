/**
 * Batch normalisation of rows, as PyTorch's `BatchNorm1d` does it: by the batch's own mean and biased variance while training,
 * by running ones at inference. Running variances are unbiased, and follow with a momentum of 0.1.
 *
 * S. Ioffe, C. Szegedy: Batch normalization. ICML 2015.
 */
import { columnSums, mapRows, type Rows } from './rows.ts'

/** Parameters and buffers by channel. */
export interface BatchNormState {
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly runningMean: Float32Array
  readonly runningVar: Float32Array
}

export const batchNormEps = 1e-5
const momentum = 0.1

/** What the gradient needs of a forward pass. */
export interface Normalised {
  readonly y: Rows
  readonly xHat: Rows
  /** 1 / sqrt(variance + eps), by channel. */
  readonly scale: Float64Array
  readonly ofBatch: boolean
}

const momentsOf = (x: Rows): { readonly mean: Float64Array; readonly variance: Float64Array } => {
  const mean = columnSums(x).map((sum) => sum / x.rows)
  const squares = mapRows(x, (value, k) => (value - mean[k % x.columns]!) ** 2)
  return { mean, variance: columnSums(squares).map((sum) => sum / x.rows) }
}

/** Normalises; while training, the running moments of the state follow. */
export const batchNorm = (x: Rows, { weight, bias, runningMean, runningVar }: BatchNormState, training: boolean): Normalised => {
  const { columns, rows } = x
  const { mean, variance } = training
    ? momentsOf(x)
    : { mean: Float64Array.from(runningMean), variance: Float64Array.from(runningVar) }
  const scale = variance.map((v) => 1 / Math.sqrt(v + batchNormEps))
  const xHat = mapRows(x, (value, k) => (value - mean[k % columns]!) * scale[k % columns]!)
  if (training)
    for (let c = 0; c < columns; c++) {
      const unbiased = (variance[c]! * rows) / (rows - 1)
      runningMean[c] = (1 - momentum) * runningMean[c]! + momentum * mean[c]!
      runningVar[c] = (1 - momentum) * runningVar[c]! + momentum * unbiased
    }
  return { y: mapRows(xHat, (value, k) => value * weight[k % columns]! + bias[k % columns]!), xHat, scale, ofBatch: training }
}

/** The gradients of {@link batchNorm}, given that of its result. */
export const batchNormGradients = ({ xHat, scale, ofBatch }: Normalised, weight: Float32Array, cotangent: Rows) => {
  const { columns, rows } = cotangent
  const dBias = columnSums(cotangent)
  const dWeight = columnSums(mapRows(cotangent, (d, k) => d * xHat.data[k]!))
  // By running moments the normalisation is a fixed scaling; by the batch's own, mean and variance move with x.
  const x = mapRows(cotangent, (d, k) => {
    const c = k % columns
    const own = ofBatch ? d - dBias[c]! / rows - (xHat.data[k]! * dWeight[c]!) / rows : d
    return weight[c]! * scale[c]! * own
  })
  return { x, weight: dWeight, bias: dBias }
}
