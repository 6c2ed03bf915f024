/**
 * Compiled kernels on a device. The binary comes first: a driver that is older than the compiler runs its binary and refuses
 * its PTX. PTX is for a GPU that is newer than the compiler, which has no binary for it; the driver compiles it then.
 */

import type { Signature } from '../arguments.ts'
import type { DeviceFunction, DeviceModule } from '../device.ts'
import { CudaError } from '../errors.ts'
import type { Compiled } from '../nvrtc/options.ts'
import type { Belonging } from './belongings.ts'
import type { Context } from './context.ts'
import { DisposedError, ModuleError } from './errors.ts'
import { DriverFunction } from './kernel.ts'
import type { Lease, Session } from './session.ts'
import { readSignatures } from './signature.ts'
import { causeOfLoss, status, statusOf } from './status.ts'

/** The options of loading that we set, by their numbers: where complaints are written, and how much room is there. */
const options = { errorLog: 5, errorLogBytes: 6 } as const
const logBytes = 16 << 10

const remedies: ReadonlyMap<number, string> = new Map([
  [
    status.unsupportedPtxVersion,
    'The driver is older than the NVRTC that wrote this PTX: update the driver, or use an older NVRTC.',
  ],
  [status.noBinaryForGpu, 'It is compiled for another architecture: compile it for this one.'],
  [status.invalidImage, 'The driver does not know this form of binary: update the driver, or use an older NVRTC.'],
  [218, 'The PTX is broken, or needs a newer GPU.'],
  [221, 'The driver has no compiler of PTX (libnvidia-ptxjitcompiler): install it whole, or compile for this architecture.'],
])

type Loaded = { readonly kind: 'module'; readonly handle: bigint } | { readonly kind: 'refused'; readonly error: ModuleError }

const load = (context: Context, image: Uint8Array, what: string): Loaded => {
  const { library, functions } = context
  const [out, log] = [new BigUint64Array(1), Buffer.alloc(logBytes)]
  const names = Int32Array.of(options.errorLog, options.errorLogBytes)
  const values = BigUint64Array.of(library.ffi.addressOf(log), BigInt(logBytes))
  const code = functions.cuModuleLoadDataEx(out, image, names.length, names, values)
  if (code === 0) return { kind: 'module', handle: out[0]! }
  const doing = `loading ${what} on ${context.name}, which is sm_${context.facts.arch},`
  // What is no complaint about the image is a failure like any other.
  if (code === status.outOfMemory || causeOfLoss(code) !== undefined) context.must(code, 'cuModuleLoadDataEx', doing)
  const text = log.toString('utf8', 0, log.indexOf(0)).trim()
  const error = new ModuleError(doing, statusOf(library.ffi, functions, code), text, remedies.get(code) ?? '')
  return { kind: 'refused', error }
}

/** A binary that this GPU or driver cannot take, where PTX may help. */
const helpedByPtx: ReadonlySet<number> = new Set([status.noBinaryForGpu, status.invalidImage])

const loadEither = (context: Context, { ptx, cubin }: Pick<Compiled, 'ptx' | 'cubin'>): bigint => {
  const loadPtx = (after = '') => load(context, Buffer.from(`${ptx}\0`), `PTX${after}`)
  let loaded = cubin.length > 0 ? load(context, cubin, 'a binary') : loadPtx()
  if (loaded.kind === 'refused' && cubin.length > 0 && helpedByPtx.has(loaded.error.status.code))
    loaded = loadPtx(`, after the binary was refused as ${loaded.error.status.name},`)
  if (loaded.kind === 'refused') throw loaded.error
  return loaded.handle
}

/** Made here, where no scope holds the module, nor what it was compiled to: what ends a thing must not keep it. */
const unloading =
  ({ context, stream }: Session, handle: bigint) =>
  (): void =>
    stream.giveBackAfter(() => context.must(context.functions.cuModuleUnload(handle), 'cuModuleUnload', 'unloading a module'))

export class DriverModule implements DeviceModule {
  readonly #lease: Lease
  readonly #handle: bigint
  readonly #signatures: ReadonlyMap<string, Signature>
  readonly #functions = new Map<string, DriverFunction>()
  readonly #belonging: Belonging

  /** Loads; `openDriver`'s device does it on request. */
  constructor(lease: Lease, compiled: Pick<Compiled, 'ptx' | 'cubin'>) {
    const { context } = lease.session
    context.refuseInCapture('loading a module')
    this.#lease = lease
    this.#signatures = readSignatures(compiled)
    const [handle, belonging] = context.within((): [bigint, Belonging] => {
      const loaded = loadEither(context, compiled)
      // Noted as the device's own before anything else can fail.
      return [loaded, context.belongings.add(unloading(lease.session, loaded), this)]
    })
    this.#handle = handle
    this.#belonging = belonging
  }

  /**
   * A kernel by its name, which is that of the source where it is declared `extern "C"`.
   * @throws CudaError for a kernel that the module has not; DisposedError, CudaFaultError, DriverError
   */
  kernel(name: string): DeviceFunction {
    const { session } = this.#lease
    const { context } = session
    this.use()
    const known = this.#functions.get(name)
    if (known) return known
    const signature = this.#signatures.get(name)
    if (signature === undefined)
      throw new CudaError(
        `the module has no kernel '${name}': it has ${[...this.#signatures.keys()].join(', ') || 'none'}. ` +
          'A kernel keeps its name where it is declared extern "C".',
      )
    const made = context.within(() => {
      const out = new BigUint64Array(1)
      const code = context.functions.cuModuleGetFunction(out, this.#handle, name)
      context.must(code, 'cuModuleGetFunction', `looking for kernel ${name}`)
      return new DriverFunction(this, session, out[0]!, signature)
    })
    this.#functions.set(name, made)
    return made
  }

  /** Says that the module is needed now: a graph under capture takes note of it. @throws DisposedError */
  use(): void {
    if (this.#belonging.ended) throw new DisposedError('the module was disposed of: dispose of it after the last launch')
    this.#lease.session.context.captured?.add(this)
  }

  /** Unloads it, after all work so far. A second call does nothing. */
  [Symbol.dispose](): void {
    if (!this.#belonging.ended) this.#lease.session.context.refuseInCapture('unloading a module')
    this.#belonging.end()
  }
}
