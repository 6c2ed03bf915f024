/** Our kernels on a GPU: tensors that stay there, results written into tensors made before, launches captured into a graph. */

import type { DriverDevice } from '../../runtime/cuda/driver/device.ts'
import { CaptureError } from '../../runtime/cuda/driver/errors.ts'
import { CudaTensor } from '../../runtime/cuda/target/tensor.ts'
import type { Target } from '../../runtime/target.ts'
import { avgPool, gaussianPool, maxPool } from '../../specs/index.ts'
import { eps, type Job } from '../cases.ts'
import { geometryOf } from '../peers/poolwright.ts'
import type { GpuContender } from './contender.ts'

/** One call on one copy of the tensors. */
type Call = () => void

const tensorOn = (device: DriverDevice, shape: readonly number[], data?: Float32Array): CudaTensor => {
  const tensor = CudaTensor.empty(device, shape, 'float32')
  if (data) tensor.memory?.write(data)
  return tensor
}

/** The calls of a job, each on tensors of its own. */
const callsOf = async (target: Target, device: DriverDevice, job: Job, copies: number) => {
  const { shape, operator, direction, outHeight, outWidth } = job
  const input = [shape.samples, shape.channels, shape.height, shape.width]
  const output = [shape.samples, shape.channels, outHeight, outWidth]
  const held: CudaTensor[] = []
  const hold = (sizes: readonly number[], data?: Float32Array): CudaTensor => {
    const tensor = tensorOn(device, sizes, data)
    held.push(tensor)
    return tensor
  }
  const weight = hold([1, shape.channels, 1, 1], job.weight)
  const geometry = geometryOf(shape)
  const gaussian = await gaussianPool.compile({ ...geometry, target, attrs: { eps } })
  const plain =
    operator === 'avg'
      ? await avgPool.compile({ ...geometry, target })
      : await maxPool.compile({ ...geometry, target, results: ['y'] })
  const call = (): Call => {
    const x = hold(input, job.x)
    if (direction === 'forward') {
      const out = { y: hold(output) }
      return operator === 'gaussian'
        ? () => void gaussian.forward({ x, weight }, { out })
        : () => void plain.forward({ x }, { out })
    }
    const cotangent = hold(output, job.cotangent)
    const out = { x: hold(input) }
    if (operator !== 'gaussian') return () => void plain.backward({ x, cotangent }, { out })
    const both = { ...out, weight: hold([1, shape.channels, 1, 1]) }
    return () => void gaussian.backward({ x, weight, cotangent }, { out: both })
  }
  return { calls: Array.from({ length: copies }, call), held }
}

/** Compiles, captures and warms up one job. */
export const ours = async (target: Target, device: DriverDevice, job: Job, copies: number): Promise<GpuContender> => {
  const { calls, held } = await callsOf(target, device, job, copies)
  const launchAll = (): void => {
    for (const call of calls) call()
  }
  launchAll()
  device.synchronize()
  const captured = (() => {
    try {
      return device.capture(launchAll)
    } catch (error) {
      // Kernels that hand terms or carriers to one another take memory at each launch, which no graph allows.
      if (error instanceof CaptureError) return undefined
      throw error
    }
  })()
  const run = captured ? () => captured.launch() : launchAll
  return {
    name: 'poolwright',
    round: () => device.time(run) / copies,
    ...(!captured && { note: 'launched one by one, not as a graph: the time of launches is in it where the GPU waits for them' }),
    dispose: () => {
      captured?.[Symbol.dispose]()
      for (const tensor of held) tensor.dispose()
    },
  }
}
