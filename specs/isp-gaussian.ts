/**
 * Inverse-softplus Gaussian pooling, in training: the weight is drawn anew, its mean and deviation being estimated from the
 * whole feature map. The noise is one value an output element (HWCN), or one a sample and channel (CN); it is remade in the
 * backward pass, or handed in.
 *
 * T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019.
 */
import { attr, input, normal, param } from '../dsl/declarations.ts'
import { pool } from '../runtime/pool.ts'

const declared = { x: input(), m: param('sample-channel'), s: param('sample-channel'), eps: attr(1e-6) } as const
const formula = 'mean(x) + softplus(m + s * noise) * sqrt(max(var(x), eps))'

export const ispGaussianPool = pool('isp-gaussian', { ...declared, noise: normal('position') }, formula)

export const ispGaussianChannelPool = pool('isp-gaussian-cn', { ...declared, noise: normal('sample-channel') }, formula)
