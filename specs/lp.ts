/**
 * The p-norm. In ceil mode it is rescaled by the full window, as PyTorch's is; PyTorch's takes no absolute value.
 *
 * P. Sermanet, S. Chintala, Y. LeCun: Convolutional neural networks applied to house numbers digit classification. ICPR 2012.
 */
import { attr, input } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

export const lpPool = pool('lp', { x: input(), p: attr(2) }, '(mean(abs(x)^p) * size)^(1/p)')
