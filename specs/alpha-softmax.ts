/**
 * Global-feature-guided (maximum-entropy) pooling: lambda = 0 is the average, large lambda tends to the maximum.
 *
 * T. Kobayashi: Global feature guided local pooling. ICCV 2019.
 */
import { input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const alphaSoftmaxPool = pool(
  'alpha-softmax',
  { x: input(), lambda: param('sample-channel') },
  'sum(x * exp(lambda * x)) / sum(exp(lambda * x))',
)
