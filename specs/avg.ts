/**
 * The average. Its divisor follows the geometry: padding counted or not, ceil mode, an override.
 *
 * Y. LeCun et al.: Handwritten digit recognition with a back-propagation network. NIPS 1989.
 */
import { input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const avgPool = pool('avg', { x: input() }, 'mean(x)')
