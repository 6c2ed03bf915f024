/** Tensors that stay in a GPU's memory between kernels; and buffers of a caller's, taken as they are. */
import { arrays } from '../../dsl/storage.ts'
import { elements, type ResidentTensor, type TensorData } from '../../dsl/tensor.ts'
import type { GpuBuffer } from './api.ts'
import type { WebGpuDevice } from './device.ts'
import { WebGpuError } from './errors.ts'

export type WebGpuStored = 'float32' | 'int32'

/** A tensor in a buffer. Kernels of the same device take it without a copy. */
export class WebGpuTensor implements ResidentTensor {
  readonly device: WebGpuDevice
  readonly shape: readonly number[]
  readonly stored: WebGpuStored
  readonly #buffer: GpuBuffer
  readonly #isForeign: boolean
  #isDisposed = false

  private constructor(
    device: WebGpuDevice,
    shape: readonly number[],
    stored: WebGpuStored,
    buffer: GpuBuffer,
    isForeign: boolean,
  ) {
    this.device = device
    this.shape = shape
    this.stored = stored
    this.#buffer = buffer
    this.#isForeign = isForeign
  }

  /** What it holds is undefined: it is to be written into. @throws LimitError for more than one buffer holds */
  static empty(
    device: WebGpuDevice,
    shape: readonly number[],
    stored: WebGpuStored = 'float32',
    name = 'a tensor',
  ): WebGpuTensor {
    const bytes = elements(shape) * arrays[stored].BYTES_PER_ELEMENT
    return new WebGpuTensor(device, shape, stored, device.pool.take(bytes, 'storage', name), false)
  }

  /** Copies numbers to the device. @throws LimitError for more than one buffer holds */
  static from(device: WebGpuDevice, shape: readonly number[], data: TensorData, name?: string): WebGpuTensor {
    const made = WebGpuTensor.empty(device, shape, data instanceof Int32Array ? 'int32' : 'float32', name)
    if (data.length > 0) device.device.queue.writeBuffer(made.buffer, 0, data)
    return made
  }

  /**
   * Takes a caller's buffer, of usage `STORAGE` and, to be read, `COPY_SRC`: it must be there until all that was enqueued is done.
   * @throws WebGpuError for one that is too small
   */
  static foreign(
    device: WebGpuDevice,
    buffer: GpuBuffer,
    shape: readonly number[],
    stored: WebGpuStored = 'float32',
  ): WebGpuTensor {
    const bytes = elements(shape) * arrays[stored].BYTES_PER_ELEMENT
    if (buffer.size < bytes)
      throw new WebGpuError(
        `a buffer of ${buffer.size} bytes holds no ${stored} of shape [${shape.join(', ')}], which is ${bytes}`,
      )
    return new WebGpuTensor(device, shape, stored, buffer, true)
  }

  /** The elements. */
  get length(): number {
    return elements(this.shape)
  }

  /** @throws WebGpuError once it was disposed of */
  get buffer(): GpuBuffer {
    if (this.#isDisposed) throw new WebGpuError('a tensor is used after its memory was given back: make another')
    return this.#buffer
  }

  /** @throws WebGpuError always: a GPU answers later, by {@link read} */
  get data(): TensorData {
    throw new WebGpuError('the numbers of this tensor are on a GPU, which answers later: await tensor.read()')
  }

  /** The numbers, after all that was enqueued before. @throws WebGpuError, DeviceLostError where that failed */
  read(): Promise<Float32Array | Int32Array> {
    return this.device.readBack(this)
  }

  /** Gives its memory back; a caller's buffer is left alone. */
  dispose(): void {
    if (!this.#isDisposed && !this.#isForeign) this.device.pool.give(this.#buffer)
    this.#isDisposed = true
  }
}
