/**
 * The stand-in for NVIDIA's driver (its C files lie in `stand-in/`), compiled into a folder of its own for each test file, and
 * what tests tell it and ask of it. Kernels that are launched on it run on the emulator: the allocations that their pointers
 * point into are copied there and back.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import koffi from 'koffi'
import type { KernelArgument } from '../../../runtime/cuda/arguments.ts'
import { type DriverFunctions, declareDriver, type EntryPoint } from '../../../runtime/cuda/driver/functions.ts'
import { Emulator, type Finding, type LoadedPtx, loadPtx } from '../../../runtime/cuda/emulator/emulator.ts'
import type { Parameter } from '../../../runtime/cuda/emulator/ptx.ts'
import { bytesOf } from '../../../runtime/cuda/emulator/types.ts'
import type { Compiled } from '../../../runtime/cuda/nvrtc/options.ts'
import { type Ffi, loadFfi } from '../../../runtime/ffi.ts'

/** With its sanitizers, which come along. */
export const compiler = 'gcc'

const sources = fileURLToPath(new URL('./stand-in/', import.meta.url))

/** What is there of the driver's, and what was left behind in a context that was destroyed. */
const counted = [
  'bytes',
  'peak',
  'allocations',
  'pinnedBytes',
  'contexts',
  'modules',
  'streams',
  'events',
  'graphs',
  'executables',
  'abandoned',
  'pending',
] as const
type Counts = Readonly<Record<(typeof counted)[number], number>>

/** Nothing is left, and nothing was left behind; only the peak tells that there was something. */
export const nothingLeft = Object.fromEntries(counted.filter((name) => name !== 'peak').map((name) => [name, 0]))

interface Launched {
  readonly kernel: string
  readonly grid: readonly number[]
  readonly block: readonly number[]
  readonly sharedBytes: number
}

const controls = (ffi: Ffi, path: string) => {
  const library = ffi.open(path)
  return {
    fail: library.declare('stand_in_fail', 'int32', ['text', 'int32', 'int32']),
    calls: library.declare('stand_in_calls', 'address', ['text']),
    allCalls: library.declare('stand_in_all_calls', 'address', []),
    misuse: library.declare('stand_in_misuse', 'text', []),
    limit: library.declare('stand_in_limit', 'void', ['uint64']),
    devices: library.declare('stand_in_devices', 'void', ['int32']),
    newestPtx: library.declare('stand_in_newest_ptx', 'void', ['int32']),
    counts: library.declare('stand_in_counts', 'void', ['memory']),
    reset: library.declare('stand_in_reset', 'void', []),
    hook: library.declare('stand_in_hook', 'void', ['address']),
    image: library.declare('stand_in_image', 'int32', ['memory', 'uint64']),
    kernel: library.declare('stand_in_kernel', 'void', ['text', 'int32', 'int32', 'int32', 'memory', 'uint32']),
    find: library.declare('stand_in_find', 'int32', ['uint64', 'memory']),
    peek: library.declare('stand_in_peek', 'void', ['memory', 'uint64', 'uint64']),
    poke: library.declare('stand_in_poke', 'void', ['uint64', 'memory', 'uint64']),
    manage: library.declare('stand_in_manage', 'void', ['uint64']),
  }
}

const hookType = koffi.pointer(koffi.proto('int', ['int', 'const char *', 'uintptr_t', 'uint32_t', 'uintptr_t', 'uint64_t']))

const illegalAddress = 700
const misalignedAddress = 716
const launchFailed = 719

/** Compiles it into a new folder. @returns the library's path, which no other test file has */
export const compileStandIn = (flags: readonly string[] = []): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'poolwright-libcuda-')), 'libcuda.so.1')
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'))
  const given = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O1', '-g', '-shared', '-fPIC', '-fvisibility=hidden', ...flags]
  const { status, stderr, error } = spawnSync(compiler, [...given, '-o', path, ...files], { cwd: sources, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${compiler} cannot compile the stand-in: ${error?.message ?? stderr}`)
  return path
}

type Copies = Map<bigint, { readonly there: number; readonly bytes: number }>

export class StandIn {
  /** The driver's functions as they are, for tests that use the device beside the binding. */
  readonly driver: DriverFunctions
  /** What the emulator saw in the kernels so far. */
  readonly findings: Finding[] = []
  readonly launched: Launched[] = []
  readonly #path: string
  readonly #ffi: Ffi
  readonly #controls: ReturnType<typeof controls>
  readonly #images = new Map<number, LoadedPtx>()
  readonly #emulator = new Emulator()
  readonly #hook: bigint

  /** Opens what `compileStandIn` made, and has `openDriver` find it. */
  static async open(path: string): Promise<StandIn> {
    process.env.POOLWRIGHT_LIBCUDA = path
    // Before anything else calls native functions: it sets up the stacks that they run on.
    return new StandIn(await loadFfi(), path)
  }

  private constructor(ffi: Ffi, path: string) {
    this.#ffi = ffi
    this.#path = path
    this.driver = declareDriver(ffi.open(path))
    this.#controls = controls(ffi, path)
    this.#hook = koffi.register(this.#run, hookType)
    this.#controls.hook(this.#hook)
    this.reset()
  }

  /** As if it had just been loaded; what it was told of images stays. */
  reset(): void {
    this.#controls.reset()
    this.findings.length = 0
    this.launched.length = 0
  }
  /** Removes it from the disk. What is loaded stays loaded. */
  end(): void {
    this.#controls.hook(0n)
    koffi.unregister(this.#hook)
    rmSync(dirname(this.#path), { recursive: true, force: true })
  }

  /** Has a call fail once: the next one, or the one after so many others. */
  fail(entry: EntryPoint, code: number, after = 0): void {
    if (this.#controls.fail(entry, after, code) === 0) throw new Error(`the stand-in has no ${entry}`)
  }
  calls(entry: EntryPoint): number {
    return Number(this.#controls.calls(entry))
  }
  get allCalls(): number {
    return Number(this.#controls.allCalls())
  }
  get counts(): Counts {
    const out = new BigUint64Array(counted.length)
    this.#controls.counts(out)
    return Object.fromEntries(counted.map((name, k) => [name, Number(out[k])])) as Record<keyof Counts, number>
  }
  /** What is left, or was left behind, and what was done out of order; `nothingLeft` where all is well. */
  get leftovers(): object {
    const { peak: _, ...rest } = this.counts
    const misuse = this.#controls.misuse()
    return misuse === null ? rest : { ...rest, misuse }
  }
  /** Bytes of device memory. */
  limit(bytes: number): void {
    this.#controls.limit(bytes)
  }
  /** How many devices there are: the first is sm_90 and has pools of memory, the second is sm_75 and has none. */
  devices(count: 0 | 1 | 2): void {
    this.#controls.devices(count)
  }
  /** The newest version of PTX that it takes: 90 for 9.0. */
  newestPtx(version: number): void {
    this.#controls.newestPtx(version)
  }
  /** Makes an allocation one of managed memory. */
  manage(pointer: bigint): void {
    this.#controls.manage(pointer)
  }
  /** Bytes at an address, past all order: what is there now. */
  peek(pointer: bigint, bytes: number): Uint8Array {
    const out = new Uint8Array(bytes)
    this.#controls.peek(out, pointer, bytes)
    return out
  }

  /** Tells it of a binary and its PTX: it loads nothing else. */
  accept({ ptx, cubin }: Pick<Compiled, 'ptx' | 'cubin'>): void {
    const loaded = loadPtx(ptx)
    for (const bytes of [Buffer.from(ptx), ...(cubin.length > 0 ? [cubin] : [])]) {
      this.#images.set(this.#controls.image(bytes, bytes.length), loaded)
      for (const { name, parameters, maxThreads, code } of loaded.kernels.values()) {
        const sizes = parameters.map(({ type, count }) => bytesOf(type) * count)
        const offsets = parameters.map(({ offset }) => offset)
        const end = Math.max(0, ...offsets.map((offset, k) => offset + sizes[k]!))
        const shared = code.variables.reduce((sum, { space, bytes }) => sum + (space === 'shared' ? (bytes ?? 0) : 0), 0)
        const layout = Uint32Array.from([...offsets, ...sizes])
        this.#controls.kernel(name, maxThreads ?? 1024, shared, parameters.length, layout, end)
      }
    }
  }

  /** Carries out a launch. Whatever is thrown here would be lost in C. */
  readonly #run = (image: number, name: string, dims: number, sharedBytes: number, at: number, bytes: number): number => {
    try {
      const [gx = 0, gy = 0, gz = 0, bx = 0, by = 0, bz = 0] = new Uint32Array(this.#ffi.view(BigInt(dims), 24).slice().buffer)
      const packed = new DataView(this.#ffi.view(BigInt(at), Number(bytes)).slice().buffer)
      const launched = { kernel: name, grid: [gx, gy, gz], block: [bx, by, bz], sharedBytes } as const
      this.launched.push(launched)
      return this.#emulate(this.#images.get(image)!, launched, packed)
    } catch (error) {
      console.error(`the stand-in cannot run kernel ${name}:`, error)
      return launchFailed
    }
  }

  #emulate(
    ptx: LoadedPtx,
    { kernel: name, grid, block, sharedBytes }: Launched & Record<'grid' | 'block', readonly [number, number, number]>,
    packed: DataView,
  ): number {
    const kernel = ptx.kernels.get(name)!
    const copies: Copies = new Map()
    const args = kernel.parameters.map((parameter) => this.#argument(parameter, packed, copies))
    try {
      const { findings, faulted } = this.#emulator.launch(kernel, { grid, block, sharedBytes, args })
      this.findings.push(...findings)
      if (faulted) return findings.at(-1)?.kind === 'misaligned' ? misalignedAddress : illegalAddress
      for (const [base, { there, bytes }] of copies) {
        const data = new Uint8Array(bytes)
        this.#emulator.read(there, data)
        this.#controls.poke(base, data, bytes)
      }
      return 0
    } finally {
      for (const { there } of copies.values()) this.#emulator.free(there)
    }
  }

  /** A parameter as the emulator takes it; one that points into an allocation, by a copy of all of it. */
  #argument({ type, offset }: Parameter, packed: DataView, copies: Copies): KernelArgument {
    if (type === 'f32') return { type, value: packed.getFloat32(offset, true) }
    if (type === 'f64') return { type, value: packed.getFloat64(offset, true) }
    if (bytesOf(type) === 4) return { type: 'u32', value: packed.getUint32(offset, true) }
    if (bytesOf(type) === 2) return { type: 'u32', value: packed.getUint16(offset, true) }
    if (bytesOf(type) === 1) return { type: 'u32', value: packed.getUint8(offset) }
    const value = packed.getBigUint64(offset, true)
    const found = new BigUint64Array(2)
    if (this.#controls.find(value, found) === 0) return { type: 'u64', value }
    const [base = 0n, size = 0n] = found
    const copy = copies.get(base) ?? this.#copy(base, Number(size))
    copies.set(base, copy)
    return { type: 'u64', value: BigInt(copy.there) + value - base }
  }

  #copy(base: bigint, bytes: number): { readonly there: number; readonly bytes: number } {
    const there = this.#emulator.allocate(bytes, `the allocation at 0x${base.toString(16)}`)
    this.#emulator.write(there, this.peek(base, bytes))
    return { there, bytes }
  }
}
