/** A workplace of CUDA on the emulator, where kernels that stage tiles in shared memory forget to wait for them. */
import { openCuda } from '../../../runtime/cuda/open.ts'
import { type DeviceChoice, workplaceOn } from '../../../runtime/cuda/tuner/workplace.ts'
import type { Workplace } from '../../../runtime/tuner/trial/workplace.ts'
import { altered } from './emulated.ts'

const hasty = (source: string): string => source.replaceAll('__syncthreads();', '')

export const open = async (options: DeviceChoice): Promise<Workplace> => {
  const cuda = await openCuda(options)
  return { ...workplaceOn(cuda), target: altered(cuda, hasty) }
}
