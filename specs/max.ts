/**
 * The maximum, with the index of the first element that has it, flat in the plane.
 *
 * J. J. Weng, N. Ahuja, T. S. Huang: Cresceptron: a self-organizing neural network which grows adaptively. IJCNN 1992.
 * The same rules as PyTorch's: the last NaN wins, else the first maximum.
 */
import { input } from '../dsl/declarations.ts'
import { argmax, flatIndex, max } from '../dsl/handles.ts'
import { pool } from '../runtime/pool.ts'

export const maxPool = pool('max', { x: input() }, ({ x }) => ({ y: max(x), indices: flatIndex(argmax(x)) }))
