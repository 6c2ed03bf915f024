/** A target for as long as a command runs: the compiler, or a GPU, comes with it, so not before the flags have been read. */
import type { Observation } from '../runtime/cuda/device.ts'
import type { Target } from '../runtime/target.ts'
import type { TargetRequest } from './flags/target.ts'

/**
 * Opens what was asked for, has it used, and closes it.
 * @param observe - told what a device that watches saw, launch by launch
 * @throws CannotError where this machine lacks what the target needs
 */
export const withTarget = async <T>(
  { target, device }: TargetRequest,
  use: (target: Target) => Promise<T>,
  observe?: (observation: Observation) => void,
): Promise<T> => {
  if (target === 'webgpu') return (await import('./webgpu.ts')).withWebGpu(use)
  if (target === 'cuda') return (await import('./cuda/target.ts')).withCuda(device, use, observe)
  const { targets } = await import('../runtime/targets.ts')
  return use(targets[target])
}
