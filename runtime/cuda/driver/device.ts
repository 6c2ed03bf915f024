/** A GPU behind NVIDIA's driver: what `CudaDevice` promises, and what only a GPU has: graphs, its clock, pointers of others. */
import type { CudaDevice, DeviceMemory, DeviceModule } from '../device.ts'
import type { Compiled } from '../nvrtc/options.ts'
import type { CudaFaultError } from './errors.ts'
import type { DeviceFacts } from './facts.ts'
import { DeviceGraph } from './graph.ts'
import { loadDriver } from './library.ts'
import { DriverMemory } from './memory.ts'
import { DriverModule } from './module.ts'
import { describePointer, type PointerOwner, requirePointer } from './pointer.ts'
import { type Lease, openSession } from './session.ts'
import { timeOf } from './timing.ts'

/**
 * An open GPU. All of its methods throw DisposedError once it was disposed of, and CudaFaultError, always the same, once it is
 * lost; those that allocate, copy or wait throw CaptureError in the work of a capture.
 */
export class DriverDevice implements CudaDevice {
  readonly facts: DeviceFacts
  readonly #lease: Lease

  /** `openDriver` makes it. */
  constructor(lease: Lease) {
    this.#lease = lease
    this.facts = lease.session.context.facts
  }

  get description(): string {
    const { name, ordinal, arch, driver } = this.facts
    return `${name} (GPU ${ordinal}, sm_${arch}), driver for CUDA ${driver}${this.lost ? ', lost to this process' : ''}`
  }

  get arch(): number {
    return this.facts.arch
  }

  get multiprocessors(): number {
    return this.facts.multiprocessors
  }

  get sharedPerBlock(): number {
    return this.facts.sharedPerBlock
  }

  /** The fault that lost the device to this process; `undefined` while there was none. */
  get lost(): CudaFaultError | undefined {
    return this.#lease.session.context.lost
  }

  /** @throws CudaOutOfMemoryError; LaunchError for a size that is none */
  allocate(bytes: number, name = 'an allocation'): DeviceMemory {
    return new DriverMemory(this.#lease, bytes, name)
  }

  /** @throws ModuleError where the driver takes neither binary nor PTX; CubinError, CudaError for what is not of one compilation */
  load(compiled: Pick<Compiled, 'ptx' | 'cubin'>): DeviceModule {
    return new DriverModule(this.#lease, compiled)
  }

  /** Waits for all that was launched, on callers' streams too. */
  synchronize(): void {
    const { context, stream } = this.#lease.session
    context.refuseInCapture('waiting')
    context.within(() => stream.synchronize())
  }

  /** Milliseconds that the GPU takes for what `work` launches. `work` is synchronous. */
  time(work: () => void): number {
    return timeOf(this.#lease.session, work)
  }

  /**
   * Captures what `work` launches, in place of carrying it out. `work` is synchronous, and does nothing on the device but
   * launch on its own stream.
   * @throws what `work` throws; CudaMissingError for a driver without graphs
   */
  capture(work: () => void): DeviceGraph {
    return new DeviceGraph(this.#lease, work)
  }

  /** Whose memory a pointer points into. */
  describePointer(pointer: bigint): PointerOwner {
    return describePointer(this.#lease.session.context, pointer)
  }

  /** @throws LaunchError for a pointer that kernels on this device cannot follow; `what` names it there */
  requirePointer(pointer: bigint, what: string): void {
    requirePointer(this.#lease.session.context, pointer, what)
  }

  /** Ends all that was made on the device, and lets go of it. A second call does nothing. */
  [Symbol.dispose](): void {
    const { context } = this.#lease.session
    context.refuseInCapture('disposing of the device')
    context.close()
  }
}

/**
 * Opens a GPU.
 * @param options.ordinal - which, counted from 0 among those that `CUDA_VISIBLE_DEVICES` shows; the first by default
 * @throws CudaMissingError where there is no driver or no such GPU, or another process has it to itself; FfiError where koffi
 *   cannot be loaded; CudaOutOfMemoryError, DriverError
 */
export const openDriver = async ({ ordinal = 0 }: { readonly ordinal?: number } = {}): Promise<DriverDevice> =>
  new DriverDevice(openSession(await loadDriver(), ordinal))
