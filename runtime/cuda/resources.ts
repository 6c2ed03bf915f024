/**
 * What emitted kernels take of a multiprocessor, by compiling them for an architecture: registers, spills, shared memory, and
 * the blocks that fit. A first judgement of a schedule, on a machine without a GPU.
 */
import { FileStore } from '../store/files/file-store.ts'
import { cachedCompiler } from './cache.ts'
import { type KernelResources, readCubin } from './cubin.ts'
import { chooseArch, namedArch } from './nvrtc/arch.ts'
import { Nvrtc } from './nvrtc/nvrtc.ts'
import { type PtxasUsage, readPtxas } from './nvrtc/ptxas.ts'
import { multiprocessorLimits, type Occupancy, occupancy } from './occupancy.ts'
import type { ScheduledSource } from './target/sources.ts'

export interface ResourceOptions {
  /** The architecture to compile for, 80 for sm_80, which is the default where the compiler knows it. */
  readonly arch?: number
  /** NVRTC's library, where it is not to be looked for. */
  readonly nvrtc?: string
}

/** One kernel of a source, as it was compiled. */
export interface CompiledKernel
  extends Pick<KernelResources, 'name' | 'registers' | 'frame' | 'shared' | 'codeBytes'>,
    Pick<PtxasUsage, 'spillStores' | 'spillLoads'> {
  /** `__launch_bounds__`: threads of a block, and the blocks that must fit; 0 where that is left to the compiler. */
  readonly bounds: { readonly threads: number; readonly minBlocks: number }
  /** Absent for an architecture whose multiprocessors are not known. */
  readonly occupancy?: Occupancy
}

export interface SourceResources {
  /** NVRTC's version and the architecture. */
  readonly compiler: string
  readonly kernels: readonly CompiledKernel[]
}

/**
 * Compiles a source, and reads what its kernels take.
 * @throws CudaMissingError where there is no NVRTC, or none for the architecture; NvrtcError where it refuses the source
 */
export const resourcesOf = async (of: ScheduledSource, options: ResourceOptions = {}): Promise<SourceResources> => {
  const nvrtc = await Nvrtc.load(options.nvrtc === undefined ? { askPython: true } : { path: options.nvrtc })
  const supported = nvrtc.supportedArchs()
  const { arch } = options.arch === undefined ? chooseArch(undefined, supported) : namedArch(options.arch, supported)
  const { cubin, ptxasLog } = await cachedCompiler(nvrtc, new FileStore()).compile(of.source, { arch })
  const taken = new Map(readCubin(cubin).kernels.map((kernel) => [kernel.name, kernel]))
  const usage = readPtxas(ptxasLog)
  const kernels = of.kernels.map(({ name, launch: { threads } }): CompiledKernel => {
    const { registers, frame, shared, codeBytes } = taken.get(name)!
    const { spillStores = 0, spillLoads = 0 } = usage.get(name) ?? {}
    const known = multiprocessorLimits(arch) !== undefined
    return {
      name,
      registers,
      frame,
      spillStores,
      spillLoads,
      shared,
      codeBytes,
      bounds: { threads, minBlocks: of.schedule.minBlocks },
      ...(known && { occupancy: occupancy(arch, { threads, registers, shared }) }),
    }
  })
  return { compiler: `NVRTC ${nvrtc.version.join('.')}, sm_${arch}`, kernels }
}
