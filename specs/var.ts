/**
 * The variance: mean(x^2) - mean(x)^2, computed without that cancellation.
 *
 * K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun: What is the best multi-stage architecture for object recognition? ICCV 2009,
 * which divides by the deviation of a neighbourhood.
 */
import { input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const varPool = pool('var', { x: input() }, 'var(x)')
