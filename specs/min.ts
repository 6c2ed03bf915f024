/**
 * The minimum: the dual of the maximum, as mathematical morphology has it.
 *
 * J. Serra: Image Analysis and Mathematical Morphology. Academic Press 1982.
 */
import { input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const minPool = pool('min', { x: input() }, 'min(x)')
