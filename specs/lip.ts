/**
 * Local importance-based pooling: the average weighted by the softmax of learned logits.
 *
 * Z. Gao, L. Wang, G. Wu: LIP: local importance-based pooling. ICCV 2019.
 */
import { input, tensor } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const lipPool = pool('lip', { x: input(), l: tensor() }, 'sum(x * exp(l)) / sum(exp(l))')
