/** Tensors that stay in a GPU's memory between kernels; and buffers of a caller's, taken as they are. */
import { arrayWords, elements, type ResidentTensor, type TensorData } from '../../dsl/tensor.ts'
import type { GpuBinding, GpuBuffer } from './api.ts'
import type { WebGpuDevice } from './device.ts'
import { LimitError, WebGpuError } from './errors.ts'

/** What a buffer holds: numbers of 32 bits, or two of 16 bits in each word. */
export type WebGpuStored = 'float32' | 'float16' | 'bfloat16' | 'int32'

/** The same on the host; a `Uint16Array` holds bits. */
export type WebGpuData = Float32Array | Uint16Array | Int32Array

export const arrays: Readonly<
  Record<
    WebGpuStored,
    {
      readonly BYTES_PER_ELEMENT: number
      new (length: number): WebGpuData
      new (buffer: ArrayBuffer, from: number, length: number): WebGpuData
    }
  >
> = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
}

/** The next multiple of so many bytes. */
export const paddedTo = (step: number, bytes: number): number => Math.ceil(bytes / step) * step

/** The bytes of a tensor in a buffer, whose parts are bound and copied by whole words. */
const bytesOf = (shape: readonly number[], stored: WebGpuStored): number =>
  paddedTo(4, elements(shape) * arrays[stored].BYTES_PER_ELEMENT)

/** What is copied to the device: whole words. */
export const inWords = (data: TensorData): TensorData => {
  if (!(data instanceof Uint16Array) || data.length % 2 === 0) return data
  const made = new Uint16Array(data.length + 1)
  made.set(data)
  return made
}

const storedAs = (data: WebGpuData): WebGpuStored => {
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Float32Array) return 'float32'
  throw new WebGpuError("a Uint16Array holds the bits of float16 or bfloat16: say which, as gpu.tensor(shape, data, 'float16')")
}

interface Place {
  readonly buffer: GpuBuffer
  /** In bytes. */
  readonly offset: number
  readonly isForeign: boolean
  readonly reach?: number
}

/** A tensor in a buffer. Kernels of the same device take it without a copy. */
export class WebGpuTensor implements ResidentTensor {
  readonly device: WebGpuDevice
  readonly shape: readonly number[]
  readonly stored: WebGpuStored
  /** The byte of its buffer that it begins at. */
  readonly offset: number
  readonly #buffer: GpuBuffer
  readonly #isForeign: boolean
  readonly #reach: number
  #isDisposed = false

  private constructor(
    device: WebGpuDevice,
    shape: readonly number[],
    stored: WebGpuStored,
    { buffer, offset, isForeign, reach = 0 }: Place,
  ) {
    this.device = device
    this.shape = shape
    this.stored = stored
    this.offset = offset
    this.#buffer = buffer
    this.#isForeign = isForeign
    this.#reach = reach
  }

  /** What it holds is undefined: it is to be written into. @throws LimitError for more than one buffer holds */
  static empty(
    device: WebGpuDevice,
    shape: readonly number[],
    stored: WebGpuStored = 'float32',
    name = 'a tensor',
  ): WebGpuTensor {
    const buffer = device.pool.take(bytesOf(shape, stored), 'storage', name)
    return new WebGpuTensor(device, shape, stored, { buffer, offset: 0, isForeign: false })
  }

  /**
   * Copies numbers to the device.
   * @param stored - of which type the bits of a `Uint16Array` are
   * @throws LimitError for more than one buffer holds; WebGpuError for numbers of another type
   */
  static from(
    device: WebGpuDevice,
    shape: readonly number[],
    data: WebGpuData,
    stored: WebGpuStored = storedAs(data),
  ): WebGpuTensor {
    const Wanted = arrays[stored]
    if (!(data instanceof Wanted))
      throw new WebGpuError(`${stored} is held by ${arrayWords(Wanted)}, but ${arrayWords(data.constructor)} is given`)
    const made = WebGpuTensor.empty(device, shape, stored)
    if (data.length > 0) device.device.queue.writeBuffer(made.buffer, 0, inWords(data))
    return made
  }

  /**
   * Takes a caller's buffer, of usage `STORAGE` and, to be read, `COPY_SRC`: it must be there until all that was enqueued is done.
   * @param offset - the byte that it begins at
   * @param reach - bytes behind the tensor that kernels are bound to as well: there what reaches beyond it shows, where WebGPU
   *   would else lead it back to the tensor's own elements
   * @throws WebGpuError for a buffer that is too small; LimitError for an offset that the device does not bind at
   */
  static foreign(
    device: WebGpuDevice,
    buffer: GpuBuffer,
    shape: readonly number[],
    stored: WebGpuStored = 'float32',
    offset = 0,
    reach = 0,
  ): WebGpuTensor {
    const { minStorageBufferOffsetAlignment: step } = device.device.limits
    if (!Number.isInteger(offset) || offset < 0) throw new WebGpuError(`an offset is a whole number of bytes, but is ${offset}`)
    if (offset % step !== 0)
      throw new LimitError('minStorageBufferOffsetAlignment', step, `an offset of ${offset} bytes is asked for`, 'no multiple of')
    const bytes = bytesOf(shape, stored)
    if (buffer.size < offset + bytes)
      throw new WebGpuError(
        `a buffer of ${buffer.size} bytes holds no ${stored} of shape [${shape.join(', ')}], which is ${bytes}${offset === 0 ? '' : ` from byte ${offset} on`}`,
      )
    return new WebGpuTensor(device, shape, stored, { buffer, offset, isForeign: true, reach })
  }

  /** What kernels bind. */
  get binding(): GpuBinding {
    const { buffer, offset } = this
    // A buffer of ours is of the size that it is to have; of a caller's the tensor is a part, and never less than an element.
    if (!this.#isForeign) return { buffer }
    const rest = buffer.size - offset
    return { buffer, offset, size: Math.min(rest - (rest % 4), Math.max(16, bytesOf(this.shape, this.stored) + this.#reach)) }
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
  read(): Promise<WebGpuData> {
    return this.device.readBack(this)
  }

  /** Gives its memory back; a caller's buffer is left alone. */
  dispose(): void {
    if (!this.#isDisposed && !this.#isForeign) this.device.pool.give(this.#buffer)
    this.#isDisposed = true
  }
}
