/** A device that kernels run on: its memory, its pipelines, what is enqueued, and what has gone wrong. */
import type { WgslKernel } from '../../codegen/wgsl/emit.ts'
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'
import { formulaPartAt } from '../formula-part.ts'
import { computeStage, type GpuBuffer, type GpuDevice, mapRead, type Opaque } from './api.ts'
import { DeviceLostError, LimitError, ShaderError, WebGpuError } from './errors.ts'
import { BufferPool } from './memory.ts'
import { type WebGpuStored, WebGpuTensor } from './tensor.ts'

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
  /** Copies numbers to the device, to stay there between kernels. */
  tensor(shape: readonly number[], data: Float32Array | Int32Array): WebGpuTensor
  /** A tensor to be written into. */
  empty(shape: readonly number[], stored?: WebGpuStored): WebGpuTensor
  /** Takes a caller's buffer, of usage `STORAGE`, as a tensor; to be read it must have `COPY_SRC` too. */
  wrap(buffer: GpuBuffer, shape: readonly number[], stored?: WebGpuStored): WebGpuTensor
}

export interface Pipeline {
  readonly pipeline: Opaque
  readonly layout: Opaque
}

/** One dispatch: a pipeline, buffers in the order of its bindings, and workgroups. */
export interface Dispatch extends Pipeline {
  readonly buffers: readonly GpuBuffer[]
  readonly groups: number
}

const scopes = ['validation', 'out-of-memory', 'internal'] as const

export class WebGpuDevice implements WebGpuHandle {
  readonly device: GpuDevice
  /** The adapter's name, as reports have it. */
  readonly description: string
  readonly pool: BufferPool
  readonly #pipelines = new Map<string, Promise<Pipeline>>()
  readonly #isOwn: boolean
  #lost: DeviceLostError | undefined
  /** What the launches so far came to: the first that failed. */
  #outcome: Promise<WebGpuError | undefined> = Promise.resolve(undefined)

  /** @param isOwn - whether it ends with this object; a caller's own device goes on */
  constructor(gpu: GpuDevice, description: string, isOwn: boolean) {
    this.device = gpu
    this.description = description
    this.pool = new BufferPool(gpu)
    this.#isOwn = isOwn
    void gpu.lost.then(({ reason, message }) => {
      this.#lost ??= new DeviceLostError(
        `the GPU's device is lost (${reason}): ${message || 'it does not say why'}. Open another.`,
      )
    })
  }

  /** @throws DeviceLostError once the device is gone */
  #check(): void {
    if (this.#lost) throw this.#lost
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
      throw new LimitError('maxStorageBuffersPerShaderStage', most, `the kernel ${name} reads and writes ${arrays.length} arrays`)
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
      this.#check()
      throw new ShaderError(`the shader ${name} is refused: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Enqueues dispatches, one after the other; what goes wrong is told when something is read. */
  run(dispatches: readonly Dispatch[]): void {
    this.#check()
    for (const scope of scopes) this.device.pushErrorScope(scope)
    const encoder = this.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    const { maxComputeWorkgroupsPerDimension: most } = this.device.limits
    for (const { pipeline, layout, buffers, groups } of dispatches) {
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, this.device.createBindGroup({ layout, entries }))
      pass.dispatchWorkgroups(Math.min(groups, most), Math.ceil(groups / most))
    }
    pass.end()
    this.device.queue.submit([encoder.finish()])
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

  tensor(shape: readonly number[], data: Float32Array | Int32Array): WebGpuTensor {
    const [length, given] = [elements(shape), data.length]
    if (length !== given)
      throw new WebGpuError(`a shape of [${shape.join(', ')}] has ${length} elements, but ${given} numbers are given`)
    return WebGpuTensor.from(this, shape, data)
  }

  empty(shape: readonly number[], stored?: WebGpuStored): WebGpuTensor {
    return WebGpuTensor.empty(this, shape, stored)
  }

  wrap(buffer: GpuBuffer, shape: readonly number[], stored?: WebGpuStored): WebGpuTensor {
    return WebGpuTensor.foreign(this, buffer, shape, stored)
  }

  release(tensor: Tensor): void {
    if (tensor instanceof WebGpuTensor) tensor.dispose()
  }

  async read(tensor: Tensor): Promise<TensorData> {
    return tensor instanceof WebGpuTensor ? this.readBack(tensor) : tensor.data
  }

  /** @throws WebGpuError, DeviceLostError where what was enqueued before failed */
  async readBack(tensor: WebGpuTensor): Promise<Float32Array | Int32Array> {
    this.#check()
    const numbers = tensor.stored === 'int32' ? Int32Array : Float32Array
    if (tensor.length === 0) return new numbers(0)
    const bytes = tensor.length * 4
    const staging = this.pool.take(bytes, 'readBack', 'what is read back')
    try {
      const encoder = this.device.createCommandEncoder()
      encoder.copyBufferToBuffer(tensor.buffer, 0, staging, 0, bytes)
      this.device.queue.submit([encoder.finish()])
      await staging.mapAsync(mapRead)
      const made = new numbers(staging.getMappedRange().slice(0, bytes))
      staging.unmap()
      const failure = await this.#outcome
      if (failure) {
        this.#outcome = Promise.resolve(undefined)
        throw failure
      }
      return made
    } catch (error) {
      this.#check()
      throw error instanceof WebGpuError ? error : new WebGpuError(`nothing can be read back: ${String(error)}`)
    } finally {
      this.pool.give(staging)
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
