/**
 * The emulator as a CUDA device like any other, so that whoever launches kernels runs them without a GPU too, and is told
 * what they did wrong. Launches end before `launch` returns; what faults throws there.
 */
import type { CudaDevice, DeviceFunction, DeviceLaunch, DeviceMemory, DeviceModule, Observation } from './device.ts'
import { Emulator, type LoadedPtx, loadAgain, loadPtx, mostSharedBytes, type PtxKernel } from './emulator/emulator.ts'
import { CudaError, KernelFaultError, LaunchError } from './errors.ts'
import type { Compiled } from './nvrtc/options.ts'

/** Texts whose translation is kept: it takes some ten milliseconds, and callers load the same kernels over and over. */
const keptTexts = 64

class EmulatedMemory implements DeviceMemory {
  readonly pointer: bigint
  readonly bytes: number
  readonly #emulator: Emulator
  readonly #name: string
  readonly #held: Set<Disposable>

  /** @param held - what the device has to give back; it is one of them until it is freed. */
  constructor(emulator: Emulator, bytes: number, name: string, held: Set<Disposable>) {
    this.#emulator = emulator
    this.#name = name
    this.#held = held
    this.bytes = bytes
    this.pointer = BigInt(emulator.allocate(bytes, name))
    held.add(this)
  }

  write(data: ArrayBufferView, offset = 0): void {
    this.#emulator.write(this.#at('written', data, offset), data)
  }
  read(into: ArrayBufferView, offset = 0): void {
    this.#emulator.read(this.#at('read', into, offset), into)
  }
  free(): void {
    if (this.#held.delete(this)) this.#emulator.free(Number(this.pointer))
  }
  [Symbol.dispose](): void {
    this.free()
  }

  #at(done: string, { byteLength }: ArrayBufferView, offset: number): number {
    if (!this.#held.has(this)) throw new LaunchError(`'${this.#name}' is ${done} after it was freed`)
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + byteLength > this.bytes)
      throw new LaunchError(`${byteLength} bytes are ${done} at byte ${offset} of '${this.#name}', which has ${this.bytes}`)
    return Number(this.pointer) + offset
  }
}

class EmulatedFunction implements DeviceFunction {
  readonly #emulator: Emulator
  readonly #kernel: PtxKernel
  /** Kept alive by its kernels, whose variables it holds. */
  readonly #module: EmulatedModule

  constructor(emulator: Emulator, kernel: PtxKernel, module: EmulatedModule) {
    this.#emulator = emulator
    this.#kernel = kernel
    this.#module = module
  }

  get name(): string {
    return this.#kernel.name
  }

  /** Runs the launch to its end; streams change nothing, since each launch ends before the next begins. */
  launch({ grid, block, sharedBytes = 0, args, outputs = [] }: DeviceLaunch): Observation {
    if (this.#module.isGone) throw new CudaError(`kernel ${this.name} is launched after its module was disposed of`)
    const request = { grid, block, sharedBytes, args, outputs: outputs.map(({ pointer }) => Number(pointer)) }
    const { findings, faulted, counts } = this.#emulator.launch(this.#kernel, request)
    if (faulted) throw new KernelFaultError(this.name, findings)
    return { kernel: this.name, findings, counts }
  }
}

class EmulatedModule implements DeviceModule {
  readonly #emulator: Emulator
  readonly #ptx: LoadedPtx
  readonly #unload: (module: EmulatedModule) => void
  #gone = false

  /** @param unload - gives back what the device keeps of it */
  constructor(emulator: Emulator, ptx: LoadedPtx, unload: (module: EmulatedModule) => void) {
    this.#emulator = emulator
    this.#ptx = ptx
    this.#unload = unload
  }

  get isGone(): boolean {
    return this.#gone
  }

  kernel(name: string): DeviceFunction {
    if (this.#gone) throw new CudaError(`kernel ${name} is asked of a module that was disposed of`)
    const kernel = this.#ptx.kernels.get(name)
    if (kernel) return new EmulatedFunction(this.#emulator, kernel, this)
    throw new CudaError(
      `there is no kernel '${name}' in the module: it has ${[...this.#ptx.kernels.keys()].join(', ') || 'none'}`,
    )
  }
  [Symbol.dispose](): void {
    if (this.#gone) return
    this.#gone = true
    this.#unload(this)
  }
}

/** A device that watches. Its memory is of 256 MiB; it takes PTX of any architecture that the emulator knows the instructions of. */
export class EmulatedDevice implements CudaDevice {
  readonly description = 'emulator'
  readonly arch = undefined
  readonly multiprocessors = 1
  readonly sharedPerBlock = mostSharedBytes
  readonly #texts = new Map<string, LoadedPtx>()
  readonly #held = new Set<Disposable>()
  /** Modules are kept by those who use them: translated code is large, and whoever compiles many forgets most. */
  readonly #modules = new Map<LoadedPtx, WeakRef<EmulatedModule>>()
  readonly #forgotten = new FinalizationRegistry<LoadedPtx>((loaded) => this.#unload(loaded))
  #emulator: Emulator | undefined = new Emulator()

  /** @throws LaunchError where no piece of this size is left of the memory */
  allocate(bytes: number, name = 'an allocation'): DeviceMemory {
    return new EmulatedMemory(this.#running(), bytes, name, this.#held)
  }
  /** @throws PtxError for PTX that is broken, or that holds what the emulator does not know */
  load({ ptx }: Pick<Compiled, 'ptx'>): DeviceModule {
    const loaded = loadAgain(this.#translated(ptx))
    const module = new EmulatedModule(this.#running(), loaded, (one) => {
      this.#forgotten.unregister(one)
      this.#unload(loaded)
    })
    this.#modules.set(loaded, new WeakRef(module))
    this.#forgotten.register(module, loaded, module)
    return module
  }
  /** Nothing is ever under way. */
  synchronize(): void {
    this.#running()
  }
  /** Frees and unloads everything. What was made of the device cannot be used any more; to free it again does nothing. */
  [Symbol.dispose](): void {
    for (const one of [...this.#held]) one[Symbol.dispose]()
    for (const one of [...this.#modules.values()]) one.deref()?.[Symbol.dispose]()
    this.#emulator = undefined
    this.#texts.clear()
  }

  #unload(loaded: LoadedPtx): void {
    this.#modules.delete(loaded)
    this.#emulator?.unload(loaded)
  }
  #running(): Emulator {
    if (this.#emulator) return this.#emulator
    throw new CudaError('the emulator was disposed of: make another')
  }
  #translated(text: string): LoadedPtx {
    const loaded = this.#texts.get(text) ?? loadPtx(text)
    // The text that was used last goes last; the first goes when there are too many.
    this.#texts.delete(text)
    this.#texts.set(text, loaded)
    const [oldest] = this.#texts.keys()
    if (this.#texts.size > keptTexts && oldest !== undefined) this.#texts.delete(oldest)
    return loaded
  }
}
