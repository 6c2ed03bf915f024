/** A CUDA kernel of anybody's, compiled by NVRTC and run on the emulator: what it does wrong, what it counts, what it takes. */
import type { TensorData } from '../../dsl/tensor.ts'
import { FileStore } from '../store/files/file-store.ts'
import type { KernelArgument } from './arguments.ts'
import { cachedCompiler } from './cache.ts'
import { type KernelResources, readCubin } from './cubin.ts'
import { type Counts, Emulator, type Finding, loadPtx } from './emulator/emulator.ts'
import { CudaError } from './errors.ts'
import { chooseArch, namedArch } from './nvrtc/arch.ts'
import { NvrtcChild } from './nvrtc/child.ts'
import { Nvrtc } from './nvrtc/nvrtc.ts'
import { type Occupancy, occupancy } from './occupancy.ts'

/** A tensor in device memory; the kernel's writes come back into `data`. What is not read starts uninitialised, and must be written whole. */
export interface TensorArgument {
  readonly data: TensorData
  readonly reads: boolean
}

export interface SanitizeRequest {
  readonly source: string
  /** What findings call the source. */
  readonly file: string
  readonly kernel: string
  readonly grid: readonly [number, number, number]
  readonly block: readonly [number, number, number]
  readonly sharedBytes: number
  readonly arguments: readonly (KernelArgument | TensorArgument)[]
  /** 80 for sm_80; by default one that the emulator likes best. */
  readonly arch?: number
  /** NVRTC's library, where it is not to be looked for. */
  readonly nvrtc?: string
}

export interface SanitizeReport {
  readonly findings: readonly (Pick<Finding, 'kind' | 'block' | 'thread' | 'message'> & { readonly line: number | null })[]
  readonly counts: Counts
  /** NVRTC's version and the architecture compiled for. */
  readonly compiler: string
  readonly resources: Pick<KernelResources, 'registers' | 'frame' | 'shared'> & { readonly occupancy: Occupancy }
  /** Whether a fault ended the launch: what it wrote is worth nothing. */
  readonly faulted: boolean
}

const isTensor = (argument: KernelArgument | TensorArgument): argument is TensorArgument => 'data' in argument

const compile = async ({ source, file, arch, nvrtc }: SanitizeRequest) => {
  const found = await Nvrtc.load(nvrtc === undefined ? { askPython: true } : { path: nvrtc })
  const supported = found.supportedArchs()
  const chosen = (arch === undefined ? chooseArch(undefined, supported) : namedArch(arch, supported)).arch
  // Somebody else's text may crash the compiler or keep it busy for ever: it is compiled in a process of its own.
  const child = new NvrtcChild(found)
  try {
    const compiler = cachedCompiler(child, new FileStore())
    const compiled = await compiler.compile(source, { arch: chosen, name: file, lineInfo: true })
    return { ...compiled, arch: chosen, version: found.version }
  } finally {
    child.close()
  }
}

/**
 * Compiles a kernel, runs one launch of it, and reports.
 * @throws CudaMissingError where there is no NVRTC, or none for the architecture; NvrtcError where it refuses the source;
 *   PtxError for an instruction that the emulator does not know; CudaError for a kernel that the source has not
 */
export const runSanitized = async (request: SanitizeRequest): Promise<SanitizeReport> => {
  const { ptx, cubin, arch, version } = await compile(request)
  const { kernels } = loadPtx(ptx)
  const kernel = kernels.get(request.kernel)
  if (kernel === undefined) {
    const known = [...kernels.keys()]
    const there = known.length === 0 ? 'the file has no kernel' : `the file has ${known.join(', ')}`
    throw new CudaError(
      `there is no kernel '${request.kernel}': ${there}. A kernel keeps its name where it is declared extern "C".`,
    )
  }
  const device = new Emulator()
  const outputs: number[] = []
  const tensors: { readonly pointer: number; readonly data: TensorData }[] = []
  const args = request.arguments.map((argument, index): KernelArgument => {
    if (!isTensor(argument)) return argument
    const pointer = device.allocate(argument.data.byteLength, `argument ${index + 1}`)
    if (argument.reads) device.write(pointer, argument.data)
    else outputs.push(pointer)
    tensors.push({ pointer, data: argument.data })
    return { type: 'u64', value: BigInt(pointer) }
  })
  const { grid, block, sharedBytes } = request
  const report = device.launch(kernel, { grid, block, sharedBytes, args, outputs })
  if (!report.faulted) for (const { pointer, data } of tensors) device.read(pointer, data)
  const taken = readCubin(cubin).kernels.find(({ name }) => name === request.kernel)
  const { registers = 0, frame = 0, shared = 0 } = taken ?? {}
  const threads = block[0] * block[1] * block[2]
  return {
    findings: report.findings.map(({ kind, block: at, thread, message, sourceLine }) => ({
      kind,
      line: sourceLine,
      block: at,
      thread,
      message,
    })),
    counts: report.counts,
    compiler: `NVRTC ${version.join('.')}, sm_${arch}`,
    resources: { registers, frame, shared, occupancy: occupancy(arch, { threads, registers, shared: shared + sharedBytes }) },
    faulted: report.faulted,
  }
}
