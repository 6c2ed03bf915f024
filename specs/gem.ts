/**
 * The generalised mean: p = 1 is the average, large p tends to the maximum; p is learned.
 *
 * F. Radenovic, G. Tolias, O. Chum: Fine-tuning CNN image retrieval with no human annotation. TPAMI 2019.
 */
import { attr, input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const gemPool = pool('gem', { x: input(), p: param(), eps: attr(1e-6) }, 'mean(max(x, eps)^p)^(1/p)')
