/** The target `cuda` for as long as a command runs. Only here does the command line open a device. */
import { type Observation, openCuda } from '../../runtime/cuda/index.ts'
import type { Target } from '../../runtime/target.ts'
import type { CudaDeviceName } from '../flags/target.ts'
import { ofOurKernels } from './errors.ts'

/**
 * Opens a device with NVRTC, has it used, and closes it.
 * @throws CannotError where there is no driver, no such GPU, or no NVRTC
 */
export const withCuda = async <T>(
  device: CudaDeviceName | undefined,
  use: (target: Target) => Promise<T>,
  observe?: (observation: Observation) => void,
): Promise<T> => {
  try {
    const cuda = await openCuda({ ...(device !== undefined && { device }), ...(observe && { observe }) })
    try {
      return await use(cuda.target)
    } finally {
      cuda[Symbol.dispose]()
    }
  } catch (error) {
    throw ofOurKernels(error)
  }
}
