/**
 * `poolwright/launch/webgpu`: a device, and what modules of shaders import that were built ahead of time. No compiler comes
 * with it.
 */
import type { ByDirection, Signed } from '../../codegen/signed.ts'
import type { WgslKernel } from '../../codegen/wgsl/emit.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import { described } from '../launch/built.ts'
import { WebGpuDevice, type WebGpuHandle } from './device.ts'
import { launchWebGpu } from './launch.ts'

export type { Tensor } from '../../dsl/tensor.ts'
export type { BuiltKernel, Cotangents, ForwardKernel } from '../launch/built.ts'
export type { GpuBuffer, GpuDevice } from './api.ts'
export type { WebGpuHandle } from './device.ts'
export { DeviceLostError, LimitError, ShaderError, WebGpuError, WebGpuMissingError } from './errors.ts'
export { type OpenWebGpuOptions, openDevice as openWebGpuDevice } from './open.ts'
export { type WebGpuStored, WebGpuTensor } from './tensor.ts'

/**
 * A built kernel on a device, its pipelines made.
 * @throws ArgumentError for what is no opened device; ShaderError, LimitError where the device refuses a shader
 */
export const webGpuKernel = async (
  gpu: WebGpuHandle,
  signed: Signed,
  { forward, backward }: ByDirection<() => readonly WgslKernel[]>,
) => {
  if (!(gpu instanceof WebGpuDevice))
    throw new ArgumentError(
      'a kernel is made for an opened device: hand in what openWebGpuDevice gives, such as of your GPUDevice',
    )
  const launched = await launchWebGpu(gpu, signed, { forward: forward(), backward: backward?.() ?? [] })
  return described(signed, launched, backward !== undefined)
}
