/**
 * WebGPU's public face, `poolwright/webgpu`: the same kernels in a browser and in Node. Nothing of Node is loaded in a browser,
 * and nothing native before a device is opened.
 */
export type { WgslSchedule } from '../../codegen/wgsl/schedule.ts'
export type { GpuBuffer, GpuDevice } from './api.ts'
export type { WebGpuHandle } from './device.ts'
export { DeviceLostError, LimitError, ShaderError, WebGpuError, WebGpuMissingError } from './errors.ts'
export type { OpenWebGpuOptions } from './open.ts'
export { openWebGpu, type WebGpu } from './target.ts'
export { type WebGpuData, type WebGpuStored, WebGpuTensor } from './tensor.ts'
