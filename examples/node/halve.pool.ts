/** What the program pools with: `poolwright build examples/node/halve.pool.ts` makes `kernels/halve.js` of it. */
import { defineKernel } from 'poolwright'
import { gaussianPool, maxPool } from 'poolwright/specs'

/** Halves a picture, and keeps its contrast: the weight says how far a window's deviation counts. */
export const halve = defineKernel(gaussianPool, {
  kernelSize: 3,
  stride: 2,
  padding: 1,
  countIncludePad: false,
  layout: 'channels-last',
  targets: ['js', 'webgpu'],
})

/** The brightest pixel of each window, in each colour. */
export const brightest = defineKernel(maxPool, {
  kernelSize: 2,
  layout: 'channels-last',
  results: ['y'],
  targets: ['js'],
  backward: false,
})
