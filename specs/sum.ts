/**
 * The sum over the valid taps.
 *
 * K. Fukushima: Neocognitron: a self-organizing neural network model. Biological Cybernetics 1980, whose complex cells add.
 */
import { input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const sumPool = pool('sum', { x: input() }, 'sum(x)')
