/**
 * A learned mixture of maximum and average.
 *
 * C.-Y. Lee, P. W. Gallagher, Z. Tu: Generalizing pooling functions in convolutional neural networks: mixed, gated, and tree.
 * AISTATS 2016.
 */
import { input, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const mixedPool = pool('mixed', { x: input(), a: param() }, 'a * max(x) + (1 - a) * mean(x)')
