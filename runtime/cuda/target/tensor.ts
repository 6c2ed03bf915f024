/** Tensors that stay in a device's memory between kernels; and memory of a caller's, taken as it is. */
import type { StoredType } from '../../../dsl/storage.ts'
import { arrays } from '../../../dsl/storage.ts'
import { elements, type ResidentTensor, type TensorData } from '../../../dsl/tensor.ts'
import type { CudaDevice, DeviceMemory } from '../device.ts'
import { CudaError } from '../errors.ts'

/** Memory of a caller's: of PyTorch, say, whose tensors tell their address by `data_ptr()`, and others' by DLPack. */
export interface Foreign {
  readonly pointer: bigint
  readonly shape: readonly number[]
  readonly stored: StoredType
}

/**
 * A tensor in device memory. Kernels of the same device take it without a copy; `data` reads it back, once, after all that was
 * launched before. Its memory is given back by `dispose`, or by the device's end; a caller's own memory never is.
 */
export class CudaTensor implements ResidentTensor, Disposable {
  readonly shape: readonly number[]
  readonly stored: StoredType
  readonly pointer: bigint
  readonly device: CudaDevice
  /** Its own memory; `undefined` for a caller's, or once it was given back. */
  #memory: DeviceMemory | undefined
  readonly #isForeign: boolean
  #copy: TensorData | undefined

  private constructor(device: CudaDevice, { pointer, shape, stored }: Foreign, memory: DeviceMemory | undefined) {
    this.device = device
    this.pointer = pointer
    this.shape = shape
    this.stored = stored
    this.#memory = memory
    this.#isForeign = memory === undefined
  }

  /** Uninitialised: to be written into. */
  static empty(device: CudaDevice, shape: readonly number[], stored: StoredType, name?: string): CudaTensor {
    const memory = device.allocate(Math.max(1, elements(shape) * arrays[stored].BYTES_PER_ELEMENT), name)
    return new CudaTensor(device, { pointer: memory.pointer, shape, stored }, memory)
  }

  /** Takes a caller's memory as it is: it must outlive all launches that read or write it. */
  static foreign(device: CudaDevice, foreign: Foreign): CudaTensor {
    return new CudaTensor(device, foreign, undefined)
  }

  /** The elements. */
  get length(): number {
    return elements(this.shape)
  }

  /** The memory that it owns; `undefined` for a caller's. @throws CudaError once it was disposed of */
  get memory(): DeviceMemory | undefined {
    if (!this.#isForeign && !this.#memory) throw new CudaError('a tensor is used after its memory was given back: make another')
    return this.#memory
  }

  /** @throws CudaError for memory of a caller's, which only its owner can read, and once it was disposed of */
  get data(): TensorData {
    const { memory } = this
    if (!memory)
      throw new CudaError(`the memory at 0x${this.pointer.toString(16)} is the caller's: read it with what it was made by`)
    if (!this.#copy) {
      this.#copy = new arrays[this.stored](this.length)
      if (this.length > 0) memory.read(this.#copy)
    }
    return this.#copy
  }

  /** Says that a launch has written it: what was read of it before is old. */
  touched(): void {
    this.#copy = undefined
  }

  dispose(): void {
    this.#memory?.free()
    this.#memory = undefined
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
