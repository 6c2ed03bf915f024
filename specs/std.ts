/**
 * The standard deviation, no smaller than the root of eps; a window below it passes no gradient.
 *
 * D. Snyder et al.: Deep neural network embeddings for text-independent speaker verification. Interspeech 2017, which pools
 * the mean and the deviation.
 */
import { attr, input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const stdPool = pool('std', { x: input(), eps: attr(1e-6) }, 'sqrt(max(var(x), eps))')
