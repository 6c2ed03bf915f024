/** `poolwright/layers`: layers of networks around the operators, forward and backward, on any target. */
export type { EstimatorGradients, EstimatorState } from './estimator.ts'
export {
  GaussianPooling1d,
  GaussianPooling2d,
  GaussianPooling3d,
  type GaussianPoolingOptions,
  type Pooled,
  type PoolOptions,
  type Stochasticity,
} from './gaussian-pooling.ts'
export { fromSafetensors, type StateDict, type StateTensor, toSafetensors } from './safetensors.ts'
