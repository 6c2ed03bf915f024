/**
 * NVRTC, CUDA's compiler as a library: CUDA text to PTX and a binary, in this process and without a GPU. It compiles on
 * threads of libuv's pool, so that the event loop goes on. A text that crashes it ends the process: what is not trusted is
 * compiled in a child (child.ts).
 */
import { availableParallelism } from 'node:os'
import { type Ffi, loadFfi } from '../../ffi.ts'
import { limitTo } from '../../limit.ts'
import { CudaError, CudaMissingError } from '../errors.ts'
import { NvrtcError } from './diagnostics.ts'
import { findNvrtc, type Tried } from './find.ts'
import type { NvrtcFunctions } from './functions.ts'
import { type Compiled, type CompileOptions, type Compiler, flagsOf, nameOf } from './options.ts'
import type { PlaceOptions } from './places.ts'

/** Threads of libuv's pool, which files and names of hosts need too: one is left to them. */
const poolThreads = Number(process.env.UV_THREADPOOL_SIZE) || 4
const inTurn = limitTo(Math.max(1, Math.min(availableParallelism(), poolThreads - 1)))

const howToGet =
  'Install CUDA 11.2 or later, or NVRTC alone (pip install nvidia-cuda-nvrtc), and where it is in none of these places, name it by POOLWRIGHT_NVRTC.'

const missing = (tried: readonly Tried[]): CudaMissingError => {
  if (tried.length === 0) return new CudaMissingError(`there is no CUDA for ${process.platform}: use another target`)
  const places = tried.map(({ where, path, reason }) => `  ${where}${path && `, ${path}`}: ${reason}`)
  return new CudaMissingError(['NVRTC, the compiler of CUDA, was not found:', ...places, howToGet].join('\n'))
}

/** One text to compile. */
interface Asked {
  readonly source: string
  readonly name: string
  readonly flags: readonly string[]
}

type Bytes = (program: bigint, memory: Uint8Array | BigUint64Array) => number

/** A compiler of this process. */
export class Nvrtc implements Compiler {
  /** Where it was found: a path, or a name that the system's loader knows. */
  readonly path: string
  readonly version: readonly [number, number]
  private readonly ffi: Ffi
  private readonly functions: NvrtcFunctions
  private readonly archs: readonly number[]

  /**
   * Finds NVRTC (`findNvrtc` says where) and opens it.
   * @throws CudaMissingError where it is nowhere, with each place that was tried; FfiError where koffi cannot be loaded
   */
  static async load(options: PlaceOptions = {}): Promise<Nvrtc> {
    const { found, tried } = await findNvrtc(options)
    if (found === undefined) throw missing(tried)
    return new Nvrtc(await loadFfi(), found.path, found.functions)
  }

  private constructor(ffi: Ffi, path: string, functions: NvrtcFunctions) {
    this.ffi = ffi
    this.path = path
    this.functions = functions
    const [major, minor, count] = [new Int32Array(1), new Int32Array(1), new Int32Array(1)]
    this.must(functions.version(major, minor), 'nvrtcVersion')
    this.version = [major[0]!, minor[0]!]
    this.must(functions.supportedArchCount(count), 'nvrtcGetNumSupportedArchs')
    const archs = new Int32Array(count[0]!)
    this.must(functions.supportedArchs(archs), 'nvrtcGetSupportedArchs')
    this.archs = [...archs].sort((a, b) => a - b)
  }

  /** What it compiles for, ascending: 80 for sm_80. */
  supportedArchs(): number[] {
    return [...this.archs]
  }

  /**
   * Compiles; several calls go on side by side, as many as there are cores.
   * @throws NvrtcError where NVRTC refuses the text or an option; CudaError for a text that C cannot hold
   */
  async compile(source: string, options: CompileOptions): Promise<Compiled> {
    const asked = this.askedFor(source, options)
    return inTurn(() =>
      this.withProgram(source, asked.name, async (program) => {
        const [count, addresses, keep] = this.flagsInMemory(asked.flags)
        const code = await this.functions.compile.later(program, count, addresses)
        return this.result(program, code, asked, keep)
      }),
    )
  }

  /**
   * Compiles while everything else waits: for the rare text that is known only when it is to run.
   * @throws as `compile` does
   */
  compileNow(source: string, options: CompileOptions): Compiled {
    const asked = this.askedFor(source, options)
    const handle = this.create(source, asked.name)
    try {
      const [count, addresses, keep] = this.flagsInMemory(asked.flags)
      return this.result(handle[0]!, this.functions.compile(handle[0]!, count, addresses), asked, keep)
    } finally {
      this.functions.destroy(handle)
    }
  }

  private askedFor(source: string, options: CompileOptions): Asked {
    const flags = flagsOf(options)
    const name = nameOf(options)
    for (const [what, text] of [['source', source], ['name', name], ...flags.map((flag) => ['option', flag] as const)] as const)
      if (text.includes('\0')) throw new CudaError(`the ${what} holds a NUL character, at which C would end it: remove it`)
    return { source, name, flags }
  }

  private create(source: string, name: string): BigUint64Array {
    const handle = new BigUint64Array(1)
    this.must(this.functions.create(handle, source, name, 0, null, null), 'nvrtcCreateProgram')
    return handle
  }

  /** Options as C has them: their number, their addresses, and what must stay alive until the call has answered. */
  private flagsInMemory(flags: readonly string[]): [count: number, addresses: BigUint64Array, keep: readonly Buffer[]] {
    const texts = flags.map((flag) => Buffer.from(`${flag}\0`))
    return [texts.length, new BigUint64Array(texts.map((text) => this.ffi.addressOf(text))), texts]
  }

  private async withProgram<T>(source: string, name: string, use: (program: bigint) => Promise<T>): Promise<T> {
    const handle = this.create(source, name)
    try {
      return await use(handle[0]!)
    } finally {
      this.functions.destroy(handle)
    }
  }

  private result(program: bigint, code: number, { source, name, flags }: Asked, keep: readonly Buffer[]): Compiled {
    const { functions } = this
    if (keep.length !== flags.length) throw new Error('options were lost while the compiler read them')
    const log = this.text(program, functions.logSize, functions.log)
    if (code !== 0) {
      const codeName = functions.errorString(code) ?? String(code)
      throw new NvrtcError({ version: this.version, name, source, flags, code, codeName, log })
    }
    const ofAssembler = (line: string) => line.startsWith('ptxas')
    const lines = log.split('\n')
    return {
      ptx: this.text(program, functions.ptxSize, functions.ptx),
      cubin: this.bytes(program, functions.cubinSize, functions.cubin),
      log: lines
        .filter((line) => !ofAssembler(line))
        .join('\n')
        .trim(),
      ptxasLog: lines.filter(ofAssembler).join('\n'),
    }
  }

  private bytes(program: bigint, sizeOf: Bytes, read: Bytes): Uint8Array {
    const size = new BigUint64Array(1)
    this.must(sizeOf(program, size), 'the size of a result')
    const bytes = new Uint8Array(Number(size[0]))
    if (bytes.length > 0) this.must(read(program, bytes), 'a result')
    return bytes
  }

  /** A C string: what stands before its NUL. */
  private text(program: bigint, sizeOf: Bytes, read: Bytes): string {
    const bytes = this.bytes(program, sizeOf, read)
    const end = bytes.indexOf(0)
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
  }

  private must(code: number, what: string): void {
    if (code !== 0) throw new CudaError(`NVRTC at ${this.path} fails: ${what}: ${this.functions.errorString(code) ?? code}`)
  }
}
