/** The types of built kernels, as they are written and as their spec module has them: the same. */
import type { Tensor } from 'poolwright'
import { halve as spec } from './halve.pool.js'
import { halve, onlyForward } from './kernels/halve.js'

const x = { shape: [1, 1, 2, 2], data: new Float32Array(4) }
const weight = { shape: [1, 1, 1, 1], data: new Float32Array(1) }

for (const definition of [halve, spec]) {
  const kernel = await definition.js()
  const y: Tensor = kernel.forward({ x, weight }).y
  const gradient: Tensor = kernel.backward({ x, weight, cotangent: y }).weight
  console.log(gradient)
}
// @ts-expect-error: the weight is missing.
;(await halve.js()).forward({ x })
// @ts-expect-error: there is no such parameter.
;(await spec.js()).forward({ x, weigth: weight })
// @ts-expect-error: there is no such result.
;(await halve.js()).forward({ x, weight }).z
// @ts-expect-error: a cotangent is missing.
;(await halve.js()).backward({ x, weight })
// @ts-expect-error: it was built without its gradient.
;(await onlyForward.js()).backward({ x, weight, cotangent: x })
// @ts-expect-error: it was not built for that target.
await onlyForward.webgpu()
// @ts-expect-error: a device is opened first.
await halve.webgpu()
