/** A CUDA device with its compiler, opened: a GPU behind the driver, or the emulator, which needs no GPU. */
import { FileStore } from '../store/files/file-store.ts'
import { cachedCompiler } from './cache.ts'
import type { CudaDevice, Observation } from './device.ts'
import { openDriver } from './driver/device.ts'
import { EmulatedDevice } from './emulated-device.ts'
import { type Arch, chooseArch, namedArch } from './nvrtc/arch.ts'
import { Nvrtc } from './nvrtc/nvrtc.ts'
import type { CompileOptions, Compiler } from './nvrtc/options.ts'
import { type CudaTarget, cudaTarget } from './target/target.ts'
import { cudaTuning } from './tuner/tuning.ts'

export interface OpenOptions {
  /** The number of a GPU, by the driver's order, or the emulator; GPU 0 by default. */
  readonly device?: number | 'emulator'
  /** NVRTC's library, where it is not to be looked for. */
  readonly nvrtc?: string
  /** The architecture to compile for, 80 for sm_80; by default what the compiler can best do for the device. */
  readonly arch?: number
  /** Where binaries are kept; by default the user's cache. */
  readonly cache?: string
  /** What a device that watches saw, launch by launch. */
  readonly observe?: (observation: Observation) => void
}

export interface Cuda extends Disposable {
  /** What kernels are compiled for: hand it to `compile` as its target. */
  readonly target: CudaTarget
  readonly device: CudaDevice
  readonly nvrtc: Nvrtc
  /** NVRTC behind the store of binaries. */
  readonly compiler: Compiler
  readonly arch: Arch
}

const deviceFor = async (device: OpenOptions['device']): Promise<CudaDevice> =>
  device === 'emulator' ? new EmulatedDevice() : openDriver({ ordinal: device ?? 0 })

/**
 * Opens a device and NVRTC.
 * @throws CudaMissingError where there is no driver, no such GPU, or no NVRTC, with what was tried and how to get it, and for
 *   an architecture that the compiler does not know
 */
export const openCuda = async (options: OpenOptions = {}): Promise<Cuda> => {
  const device = await deviceFor(options.device)
  try {
    const nvrtc = await Nvrtc.load(options.nvrtc === undefined ? { askPython: true } : { path: options.nvrtc })
    const supported = nvrtc.supportedArchs()
    const arch = options.arch === undefined ? chooseArch(device.arch, supported) : namedArch(options.arch, supported)
    const compiler = cachedCompiler(nvrtc, new FileStore(options.cache === undefined ? {} : { folder: options.cache }))
    const emulated = device instanceof EmulatedDevice
    // The emulator reads PTX alone, and tells of source lines; what runs on a GPU carries no lines, which double its size.
    const compileOptions: CompileOptions = emulated ? { arch: arch.arch, ptxOnly: true, lineInfo: true } : arch
    const compiling = {
      compile: compiler.compile,
      compileNow: nvrtc.compileNow.bind(nvrtc),
      options: compileOptions,
    }
    const version = `NVRTC ${nvrtc.version.join('.')}, sm_${arch.arch}`
    const { observe } = options
    const { observe: _, ...where } = options
    const target: CudaTarget = {
      ...cudaTarget(`${device.description}, ${version}`, { device, compiling, ...(observe && { observe }) }),
      tuning: cudaTuning({ device, compiler, arch, options: where }),
    }
    return { target, device, nvrtc, compiler, arch, [Symbol.dispose]: () => device[Symbol.dispose]() }
  } catch (error) {
    device[Symbol.dispose]()
    throw error
  }
}
