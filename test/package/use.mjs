/** What somebody does who has installed the package: an operator of their own, compiled, run, and checked by hand. */
import assert from 'node:assert/strict'
import { attr, FormulaError, GeometryError, input, max, mean, mul, param, pool, sub } from 'poolwright'
import { maxPool, specs } from 'poolwright/specs'

const contrast = pool('contrast', { x: input(), weight: param('channel') }, ({ x, weight }) => mul(weight, sub(max(x), mean(x))))
const kernel = await contrast.compile({ kernelSize: 2 })
const x = { shape: [1, 1, 2, 4], data: Float32Array.of(1, 2, 0, 0, 3, 6, 0, 8) }
const weight = { shape: [1, 1, 1, 1], data: Float32Array.of(2) }

const { y } = kernel.forward({ x, weight })
assert.deepEqual(y.shape, [1, 1, 1, 2])
assert.deepEqual([...y.data], [6, 12])

const cotangent = { shape: y.shape, data: Float32Array.of(1, 1) }
const gradients = kernel.backward({ x, weight, cotangent })
assert.deepEqual([...gradients.x.data], [-0.5, -0.5, -0.5, -0.5, -0.5, 1.5, -0.5, 1.5])
assert.deepEqual([...gradients.weight.data], [9])
assert.match(kernel.source.forward, /contrast/)

const { indices } = (await maxPool.compile({ kernelSize: 2 })).forward({ x })
assert.deepEqual([...indices.data], [5, 7])
assert.ok(specs.has('gaussian'))

assert.throws(() => pool('wrong', { x: input(), eps: attr(1) }, 'mean(x) + 2 * sdt(x) + eps'), FormulaError)
await assert.rejects(contrast.compile({ kernelSize: 0 }), GeometryError)
console.log('declared, compiled, run forward and backward')
