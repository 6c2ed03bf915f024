/** What somebody does with kernels that were built: no compiler is loaded to run them. */
import assert from 'node:assert/strict'
import { halve, onlyForward } from './kernels/halve.js'

const x = { shape: [1, 1, 2, 4], data: Float32Array.of(1, 3, 5, 5, 1, 3, 5, 5) }
const weight = { shape: [1, 1, 1, 1], data: Float32Array.of(2) }
const kernel = await halve.js()
const { y } = kernel.forward({ x, weight })
assert.deepEqual(
  [...y.data].map((value) => value.toFixed(3)),
  ['4.000', '5.002'],
)
assert.equal(kernel.backward({ x, weight, cotangent: y }).weight.data.length, 1)
assert.deepEqual((await onlyForward.js()).forward({ x, weight }).y.data, y.data)
console.log('built kernels pool')
