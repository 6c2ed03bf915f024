/** One direction of an operator as CUDA text, compiled and loaded; for addresses of 32 bits, and of 64 where it must be. */
import type { CudaSource, Variant } from '../../../codegen/cuda/emit.ts'
import { blocksOf, fitMultiples, itemsOf, type Sizes, sharedBytesOf, sizeOfArray } from '../../../codegen/gpu/launch.ts'
import { formulaPartAt } from '../../formula-part.ts'
import type { CudaDevice, DeviceModule } from '../device.ts'
import { NvrtcError } from '../nvrtc/diagnostics.ts'
import type { Compiled, CompileOptions } from '../nvrtc/options.ts'

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
      arrays.some((one) => sizeOfArray({ ...one, level: one.buffer.level }, sizes) > mostNarrow) ||
      itemsOf(launch, sizes) * launch.lanes > mostNarrow ||
      blocksOf(launch, sizes) * launch.threads > mostNarrow,
  )

/** Says of the compiler's complaint which part of the formula it is about. */
const explained = (error: unknown, source: string): unknown => {
  if (!(error instanceof NvrtcError)) return error
  const first = error.diagnostics.find(({ line, severity }) => line !== undefined && severity === 'error')
  const part = first?.line === undefined ? undefined : formulaPartAt(source, first.line)
  const said = `The line computes ${part}.`
  // Callers that wait for one compilation are told by one error.
  if (part !== undefined && !error.message.endsWith(said)) error.message = `${error.message}\n\n${said}`
  return error
}

/** Whether these sizes, and pointers, are multiples of what a source's vectors need. */
const fits = ({ multiples }: CudaSource, sizes: Sizes, alignedTo: number): boolean => {
  const { width, outWidth, channels } = multiples
  const elements = Math.max(width, outWidth > 1 ? width : 1, channels)
  return fitMultiples(multiples, sizes) && alignedTo % elements === 0
}

const hasVectors = ({ multiples }: CudaSource): boolean => Object.values(multiples).some((n) => n > 1)

/** What runs where nothing stands against it. */
export const usualVariant: Variant = { wide: false, vectors: true, staged: true }

/** Gives the source that is made for a kind of launch, emitted just now or built ahead of time. */
export type SourceFor = (variant: Variant) => CudaSource

/** A direction's sources by what they are made for, each compiled and loaded once. */
export class DirectionSource {
  private readonly sourceFor: SourceFor
  private readonly setting: { readonly compiling: Compiling; readonly device: CudaDevice }
  /** What is shown, and what runs where nothing stands against it. */
  readonly usual: CudaSource
  private readonly loaded = new Map<string, Loaded>()

  constructor(sourceFor: SourceFor, setting: { readonly compiling: Compiling; readonly device: CudaDevice }) {
    this.sourceFor = sourceFor
    this.setting = setting
    this.usual = sourceFor(usualVariant)
  }

  private load(variant: Variant, source: CudaSource, compiled: Compiled): Loaded {
    const loaded = { ...source, compiled, module: this.setting.device.load(compiled) }
    this.loaded.set(JSON.stringify(variant), loaded)
    return loaded
  }

  private async compile(variant: Variant, source: CudaSource): Promise<void> {
    const { compile, options } = this.setting.compiling
    try {
      this.load(variant, source, await compile(source.source, options))
    } catch (error) {
      throw explained(error, source.source)
    }
  }

  /**
   * Compiles what launches will need.
   * @throws NvrtcError for a text that the compiler refuses, with the part of the formula
   */
  async prepare(): Promise<void> {
    const { usual } = this
    const plain: Variant = { ...usualVariant, vectors: false }
    await Promise.all([
      this.compile(usualVariant, usual),
      ...(hasVectors(usual) ? [this.compile(plain, this.sourceFor(plain))] : []),
    ])
  }

  /**
   * What a launch of these sizes runs. Tensors beyond 2^31 elements are rare: their kernels are compiled when they come.
   * @param alignedTo - the elements that every pointer stands at a multiple of
   */
  for(sizes: Sizes, alignedTo: number): Loaded {
    const { usual } = this
    const variant: Variant = {
      wide: isWide(usual, sizes),
      vectors: !hasVectors(usual) || fits(usual, sizes, alignedTo),
      staged: usual.kernels.every(({ launch }) => sharedBytesOf(launch, sizes) <= this.setting.device.sharedPerBlock),
    }
    const known = this.loaded.get(JSON.stringify(variant))
    if (known) return known
    const source = this.sourceFor(variant)
    const { compileNow, options } = this.setting.compiling
    return this.load(variant, source, compileNow(source.source, options))
  }

  dispose(): void {
    for (const { module } of this.loaded.values()) module[Symbol.dispose]()
    this.loaded.clear()
  }
}
