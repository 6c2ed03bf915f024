/** What the page pools with: the build puts kernels in the place of this module. */
import { attr, defineKernel, input, param, pool } from 'poolwright'

const contrast = pool(
  'contrast',
  { x: input(), weight: param('scalar'), eps: attr(1e-6) },
  'mean(x) + weight * sqrt(max(var(x), eps))',
)

/** Halves a picture whose pixels are red, green, blue and opacity. The weight says how far a window's deviation counts. */
export const halve = defineKernel(contrast, {
  kernelSize: 3,
  stride: 2,
  padding: 1,
  countIncludePad: false,
  layout: 'channels-last',
  targets: ['webgpu'],
  backward: false,
})
