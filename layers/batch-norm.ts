/**
 * Batch normalisation of rows, as PyTorch's `BatchNorm1d` does it: by the batch's own mean and biased variance while training,
 * by running ones at inference. Running variances are unbiased, and follow with a momentum of 0.1.
 *
 * S. Ioffe, C. Szegedy: Batch normalization. ICML 2015.
 */
import { columnSums, mapRows, type Rows } from './rows.ts'

/** Parameters and buffers by channel, and one count. */
export interface BatchNormState {
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly runningMean: Float32Array
  readonly runningVar: Float32Array
  /** One number: how many batches the running moments have followed. */
  readonly batchesTracked: BigInt64Array
}

/** What a batch is normalised by. */
export interface Normalising {
  /** The batch's own moments, and not the running ones. */
  readonly training: boolean
  /** What is added to variances. */
  readonly eps: number
}

const momentum = 0.1

/** What the gradient and the running moments need of a forward pass. */
export interface Normalised {
  readonly y: Rows
  readonly xHat: Rows
  readonly mean: Float64Array
  /** Biased. */
  readonly variance: Float64Array
  /** 1 / sqrt(variance + eps), by channel. */
  readonly scale: Float64Array
  readonly ofBatch: boolean
}

const momentsOf = (x: Rows): Pick<Normalised, 'mean' | 'variance'> => {
  const mean = columnSums(x).map((sum) => sum / x.rows)
  const squares = mapRows(x, (value, k) => (value - mean[k % x.columns]!) ** 2)
  return { mean, variance: columnSums(squares).map((sum) => sum / x.rows) }
}

/** Normalises; the state is only read. */
export const batchNorm = (x: Rows, state: BatchNormState, { training, eps }: Normalising): Normalised => {
  const { weight, bias, runningMean, runningVar } = state
  const { columns } = x
  const { mean, variance } = training
    ? momentsOf(x)
    : { mean: Float64Array.from(runningMean), variance: Float64Array.from(runningVar) }
  const scale = variance.map((v) => 1 / Math.sqrt(v + eps))
  const xHat = mapRows(x, (value, k) => (value - mean[k % columns]!) * scale[k % columns]!)
  const y = mapRows(xHat, (value, k) => value * weight[k % columns]! + bias[k % columns]!)
  return { y, xHat, mean, variance, scale, ofBatch: training }
}

/** Lets the running moments follow a batch that was normalised by its own. */
export const followBatch = ({ runningMean, runningVar, batchesTracked }: BatchNormState, made: Normalised): void => {
  const { mean, variance, xHat } = made
  for (let c = 0; c < xHat.columns; c++) {
    const unbiased = (variance[c]! * xHat.rows) / (xHat.rows - 1)
    runningMean[c] = (1 - momentum) * runningMean[c]! + momentum * mean[c]!
    runningVar[c] = (1 - momentum) * runningVar[c]! + momentum * unbiased
  }
  batchesTracked[0]! += 1n
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
