/**
 * A mixture of maximum and average, gated by what stands in the window: one weight a tap.
 *
 * C.-Y. Lee, P. W. Gallagher, Z. Tu: Generalizing pooling functions in convolutional neural networks: mixed, gated, and tree.
 * AISTATS 2016.
 */
import { input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const gatedPool = pool(
  'gated',
  { x: input(), w: param('kernel') },
  'let gate = sigmoid(sum(w * x)); gate * max(x) + (1 - gate) * mean(x)',
)
