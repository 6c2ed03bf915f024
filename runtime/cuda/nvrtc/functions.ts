/** NVRTC's functions, as C declares them. */
import type { ForeignLibrary } from '../../ffi.ts'

/** @throws FfiError for a library that lacks one: one older than CUDA 11.2, or another library altogether */
export const declareNvrtc = (library: ForeignLibrary) => ({
  version: library.declare('nvrtcVersion', 'int32', ['memory', 'memory']),
  errorString: library.declare('nvrtcGetErrorString', 'text', ['int32']),
  supportedArchCount: library.declare('nvrtcGetNumSupportedArchs', 'int32', ['memory']),
  supportedArchs: library.declare('nvrtcGetSupportedArchs', 'int32', ['memory']),
  /** Program out, source, name, number of headers, headers, their names. */
  create: library.declare('nvrtcCreateProgram', 'int32', ['memory', 'text', 'text', 'int32', 'memory', 'memory']),
  destroy: library.declare('nvrtcDestroyProgram', 'int32', ['memory']),
  /** Program, number of options, their addresses. */
  compile: library.declare('nvrtcCompileProgram', 'int32', ['address', 'int32', 'memory']),
  logSize: library.declare('nvrtcGetProgramLogSize', 'int32', ['address', 'memory']),
  log: library.declare('nvrtcGetProgramLog', 'int32', ['address', 'memory']),
  ptxSize: library.declare('nvrtcGetPTXSize', 'int32', ['address', 'memory']),
  ptx: library.declare('nvrtcGetPTX', 'int32', ['address', 'memory']),
  cubinSize: library.declare('nvrtcGetCUBINSize', 'int32', ['address', 'memory']),
  cubin: library.declare('nvrtcGetCUBIN', 'int32', ['address', 'memory']),
})

export type NvrtcFunctions = ReturnType<typeof declareNvrtc>
