/**
 * The average weighted by the softmax of the window. Its gradient is the true one: the weights are differentiated too.
 *
 * A. Stergiou, R. Poppe, G. Kalliatakis: Refining activation downsampling with SoftPool. ICCV 2021.
 */
import { input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const softPool = pool('softpool', { x: input() }, 'sum(x * exp(x)) / sum(exp(x))')
