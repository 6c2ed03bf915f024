/** What somebody wants built who has installed the package. */
import { defineKernel } from 'poolwright'
import { gaussianPool } from 'poolwright/specs'

/** Halves a map, and keeps its contrast. */
export const halve = defineKernel(gaussianPool, { kernelSize: 2, targets: ['js', 'webgpu'] })

export const onlyForward = defineKernel(gaussianPool, { kernelSize: 2, targets: ['js'], backward: false })
