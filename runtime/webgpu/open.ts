/** A device for kernels: a caller's own, or one that is asked for, of the browser or of Dawn in Node. */
import { moduleBeside } from '../beside.ts'
import type { Gpu, GpuAdapter, GpuDevice } from './api.ts'
import { WebGpuDevice } from './device.ts'
import { WebGpuMissingError } from './errors.ts'

export interface OpenWebGpuOptions {
  /** A device of the caller's own, which goes on when this is closed; one is asked for by default. */
  readonly device?: GpuDevice
  /** Handed to `requestAdapter`, such as `{ powerPreference: 'high-performance' }`. */
  readonly adapter?: object
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
 * Opens a device for kernels that were built ahead of time.
 * @throws WebGpuMissingError where there is no WebGPU or no adapter, with how to get one
 */
export const openDevice = async ({ device: own, adapter }: OpenWebGpuOptions = {}): Promise<WebGpuDevice> => {
  const { device: gpu, name } = own ? { device: own, name: 'a device of the caller’s' } : await requestDevice(adapter)
  return new WebGpuDevice(gpu, name, own === undefined)
}
