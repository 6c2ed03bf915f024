/** Our kernels on a GPU: tensors that stay there, results written into tensors made before, launches captured into a graph. */

import type { Tensor } from '../../dsl/tensor.ts'
import type { DriverDevice } from '../../runtime/cuda/driver/device.ts'
import { CaptureError } from '../../runtime/cuda/driver/errors.ts'
import { CudaTensor } from '../../runtime/cuda/target/tensor.ts'
import type { Target } from '../../runtime/target.ts'
import type { Job } from '../cases.ts'
import { compileJob, tensorsOf } from '../poolwright.ts'
import type { GpuContender } from './contender.ts'

/** Compiles, captures and warms up one job, on so many copies of its tensors. */
export const ours = async (target: Target, device: DriverDevice, job: Job, copies: number): Promise<GpuContender> => {
  const held: CudaTensor[] = []
  const onDevice = (shape: readonly number[], data?: Tensor['data']): CudaTensor => {
    const tensor = CudaTensor.empty(device, shape, 'float32')
    if (data) tensor.memory?.write(data)
    held.push(tensor)
    return tensor
  }
  const callOn = await compileJob(job, { target })
  const calls = Array.from({ length: copies }, () => callOn(tensorsOf(job, onDevice)))
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
