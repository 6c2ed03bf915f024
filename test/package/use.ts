/** The types that arrive with the package: names are known, and a wrong one is an error. */
import { input, type Kernel, param, pool, type Tensor } from 'poolwright'
import { gaussianPool } from 'poolwright/specs'

const x: Tensor = { shape: [1, 1, 2, 2], data: new Float32Array(4) }
const scaled = pool('scaled', { x: input(), weight: param() }, 'weight * mean(x)')
const kernel = await scaled.compile({ kernelSize: 2 })
export const result: Tensor = kernel.forward({ x, weight: 2 }).y
// @ts-expect-error: there is no argument of this name.
kernel.forward({ x, wieght: 2 })
// @ts-expect-error: the weight is missing.
kernel.forward({ x })
export const gradient: Tensor = kernel.backward({ x, weight: 2, cotangent: result }).weight
export const gaussian = await gaussianPool.compile({ kernelSize: 2, attrs: { eps: 1e-5 } })
export type Made = Kernel
