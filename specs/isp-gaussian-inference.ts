/**
 * Inverse-softplus Gaussian pooling, after training: the noise at its mean.
 *
 * T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019.
 */
import { attr, input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const ispGaussianInferencePool = pool(
  'isp-gaussian-inference',
  { x: input(), m: param('sample-channel'), eps: attr(1e-6) },
  'mean(x) + softplus(m) * sqrt(max(var(x), eps))',
)
