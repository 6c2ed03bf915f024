/**
 * CUDA's public face, `poolwright/cuda`: kernels compiled just in time by NVRTC, on a GPU or on the emulator, and any
 * CUDA kernel of a user's own, run under watch. It needs Node; nothing native is loaded before it is asked for.
 */
export type { CudaSchedule } from '../../codegen/cuda/schedule.ts'
// Devices, what they are launched with, and what they say.
export type { KernelArgument, StructArgument } from './arguments.ts'
export type { CudaDevice, DeviceFunction, DeviceLaunch, DeviceMemory, DeviceModule, Observation } from './device.ts'
export {
  CaptureError,
  CudaFaultError,
  CudaOutOfMemoryError,
  DisposedError,
  DriverError,
  ModuleError,
} from './driver/errors.ts'
export { type DeviceFacts, type DeviceListing, listDevices } from './driver/facts.ts'
export { type Counts, type Finding, PtxError, type Traffic, WatchdogError } from './emulator/emulator.ts'
export { CompilerCrashError, CubinError, CudaError, CudaMissingError, KernelFaultError, LaunchError } from './errors.ts'
export type { Extents } from './extents.ts'
export { type NvrtcDiagnostic, NvrtcError } from './nvrtc/diagnostics.ts'
export type { Compiled, CompileOptions as NvrtcOptions } from './nvrtc/options.ts'
// Kernels from operators.
export { type Cuda, type OpenOptions, openCuda } from './open.ts'
export { runSanitized, type SanitizeReport, type SanitizeRequest, type TensorArgument } from './sanitize.ts'
export { FindingsError } from './target/launches.ts'
export { CudaTensor, type Foreign } from './target/tensor.ts'
