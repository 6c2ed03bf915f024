/**
 * What a CUDA device is to the rest of Poolwright: memory, modules and launches. A GPU behind the driver is one, the emulator
 * another; whoever launches kernels need not know which.
 */
import type { KernelArgument, StructArgument } from './arguments.ts'
import type { Counts, Finding } from './emulator/emulator.ts'
import type { Extents } from './extents.ts'
import type { Compiled } from './nvrtc/options.ts'

/** Device memory that this process allocated. */
export interface DeviceMemory extends Disposable {
  readonly pointer: bigint
  readonly bytes: number
  /** Copies the whole of a view to the memory, or to a part of it; what the host does with the view afterwards is its own. */
  write(data: ArrayBufferView, offset?: number): void
  /** Copies from the memory, after all work that was launched before. */
  read(into: ArrayBufferView, offset?: number): void
  /** Gives the memory back. A second call does nothing. */
  free(): void
}

/** One launch of a kernel. */
export interface DeviceLaunch {
  readonly grid: Extents
  readonly block: Extents
  /** Bytes of dynamic shared memory. */
  readonly sharedBytes?: number
  readonly args: readonly (KernelArgument | StructArgument)[]
  /** A stream of the caller's, as the driver's handle; the device's own by default. The emulator has none. */
  readonly stream?: bigint
  /** Memory of which the launch writes each byte once. A device that watches reports what is missing; a GPU does not look. */
  readonly outputs?: readonly DeviceMemory[]
}

/** What a device that watches saw in one launch. */
export interface Observation {
  readonly kernel: string
  readonly findings: readonly Finding[]
  readonly counts: Counts
}

export interface DeviceFunction {
  readonly name: string
  /**
   * Enqueues one launch.
   * @returns what was seen, from a device that watches
   * @throws CudaError for arguments or extents that do not fit the kernel, and for what the driver reports
   */
  launch(launch: DeviceLaunch): Observation | undefined
}

export interface DeviceModule extends Disposable {
  /** @throws CudaError for a kernel that the module has not */
  kernel(name: string): DeviceFunction
}

export interface CudaDevice extends Disposable {
  /** Its name, architecture and driver, for people. */
  readonly description: string
  /** 90 for compute capability 9.0; `undefined` for the emulator, which takes any. */
  readonly arch: number | undefined
  readonly multiprocessors: number
  /** The most shared memory that a block may have, in bytes. */
  readonly sharedPerBlock: number
  /** Uninitialised memory. `name` is what reports call it. */
  allocate(bytes: number, name?: string): DeviceMemory
  load(compiled: Pick<Compiled, 'ptx' | 'cubin'>): DeviceModule
  /** Waits for everything that was launched; a fault of a kernel is reported here at the latest. */
  synchronize(): void
}
