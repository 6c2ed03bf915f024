/**
 * A CUDA device without a GPU: it runs the PTX that NVRTC emits, translated to WebAssembly, and watches every access. Any
 * kernel can be debugged on any machine, and tests of generated kernels need no hardware.
 */
import { LaunchError } from '../errors.ts'
import type { LoadedPtx, PtxKernel } from './kernel.ts'
import { type LaunchReport, type LaunchRequest, launch } from './launch.ts'
import { known, readOnly, shadow } from './layout.ts'
import { Machine } from './machine.ts'
import { Memory } from './memory.ts'
import type { Module } from './ptx.ts'

export type { Counts, Traffic } from './counts.ts'
export { PtxError, WatchdogError } from './errors.ts'
export { type LoadedPtx, loadAgain, loadPtx, type PtxKernel } from './kernel.ts'
export { type LaunchReport, type LaunchRequest, mostSharedBytes } from './launch.ts'
export type { Finding } from './report.ts'

/** A device: memory and launches. Pointers are numbers, offsets into its memory; kernels take them as u64. */
export class Emulator {
  readonly #memory: Memory
  /** Where the variables of modules lie that were launched already: they keep their values between launches. */
  readonly #globals = new WeakMap<Module, readonly number[]>()
  /** Kernels that were launched already; loading a module again gives the same code. */
  readonly #machines = new WeakMap<PtxKernel['wasm'], Machine>()

  /** @param options.memoryLimit - bytes that allocations may take, at most 256 MiB. */
  constructor(options: { readonly memoryLimit?: number } = {}) {
    const { memoryLimit = shadow } = options
    if (!(memoryLimit >= 0 && memoryLimit <= shadow))
      throw new LaunchError(`a memory limit of ${memoryLimit} bytes: the emulator has at most ${shadow}`)
    this.#memory = new Memory(memoryLimit)
  }

  /** Uninitialised memory; a kernel that reads it before it is written is found. `name` is what findings call it. */
  allocate(bytes: number, name = 'an allocation'): number {
    return this.#memory.allocate(bytes, name)
  }
  free(pointer: number): void {
    this.#memory.free(pointer)
  }
  /** Copies data to the device, into an allocation or a part of one. */
  write(pointer: number, data: ArrayBufferView): void {
    this.#memory.range(pointer, data.byteLength)
    this.#memory.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pointer)
    this.#memory.mark(pointer, data.byteLength, known.accessible | known.initialised)
  }
  /** Copies data from the device. */
  read(pointer: number, into: ArrayBufferView): void {
    this.#memory.range(pointer, into.byteLength)
    const bytes = this.#memory.bytes.subarray(pointer, pointer + into.byteLength)
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(bytes)
  }

  /**
   * Runs a kernel to its end, or to its first fault.
   * @throws LaunchError where a driver would refuse the launch; WatchdogError where the kernel does not end.
   */
  launch(kernel: PtxKernel, request: LaunchRequest): LaunchReport {
    const globals = this.#globalsOf(kernel.module)
    return launch({ memory: this.#memory, kernel, machine: this.#machineOf(kernel), globals }, request)
  }

  /** Frees the variables of a module. It may be launched again, and begins with its initial values then. */
  unload({ kernels }: LoadedPtx): void {
    for (const { module } of kernels.values()) {
      for (const pointer of this.#globals.get(module) ?? []) this.#memory.free(pointer)
      this.#globals.delete(module)
    }
  }

  #machineOf(kernel: PtxKernel): Machine {
    const machine = this.#machines.get(kernel.wasm) ?? new Machine(this.#memory, kernel)
    this.#machines.set(kernel.wasm, machine)
    return machine
  }
  #globalsOf(module: Module): readonly number[] {
    const made = this.#globals.get(module)
    if (made) return made
    const lasting = module.variables.filter(({ space }) => space === 'global' || space === 'const')
    const addresses = lasting.map(({ name, space, bytes, initial }) => {
      const pointer = this.#memory.allocate(bytes ?? 0, name)
      // Without an initial value, CUDA's variables are zero.
      this.write(pointer, initial ?? new Uint8Array(bytes ?? 0))
      if (space === 'const') this.#memory.mark(pointer, bytes ?? 0, readOnly)
      return pointer
    })
    this.#globals.set(module, addresses)
    return addresses
  }
}
