/** One direction of an operator as CUDA text, compiled and loaded; for addresses of 32 bits, and of 64 where it must be. */
import { type CudaSource, emitCuda } from '../../../codegen/cuda/emit.ts'
import { blocksOf, itemsOf, type Sizes, sizeOfLevel } from '../../../codegen/cuda/launch.ts'
import type { CudaSchedule } from '../../../codegen/cuda/schedule.ts'
import type { Program } from '../../../codegen/program.ts'
import type { StorageType } from '../../../dsl/geometry.ts'
import type { CudaDevice, DeviceModule } from '../device.ts'
import { NvrtcError } from '../nvrtc/diagnostics.ts'
import type { Compiled, CompileOptions } from '../nvrtc/options.ts'
import { formulaPartAt } from './parts.ts'

/** What compiles: with time to wait, and at once. */
export interface Compiling {
  readonly compile: (source: string, options: CompileOptions) => Promise<Compiled>
  readonly compileNow: (source: string, options: CompileOptions) => Compiled
  readonly options: CompileOptions
}

export interface Loaded extends CudaSource {
  readonly compiled: Compiled
  readonly module: DeviceModule
}

/** The greatest number that an address or a thread's number of 32 bits may be. */
const mostNarrow = 2 ** 31 - 1

/** Whether a launch needs addresses of 64 bits: a tensor, or the number of threads, does not fit 31. */
export const isWide = ({ kernels }: CudaSource, sizes: Sizes): boolean =>
  kernels.some(
    ({ arrays, launch }) =>
      arrays.some(({ buffer }) => sizeOfLevel(buffer.level, sizes) > mostNarrow) ||
      itemsOf(launch, sizes) * launch.lanes > mostNarrow ||
      blocksOf(launch, sizes) * launch.threads > mostNarrow,
  )

/** Says of the compiler's complaint which part of the formula it is about. */
const explained = (error: unknown, source: string): unknown => {
  if (!(error instanceof NvrtcError)) return error
  const first = error.diagnostics.find(({ line, severity }) => line !== undefined && severity === 'error')
  const part = first?.line === undefined ? undefined : formulaPartAt(source, first.line)
  if (part !== undefined) error.message = `${error.message}\n\nThe line computes ${part}.`
  return error
}

export class DirectionSource {
  private readonly program: Program
  private readonly schedule: CudaSchedule
  private readonly dtype: StorageType
  private readonly compiling: Compiling
  private readonly device: CudaDevice
  readonly narrow: CudaSource
  private loaded: Loaded | undefined
  private loadedWide: Loaded | undefined

  constructor(
    program: Program,
    schedule: CudaSchedule,
    dtype: StorageType,
    { compiling, device }: { readonly compiling: Compiling; readonly device: CudaDevice },
  ) {
    this.program = program
    this.schedule = schedule
    this.dtype = dtype
    this.compiling = compiling
    this.device = device
    this.narrow = emitCuda(program, schedule, dtype, false)
  }

  private load(source: CudaSource, compiled: Compiled): Loaded {
    return { ...source, compiled, module: this.device.load(compiled) }
  }

  /** @throws NvrtcError for a text that the compiler refuses, with the part of the formula */
  async prepare(): Promise<Loaded> {
    try {
      this.loaded ??= this.load(this.narrow, await this.compiling.compile(this.narrow.source, this.compiling.options))
      return this.loaded
    } catch (error) {
      throw explained(error, this.narrow.source)
    }
  }

  /** What a launch of these sizes runs. Tensors beyond 2^31 elements are rare: their kernels are compiled when they come. */
  for(sizes: Sizes): Loaded {
    if (this.loaded && !isWide(this.narrow, sizes)) return this.loaded
    if (!this.loadedWide) {
      const wide = emitCuda(this.program, this.schedule, this.dtype, true)
      this.loadedWide = this.load(wide, this.compiling.compileNow(wide.source, this.compiling.options))
    }
    return this.loadedWide
  }

  dispose(): void {
    this.loaded?.module[Symbol.dispose]()
    this.loadedWide?.module[Symbol.dispose]()
    this.loaded = undefined
    this.loadedWide = undefined
  }
}
