/**
 * The smooth maximum: r near 0 is the average, large r tends to the maximum.
 *
 * P. O. Pinheiro, R. Collobert: From image-level to pixel-level labeling with convolutional networks. CVPR 2015.
 */
import { input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const logsumexpPool = pool('logsumexp', { x: input(), r: param() }, 'log(mean(exp(r * x))) / r')
