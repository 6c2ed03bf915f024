/**
 * The driver's functions, as C declares them, under the names by which its library exports them. Each answers with a status.
 * Device pointers are `uint64`; handles (contexts, modules, functions, streams, events, graphs) are addresses of the driver's
 * own objects; what is given back goes into memory of ours.
 */
import { type ArgumentType, FfiError, type ForeignFunction, type ForeignLibrary } from '../../ffi.ts'

type Table = Readonly<Record<string, readonly ArgumentType[]>>

/** What every driver since CUDA 11.0 has. */
const lasting = {
  cuInit: ['uint32'],
  cuDriverGetVersion: ['memory'],
  /** Status, address of the text out. */
  cuGetErrorName: ['int32', 'memory'],
  cuGetErrorString: ['int32', 'memory'],

  cuDeviceGetCount: ['memory'],
  /** Device out, ordinal. */
  cuDeviceGet: ['memory', 'int32'],
  /** Text out, its room, device. */
  cuDeviceGetName: ['memory', 'int32', 'int32'],
  /** Value out, attribute, device. */
  cuDeviceGetAttribute: ['memory', 'int32', 'int32'],
  cuDeviceTotalMem_v2: ['memory', 'int32'],

  cuDevicePrimaryCtxRetain: ['memory', 'int32'],
  cuDevicePrimaryCtxRelease_v2: ['int32'],
  cuCtxSetCurrent: ['address'],
  cuCtxGetCurrent: ['memory'],

  /** Module out, image, number of options, their names, their values. */
  cuModuleLoadDataEx: ['memory', 'memory', 'uint32', 'memory', 'memory'],
  cuModuleUnload: ['address'],
  /** Function out, module, name. */
  cuModuleGetFunction: ['memory', 'address', 'text'],
  /** Value out, attribute, function. */
  cuFuncGetAttribute: ['memory', 'int32', 'address'],
  cuFuncSetAttribute: ['address', 'int32', 'int32'],
  /** Function, grid, block, dynamic shared bytes, stream, addresses of the parameters, null. */
  cuLaunchKernel: [
    'address',
    ...(['uint32', 'uint32', 'uint32'] as const),
    ...(['uint32', 'uint32', 'uint32'] as const),
    'uint32',
    'address',
    'memory',
    'memory',
  ],
  /** Blocks out, function, threads of a block, dynamic shared bytes. */
  cuOccupancyMaxActiveBlocksPerMultiprocessor: ['memory', 'address', 'int32', 'uint64'],

  cuMemAlloc_v2: ['memory', 'uint64'],
  cuMemFree_v2: ['uint64'],
  /** Free and total bytes out. */
  cuMemGetInfo_v2: ['memory', 'memory'],
  /** Address out, bytes, flags. */
  cuMemHostAlloc: ['memory', 'uint64', 'uint32'],
  cuMemFreeHost: ['address'],
  /** To, from, bytes; what is asynchronous takes a stream, and the host's side by its address. */
  cuMemcpyHtoD_v2: ['uint64', 'memory', 'uint64'],
  cuMemcpyDtoH_v2: ['memory', 'uint64', 'uint64'],
  cuMemcpyHtoDAsync_v2: ['uint64', 'address', 'uint64', 'address'],
  cuMemcpyDtoHAsync_v2: ['address', 'uint64', 'uint64', 'address'],
  cuMemcpyDtoDAsync_v2: ['uint64', 'uint64', 'uint64', 'address'],
  /** To, value, how many of them, stream. */
  cuMemsetD8Async: ['uint64', 'uint32', 'uint64', 'address'],
  cuMemsetD32Async: ['uint64', 'uint32', 'uint64', 'address'],
  /** Value out, attribute, pointer. */
  cuPointerGetAttribute: ['memory', 'int32', 'uint64'],

  /** Stream out, flags. */
  cuStreamCreate: ['memory', 'uint32'],
  cuStreamDestroy_v2: ['address'],
  cuStreamSynchronize: ['address'],
  cuStreamQuery: ['address'],
  /** Stream, event, flags. */
  cuStreamWaitEvent: ['address', 'address', 'uint32'],
  /** Stream, mode. */
  cuStreamBeginCapture_v2: ['address', 'int32'],
  cuStreamIsCapturing: ['address', 'memory'],
  /** Stream, graph out. */
  cuStreamEndCapture: ['address', 'memory'],

  /** Event out, flags. */
  cuEventCreate: ['memory', 'uint32'],
  cuEventDestroy_v2: ['address'],
  /** Event, stream. */
  cuEventRecord: ['address', 'address'],
  cuEventQuery: ['address'],
  cuEventSynchronize: ['address'],
  /** Milliseconds out, from, to. */
  cuEventElapsedTime: ['memory', 'address', 'address'],

  /** Executable graph, stream. */
  cuGraphLaunch: ['address', 'address'],
  cuGraphExecDestroy: ['address'],
  cuGraphDestroy: ['address'],
} as const satisfies Table

/** What came after CUDA 11.0: nothing else depends on it, and what needs it does without, or says so. */
const later = {
  /** 11.4. Sixteen bytes out, device. */
  cuDeviceGetUuid_v2: ['memory', 'int32'],
  /** 11.2. Pointer out, bytes, stream. */
  cuMemAllocAsync: ['memory', 'uint64', 'address'],
  cuMemFreeAsync: ['uint64', 'address'],
  /** 11.4. Executable graph out, graph, flags. */
  cuGraphInstantiateWithFlags: ['memory', 'address', 'uint64'],
} as const satisfies Table

type Declared<T extends Table> = { readonly [N in keyof T]: ForeignFunction<'int32', T[N]> }

export type DriverFunctions = Declared<typeof lasting> & Partial<Declared<typeof later>>
export type EntryPoint = keyof DriverFunctions

export const entryPoints = [...Object.keys(lasting), ...Object.keys(later)] as readonly EntryPoint[]

/** @throws FfiError for a library that lacks a function: one older than CUDA 11.0, or another library altogether */
export const declareDriver = (library: ForeignLibrary): DriverFunctions => {
  const declare = ([name, parameters]: [string, readonly ArgumentType[]]) =>
    [name, library.declare(name, 'int32', parameters)] as const
  const declareIfThere = (one: [string, readonly ArgumentType[]]) => {
    try {
      return [declare(one)]
    } catch (error) {
      if (error instanceof FfiError) return []
      throw error
    }
  }
  const functions = [...Object.entries(lasting).map(declare), ...Object.entries(later).flatMap(declareIfThere)]
  return Object.fromEntries(functions) as unknown as DriverFunctions
}
