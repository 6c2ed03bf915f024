/** The types of CUDA that arrive with the package: a device is opened, and its target is handed to an operator. */
import type { Tensor } from 'poolwright'
import { type Counts, CudaMissingError, openCuda } from 'poolwright/cuda'
import { gaussianPool } from 'poolwright/specs'

const counts: Counts[] = []
const cuda = await openCuda({ device: 'emulator', observe: (launch) => counts.push(launch.counts) })
const kernel = await gaussianPool.compile({ target: cuda.target, kernelSize: 2 })
const x = { shape: [1, 1, 2, 2], data: new Float32Array(4) }
export const pooled: Tensor = kernel.forward({ x, weight: { shape: [1, 1, 1, 1], data: new Float32Array(1) } }).y
// @ts-expect-error: there is no such device.
await openCuda({ device: 'gpu' })
export const isMissing = (error: unknown): boolean => error instanceof CudaMissingError
