/** A device for kernels: a caller's own, or one that is asked for, of the browser or of Dawn in Node. */
import { elements, type Tensor, type TensorData } from '../../dsl/tensor.ts'
import { moduleBeside } from '../beside.ts'
import type { Target } from '../target.ts'
import type { Gpu, GpuAdapter, GpuBuffer, GpuDevice } from './api.ts'
import { WebGpuDevice } from './device.ts'
import { WebGpuError, WebGpuMissingError } from './errors.ts'
import { webGpuTarget } from './target.ts'
import { type WebGpuStored, WebGpuTensor } from './tensor.ts'

export interface OpenWebGpuOptions {
  /** A device of the caller's own, which goes on when this is closed; one is asked for by default. */
  readonly device?: GpuDevice
  /** Handed to `requestAdapter`, such as `{ powerPreference: 'high-performance' }`. */
  readonly adapter?: object
}

export interface WebGpu extends Disposable {
  /** What kernels are compiled for: hand it to `compile` as its target. */
  readonly target: Target
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

/** What gives adapters: the browser's, or Dawn's in Node. */
const findGpu = async (): Promise<Gpu> => {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: Gpu } }
  if (navigator?.gpu) return navigator.gpu
  if (typeof process === 'undefined' || !process.versions?.node)
    throw new WebGpuMissingError(
      'this browser has no WebGPU, or shows it to secure pages only: open the page by https or on localhost',
    )
  // No bundler may follow it: a page has no packages of Node.
  const ofNode = moduleBeside(import.meta.url, './node')
  return ((await import(/* @vite-ignore */ ofNode)) as { readonly dawn: () => Promise<Gpu> }).dawn()
}

const nameOf = ({ info: { vendor, architecture, device, description } }: GpuAdapter): string =>
  [description || device, [vendor, architecture].filter((one) => one !== '').join(' ')].filter((one) => one !== '').join(', ') ||
  'an adapter without a name'

/** The limits that a device gets only if it is asked for them: as much as the adapter has. */
const wanted = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const

const requestDevice = async (options: object | undefined): Promise<{ readonly device: GpuDevice; readonly name: string }> => {
  const adapter = await (await findGpu()).requestAdapter(options)
  if (!adapter)
    throw new WebGpuMissingError(
      'there is no adapter for WebGPU: a browser needs one that is not blocked, Node a Vulkan driver, Metal or Direct3D 12. ' +
        'Without a GPU, name the folder of a SwiftShader by POOLWRIGHT_SWIFTSHADER.',
    )
  const requiredLimits = Object.fromEntries(wanted.map((limit) => [limit, adapter.limits[limit]]))
  return { device: await adapter.requestDevice({ requiredLimits }), name: nameOf(adapter) }
}

/**
 * Opens a device.
 * @throws WebGpuMissingError where there is no WebGPU or no adapter, with how to get one
 */
export const openWebGpu = async ({ device: own, adapter }: OpenWebGpuOptions = {}): Promise<WebGpu> => {
  const { device: gpu, name } = own ? { device: own, name: 'a device of the caller’s' } : await requestDevice(adapter)
  const device = new WebGpuDevice(gpu, `WebGPU, ${name}`, own === undefined)
  return {
    target: webGpuTarget(device),
    description: name,
    device: gpu,
    get liveBytes() {
      return device.pool.liveBytes
    },
    read: async (tensor) => (tensor instanceof WebGpuTensor ? tensor.read() : tensor.data),
    release: (tensor) => {
      if (tensor instanceof WebGpuTensor) tensor.dispose()
    },
    tensor: (shape, data) => {
      const [length, given] = [elements(shape), data.length]
      if (length !== given)
        throw new WebGpuError(`a shape of [${shape.join(', ')}] has ${length} elements, but ${given} numbers are given`)
      return WebGpuTensor.from(device, shape, data)
    },
    empty: (shape, stored) => WebGpuTensor.empty(device, shape, stored),
    wrap: (buffer, shape, stored) => WebGpuTensor.foreign(device, buffer, shape, stored),
    [Symbol.dispose]: () => device[Symbol.dispose](),
  }
}
