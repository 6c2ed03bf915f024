/** What a compiler of CUDA text is asked for, and what it gives. */

export interface CompileOptions {
  /** The architecture: 80 for sm_80. */
  readonly arch: number
  /** PTX for the architecture and all later ones, and no binary: for a device that is newer than the compiler. */
  readonly ptxOnly?: boolean
  /** What diagnostics and line information call the source. */
  readonly name?: string
  /** Keeps source lines in the PTX and the binary, which more than doubles it: for the emulator, not for what ships. */
  readonly lineInfo?: boolean
  /** Whether a product and a sum may become one operation with one rounding: yes, unless bits are to be compared. */
  readonly fmad?: boolean
  /** Further options of NVRTC, as they are. */
  readonly extra?: readonly string[]
}

export interface Compiled {
  readonly ptx: string
  /** Empty where only PTX was asked for. */
  readonly cubin: Uint8Array
  /** Warnings. */
  readonly log: string
  /** What the assembler says: registers, spills and memory of each kernel. `readPtxas` reads it. */
  readonly ptxasLog: string
}

/** CUDA text to binaries: NVRTC in this process, in a child, or behind a cache. */
export interface Compiler {
  /** Of CUDA: [13, 0]. */
  readonly version: readonly [number, number]
  /** @throws NvrtcError where the text or an option is refused, with its diagnostics */
  compile(source: string, options: CompileOptions): Promise<Compiled>
}

export const nameOf = (options: CompileOptions): string => options.name ?? 'kernel.cu'

/** NVRTC's options. C++17 is not CUDA 11's default; plain functions are for the device, since there is no host. */
export const flagsOf = ({ arch, ptxOnly, lineInfo, fmad, extra = [] }: CompileOptions): readonly string[] => [
  `-arch=${ptxOnly ? 'compute' : 'sm'}_${arch}`,
  '-default-device',
  '--std=c++17',
  ...(ptxOnly ? [] : ['-Xptxas', '-v']),
  ...(lineInfo ? ['-lineinfo'] : []),
  ...(fmad === false ? ['--fmad=false'] : []),
  ...extra,
]
