/** A device for kernels: a caller's own, or one that is asked for, of the browser or of Dawn in Node. */
import { moduleBeside } from '../beside.ts'
import type { Gpu, GpuAdapterInfo, GpuDevice } from './api.ts'
import { WebGpuDevice } from './device.ts'
import { WebGpuMissingError } from './errors.ts'

export interface OpenWebGpuOptions {
  /** A device of the caller's own, which goes on when this is closed; one is asked for by default. */
  readonly device?: GpuDevice
  /** Handed to `requestAdapter`, such as `{ powerPreference: 'high-performance' }`. */
  readonly adapter?: object
}

/** What gives adapters, and what it is, by its version; empty where nobody says. */
export interface Found {
  readonly gpu: Gpu
  readonly implementation: string
}

const isNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined

const navigatorHere = () => (globalThis as { readonly navigator?: { readonly gpu?: Gpu; readonly userAgent?: string } }).navigator

/** The browser by its own words. Node has a navigator too, which knows nothing of Dawn. */
const browser = (): string => (isNode() ? '' : (navigatorHere()?.userAgent ?? ''))

/** The browser's, or Dawn's in Node. */
const findGpu = async (): Promise<Found> => {
  const gpu = navigatorHere()?.gpu
  if (gpu) return { gpu, implementation: browser() }
  if (!isNode())
    throw new WebGpuMissingError(
      'this browser has no WebGPU, or shows it to secure pages only: open the page by https or on localhost',
    )
  // No bundler may follow it: a page has no packages of Node.
  const ofNode = moduleBeside(import.meta.url, './node')
  return ((await import(/* @vite-ignore */ ofNode)) as { readonly dawn: () => Promise<Found> }).dawn()
}

const nameOf = ({ vendor, architecture, device, description }: GpuAdapterInfo): string =>
  [description || device, [vendor, architecture].filter((one) => one !== '').join(' ')].filter((one) => one !== '').join(', ') ||
  'an adapter without a name'

/** The limits that a device gets only if it is asked for them: as much as the adapter has. */
const wanted = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
] as const

/** The features that kernels, and who times them, have a use for, of which a device gets those that its adapter has. */
const features = ['shader-f16', 'timestamp-query']

const requestDevice = async (options: object | undefined): Promise<WebGpuDevice> => {
  const { gpu, implementation } = await findGpu()
  const adapter = await gpu.requestAdapter(options)
  if (!adapter)
    throw new WebGpuMissingError(
      'there is no adapter for WebGPU: a browser needs one that is not blocked, Node a Vulkan driver, Metal or Direct3D 12. ' +
        'Without a GPU, on Linux, npm install @sparticuz/chromium brings SwiftShader; another is named by POOLWRIGHT_SWIFTSHADER, its folder.',
    )
  const requiredLimits = Object.fromEntries(wanted.map((limit) => [limit, adapter.limits[limit]]))
  const requiredFeatures = features.filter((feature) => adapter.features.has(feature))
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures })
  return new WebGpuDevice(device, nameOf(adapter.info), true, implementation)
}

/**
 * Opens a device for kernels that were built ahead of time.
 * @throws WebGpuMissingError where there is no WebGPU or no adapter, with how to get one
 */
export const openDevice = async ({ device: own, adapter }: OpenWebGpuOptions = {}): Promise<WebGpuDevice> => {
  if (!own) return requestDevice(adapter)
  const name = own.adapterInfo ? nameOf(own.adapterInfo) : 'a device of the caller’s'
  return new WebGpuDevice(own, name, false, browser())
}
