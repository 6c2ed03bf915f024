/**
 * Gaussian pooling with its weight handed in: so many deviations above the mean.
 *
 * T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019.
 */
import { attr, input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const gaussianPool = pool(
  'gaussian',
  { x: input(), weight: param('channel'), eps: attr(1e-6) },
  'mean(x) + weight * sqrt(max(var(x), eps))',
)
