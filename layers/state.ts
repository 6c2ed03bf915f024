/**
 * The layer's parameters and running statistics: fresh as PyTorch makes them, and by the names that the reference
 * implementation's checkpoints have.
 */
import type { BatchNormState } from './batch-norm.ts'
import type { BlockState, EstimatorState } from './estimator.ts'

const norm = (features: number): BatchNormState => ({
  weight: new Float32Array(features).fill(1),
  bias: new Float32Array(features),
  runningMean: new Float32Array(features),
  runningVar: new Float32Array(features).fill(1),
})

/** Uniform within 1 / sqrt(inputs) on either side, as PyTorch's linear maps begin. */
const block = (inputs: number, outputs: number, random: () => number): BlockState => {
  const bound = 1 / Math.sqrt(inputs)
  const uniform = (length: number) => Float32Array.from({ length }, () => (2 * random() - 1) * bound)
  return { weight: uniform(inputs * outputs), bias: uniform(outputs), bn: norm(outputs) }
}

/** @param random - from 0 up to 1; `Math.random` by default */
export const freshState = (numFeatures: number, hiddenFeatures: number, random: () => number = Math.random): EstimatorState => ({
  hidden: block(numFeatures, hiddenFeatures, random),
  mean: block(hiddenFeatures, numFeatures, random),
  sigma: block(hiddenFeatures, numFeatures, random),
})
