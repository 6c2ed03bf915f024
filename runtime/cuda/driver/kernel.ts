/** A kernel of a loaded module, and its launches. */
import { packArguments, parameterBytes, type Signature } from '../arguments.ts'
import type { DeviceFunction, DeviceLaunch } from '../device.ts'
import { LaunchError } from '../errors.ts'
import { checkExtents } from '../extents.ts'
import type { Context } from './context.ts'
import type { DriverModule } from './module.ts'
import type { Session } from './session.ts'

/** The attributes of a function that we read and set, by their numbers. */
const attributes = { maxThreads: 0, staticShared: 1, maxDynamicShared: 8 } as const

/** Shared memory that a block gets without asking. */
const sharedUnasked = 48 << 10

const attributeOf = (context: Context, handle: bigint, attribute: 'maxThreads' | 'staticShared', kernel: string): number => {
  const out = new Int32Array(1)
  const code = context.functions.cuFuncGetAttribute(out, attributes[attribute], handle)
  context.must(code, 'cuFuncGetAttribute', `looking at kernel ${kernel}`)
  return out[0]!
}

export class DriverFunction implements DeviceFunction {
  readonly name: string
  /** It keeps its module: one that is unloaded takes its kernels with it. */
  readonly #module: DriverModule
  readonly #session: Session
  readonly #handle: bigint
  readonly #signature: Signature
  readonly #maxThreads: number
  readonly #staticShared: number
  /** Dynamic shared bytes that the driver lets it have. */
  #mostShared: number
  /** Where arguments are packed, and the address of each: the driver copies them before a launch returns. */
  readonly #packed: DataView
  readonly #addresses: BigUint64Array

  /** `DriverModule.kernel` makes it, with the context current. */
  constructor(module: DriverModule, session: Session, handle: bigint, signature: Signature) {
    const { context } = session
    this.name = signature.name
    this.#module = module
    this.#session = session
    this.#handle = handle
    this.#signature = signature
    this.#maxThreads = attributeOf(context, handle, 'maxThreads', this.name)
    this.#staticShared = attributeOf(context, handle, 'staticShared', this.name)
    this.#mostShared = sharedUnasked - this.#staticShared
    this.#packed = new DataView(new ArrayBuffer(Math.max(8, parameterBytes(signature))))
    const start = context.library.ffi.addressOf(this.#packed)
    this.#addresses = new BigUint64Array(Math.max(1, signature.parameters.length))
    signature.parameters.forEach(({ offset }, k) => {
      this.#addresses[k] = start + BigInt(offset)
    })
  }

  /**
   * Enqueues one launch, on the device's own stream or a caller's. Pointers among its arguments keep no memory: who launches
   * holds what the kernel uses until it has run, and for a graph as long as the graph.
   * @throws LaunchError for arguments, extents or shared memory that do not fit the kernel; CaptureError for a caller's stream
   *   in a capture; DisposedError, CudaFaultError, DriverError
   */
  launch({ grid, block, sharedBytes = 0, args, stream }: DeviceLaunch): undefined {
    const { context, stream: own } = this.#session
    this.#module.use()
    if (stream !== undefined) context.refuseInCapture("a launch on a caller's stream")
    checkExtents(this.name, grid, block, this.#maxThreads)
    this.#checkShared(sharedBytes)
    packArguments(this.#signature, args, this.#packed)
    context.within(() => {
      this.#optIn(sharedBytes)
      const launch = (on: bigint) => {
        const code = context.functions.cuLaunchKernel(this.#handle, ...grid, ...block, sharedBytes, on, this.#addresses, null)
        context.must(code, 'cuLaunchKernel', `launching kernel ${this.name}`)
      }
      if (stream === undefined) launch(own.use())
      else own.lend(stream, launch)
    })
    return undefined
  }

  #checkShared(bytes: number): void {
    const most = this.#session.context.facts.sharedPerBlock - this.#staticShared
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > most)
      throw new LaunchError(
        `${bytes} bytes of dynamic shared memory: kernel ${this.name} can have 0 to ${most} on ${this.#session.context.name}, ` +
          `where a block has ${this.#session.context.facts.sharedPerBlock} and the kernel declares ${this.#staticShared}`,
      )
  }

  /** More than 48 KiB has to be asked for: once, and then for all that there is, which costs nothing. */
  #optIn(bytes: number): void {
    if (bytes <= this.#mostShared) return
    const { context } = this.#session
    const most = context.facts.sharedPerBlock - this.#staticShared
    const code = context.functions.cuFuncSetAttribute(this.#handle, attributes.maxDynamicShared, most)
    context.must(code, 'cuFuncSetAttribute', `giving kernel ${this.name} ${most} bytes of shared memory`)
    this.#mostShared = most
  }
}
