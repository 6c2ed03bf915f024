/** A device that kernels run on: its memory, its pipelines, what is enqueued, and what has gone wrong. */
import type { Abilities } from '../../codegen/wgsl/abilities.ts'
import type { WgslKernel } from '../../codegen/wgsl/emit.ts'
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'
import { formulaPartAt } from '../formula-part.ts'
import { computeStage, type GpuBinding, type GpuBuffer, type GpuDevice, mapRead, type Opaque } from './api.ts'
import { DeviceLostError, LimitError, ShaderError, WebGpuError } from './errors.ts'
import { BufferPool } from './memory.ts'
import { arrays, paddedTo, type WebGpuData, type WebGpuStored, WebGpuTensor } from './tensor.ts'

/** A device and the memory that we hold there: what kernels are launched on, whether they were built before or are compiled. */
export interface WebGpuHandle extends Disposable {
  /** The adapter's name. */
  readonly description: string
  readonly device: GpuDevice
  /** Bytes of all buffers that Poolwright holds on the device. */
  readonly liveBytes: number
  /** The numbers of a tensor that a kernel made, after all that was enqueued before. @throws WebGpuError, DeviceLostError where that failed */
  read(tensor: Tensor): Promise<TensorData>
  /** Gives the memory of a tensor that a kernel made back to the pool. */
  release(tensor: Tensor): void
  /** Copies numbers to the device, to stay there between kernels. Of a `Uint16Array` say which type's bits it holds. */
  tensor(shape: readonly number[], data: WebGpuData, stored?: WebGpuStored): WebGpuTensor
  /** A tensor to be written into. */
  empty(shape: readonly number[], stored?: WebGpuStored): WebGpuTensor
  /**
   * Takes a caller's buffer, of usage `STORAGE`, as a tensor, from a byte on; to be read it must have `COPY_SRC` too. What one
   * kernel writes lies in other buffers than what it reads: WebGPU binds no buffer for both.
   */
  wrap(buffer: GpuBuffer, shape: readonly number[], stored?: WebGpuStored, offset?: number): WebGpuTensor
}

export interface Pipeline {
  readonly pipeline: Opaque
  readonly layout: Opaque
}

/** One dispatch: a pipeline, buffers in the order of its bindings, and workgroups. */
export interface Dispatch extends Pipeline {
  readonly buffers: readonly GpuBinding[]
  readonly groups: number
}

/** A dispatch with its buffers bound, which can be enqueued any number of times. */
export interface Bound {
  readonly pipeline: Opaque
  readonly group: Opaque
  /** Workgroups along two dimensions. */
  readonly size: readonly [x: number, y: number]
}

/** What a call would have enqueued. */
export interface Recorded {
  readonly dispatches: readonly Bound[]
  /** Gives back the memory that it reads and writes besides tensors. */
  readonly release: () => void
}

/** Where it is kept when dispatches began and ended, in nanoseconds: two numbers of 64 bits. */
export interface Stamps {
  readonly querySet: Opaque
  readonly into: GpuBuffer
}

const scopes = ['validation', 'out-of-memory', 'internal'] as const

/** How many milliseconds a loss may be told later than what it broke. */
const patience = 100

/** What texts for a device may ask for. */
export const abilitiesOf = ({ features, limits }: GpuDevice): Abilities => ({
  halves: features.has('shader-f16'),
  workgroupBytes: limits.maxComputeWorkgroupStorageSize,
})

export class WebGpuDevice implements WebGpuHandle {
  readonly device: GpuDevice
  /** The adapter's name, as reports have it. */
  readonly description: string
  readonly pool: BufferPool
  readonly #pipelines = new Map<string, Promise<Pipeline>>()
  readonly #isOwn: boolean
  /** What implements WebGPU: a browser, or Dawn in Node, by their versions; empty where that is not known. */
  readonly implementation: string
  #recording: Bound[] | undefined
  #lost: DeviceLostError | undefined
  /** What the launches so far came to: the first that failed. */
  #outcome: Promise<WebGpuError | undefined> = Promise.resolve(undefined)

  /** @param isOwn - whether it ends with this object; a caller's own device goes on */
  constructor(gpu: GpuDevice, description: string, isOwn: boolean, implementation = '') {
    this.device = gpu
    this.description = description
    this.pool = new BufferPool(gpu)
    this.#isOwn = isOwn
    this.implementation = implementation
    void gpu.lost.then(({ reason, message }) => {
      this.#lost ??= new DeviceLostError(
        `the GPU's device is lost (${reason}): ${message.replace(/\.$/, '') || 'it does not say why'}. Open another.`,
      )
    })
  }

  /** @throws DeviceLostError once the device is gone */
  #check(): void {
    if (this.#lost) throw this.#lost
  }

  /** The same after something broke: a browser may tell of that first, and of the loss that broke it a moment later. */
  async #checkSoon(): Promise<void> {
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, patience))])
    this.#check()
  }

  /**
   * The pipeline of a shader, compiled once.
   * @throws ShaderError for one that is refused, with the line; LimitError for more arrays than a shader may have
   */
  pipeline(kernel: WgslKernel): Promise<Pipeline> {
    this.#check()
    const known = this.#pipelines.get(kernel.source)
    if (known) return known
    const made = this.#compile(kernel)
    this.#pipelines.set(kernel.source, made)
    // What failed may be tried again.
    made.catch(() => this.#pipelines.delete(kernel.source))
    return made
  }

  async #compile({ name, source, arrays, numbers }: WgslKernel): Promise<Pipeline> {
    const { maxStorageBuffersPerShaderStage: most } = this.device.limits
    if (arrays.length > most)
      throw new LimitError(
        'maxStorageBuffersPerShaderStage',
        most,
        `the kernel ${name} reads and writes ${arrays.length} arrays (a device of your own has more if it is requested with that limit)`,
      )
    // What is wrong with the text is told with its line below.
    this.device.pushErrorScope('validation')
    const module = this.device.createShaderModule({ code: source, label: name })
    void this.device.popErrorScope().catch(() => undefined)
    const { messages } = await module.getCompilationInfo()
    const errors = messages.filter(({ type }) => type === 'error')
    if (errors.length > 0) throw new ShaderError(errors.map((one) => marked(source, name, one)).join('\n'))
    const types = [
      ...(numbers.length > 0 ? ['uniform'] : []),
      ...arrays.map(({ written }) => (written ? 'storage' : 'read-only-storage')),
    ]
    const entries = types.map((type, binding) => ({ binding, visibility: computeStage, buffer: { type } }))
    const layout = this.device.createBindGroupLayout({ entries })
    const compute = { module, entryPoint: name }
    try {
      const pipelineLayout = this.device.createPipelineLayout({ bindGroupLayouts: [layout] })
      return { pipeline: await this.device.createComputePipelineAsync({ layout: pipelineLayout, compute }), layout }
    } catch (error) {
      await this.#checkSoon()
      throw new ShaderError(`the shader ${name} is refused: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Enqueues dispatches, one after the other; what goes wrong is told when something is read. */
  run(dispatches: readonly Dispatch[]): void {
    this.#watched(() => {
      const bound = dispatches.map((one) => this.#bind(one))
      if (this.#recording) this.#recording.push(...bound)
      else this.#submit(bound)
    })
  }

  /** What a call would enqueue, to be enqueued by {@link replay}. What it copies to the device by itself is there at once. */
  record(call: () => void): Recorded {
    const dispatches: Bound[] = []
    this.#recording = dispatches
    try {
      return { release: this.pool.keeping(call), dispatches }
    } finally {
      this.#recording = undefined
    }
  }

  /** Enqueues what was recorded, all in one pass. */
  replay(dispatches: readonly Bound[], stamps?: Stamps): void {
    this.#watched(() => this.#submit(dispatches, stamps))
  }

  #bind({ pipeline, layout, buffers, groups }: Dispatch): Bound {
    const { maxComputeWorkgroupsPerDimension: most } = this.device.limits
    const entries = buffers.map((resource, binding) => ({ binding, resource }))
    return {
      pipeline,
      group: this.device.createBindGroup({ layout, entries }),
      size: [Math.min(groups, most), Math.ceil(groups / most)],
    }
  }

  #submit(dispatches: readonly Bound[], stamps?: Stamps): void {
    const encoder = this.device.createCommandEncoder()
    const writes = { beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 }
    const pass = encoder.beginComputePass(stamps && { timestampWrites: { querySet: stamps.querySet, ...writes } })
    for (const { pipeline, group, size } of dispatches) {
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(...size)
    }
    pass.end()
    if (stamps) encoder.resolveQuerySet(stamps.querySet, 0, 2, stamps.into, 0)
    this.device.queue.submit([encoder.finish()])
  }

  /** Does work, and keeps what goes wrong with it for whoever reads. */
  #watched(work: () => void): void {
    this.#check()
    for (const scope of scopes) this.device.pushErrorScope(scope)
    try {
      work()
    } finally {
      this.#note()
    }
  }

  /** Takes what the scopes have caught. */
  #note(): void {
    const errors = Promise.all(scopes.map(() => this.device.popErrorScope())).then(
      (found) => found.find((one) => one !== null)?.message,
      // A device that is lost says so elsewhere.
      () => undefined,
    )
    this.#outcome = Promise.all([this.#outcome, errors]).then(
      ([before, message]) => before ?? (message === undefined ? undefined : new WebGpuError(`a launch failed: ${message}`)),
    )
  }

  get liveBytes(): number {
    return this.pool.liveBytes
  }

  /** What texts for this device may ask for. */
  get abilities(): Abilities {
    return abilitiesOf(this.device)
  }

  tensor(shape: readonly number[], data: WebGpuData, stored?: WebGpuStored): WebGpuTensor {
    const [length, given] = [elements(shape), data.length]
    if (length !== given)
      throw new WebGpuError(`a shape of [${shape.join(', ')}] has ${length} elements, but ${given} numbers are given`)
    return WebGpuTensor.from(this, shape, data, stored)
  }

  empty(shape: readonly number[], stored?: WebGpuStored): WebGpuTensor {
    return WebGpuTensor.empty(this, shape, stored)
  }

  wrap(buffer: GpuBuffer, shape: readonly number[], stored?: WebGpuStored, offset?: number): WebGpuTensor {
    return WebGpuTensor.foreign(this, buffer, shape, stored, offset)
  }

  release(tensor: Tensor): void {
    if (tensor instanceof WebGpuTensor) tensor.dispose()
  }

  async read(tensor: Tensor): Promise<TensorData> {
    return tensor instanceof WebGpuTensor ? this.readBack(tensor) : tensor.data
  }

  /** @throws WebGpuError, DeviceLostError where what was enqueued before failed */
  async readBack(tensor: WebGpuTensor): Promise<WebGpuData> {
    const Numbers = arrays[tensor.stored]
    if (tensor.length === 0) {
      this.#check()
      return new Numbers(0)
    }
    const bytes = paddedTo(4, tensor.length * Numbers.BYTES_PER_ELEMENT)
    return new Numbers(await this.bytesOf({ ...tensor.binding, size: bytes }), 0, tensor.length)
  }

  /** What a part of a buffer holds. @throws WebGpuError, DeviceLostError where what was enqueued before failed */
  bytesOf({ buffer, offset = 0, size = buffer.size }: GpuBinding): Promise<ArrayBuffer> {
    return this.#answer(async () => {
      const staging = this.pool.take(size, 'readBack', 'what is read back')
      try {
        const encoder = this.device.createCommandEncoder()
        encoder.copyBufferToBuffer(buffer, offset, staging, 0, size)
        this.device.queue.submit([encoder.finish()])
        await staging.mapAsync(mapRead)
        const bytes = staging.getMappedRange().slice(0, size)
        staging.unmap()
        return bytes
      } finally {
        this.pool.give(staging)
      }
    })
  }

  /** Waits for all that was enqueued, and gives the time on `performance`'s clock. @throws WebGpuError, DeviceLostError where it failed */
  done(): Promise<number> {
    return this.#answer(async () => {
      await this.device.queue.onSubmittedWorkDone()
      return performance.now()
    })
  }

  /** What the device answers when all is done that was enqueued before. */
  async #answer<T>(ask: () => Promise<T>): Promise<T> {
    this.#check()
    try {
      const answer = await ask()
      const failure = await this.#outcome
      if (!failure) return answer
      this.#outcome = Promise.resolve(undefined)
      throw failure
    } catch (error) {
      this.#check()
      if (error instanceof WebGpuError) throw error
      await this.#checkSoon()
      throw new WebGpuError(`nothing can be read back: ${String(error)}`)
    }
  }

  [Symbol.dispose](): void {
    this.pool.clear()
    this.#lost ??= new DeviceLostError('the device was closed: open another')
    if (this.#isOwn) this.device.destroy()
  }
}

/** A complaint with its line of the shader, marked, and what that computes. */
const marked = (
  source: string,
  name: string,
  { message, lineNum, linePos }: { readonly message: string; readonly lineNum: number; readonly linePos: number },
): string => {
  const line = source.split('\n')[lineNum - 1]
  if (line === undefined) return `the shader ${name} is refused: ${message}`
  const part = formulaPartAt(source, lineNum)
  const computes = part === undefined ? '' : `\nThe line computes ${part}.`
  return `the shader ${name} is refused at line ${lineNum}: ${message}\n${line}\n${' '.repeat(Math.max(0, linePos - 1))}^${computes}`
}
