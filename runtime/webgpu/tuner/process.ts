/** The workplace of WebGPU, where a process of its own opens it. */
import type { Workplace } from '../../tuner/trial/workplace.ts'
import { type OpenWebGpuOptions, openDevice } from '../open.ts'
import { webGpuTarget } from '../target.ts'
import { workplaceOn } from './workplace.ts'

export const open = async (options: OpenWebGpuOptions): Promise<Workplace> => {
  const device = await openDevice(options)
  return workplaceOn(device, webGpuTarget(device))
}
