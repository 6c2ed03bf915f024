/**
 * Launches captured once and launched as one: the driver checks and prepares them a single time, which is what small kernels
 * spend most of their time on.
 */
import { CudaMissingError } from '../errors.ts'
import type { Belonging } from './belongings.ts'
import type { Context, Needed } from './context.ts'
import { DisposedError } from './errors.ts'
import type { Lease, Session } from './session.ts'

/** Calls that a capture forbids are forbidden to this thread only: other threads' work is none of ours. */
const threadLocal = 1

type Instantiate = NonNullable<Context['functions']['cuGraphInstantiateWithFlags']>

/** Has the driver note launches in place of carrying them out. @returns its handle of their graph */
const capture = ({ context, stream }: Session, needed: Set<Needed>, work: () => void): bigint => {
  const { functions } = context
  const out = new BigUint64Array(1)
  const end = (): number => {
    context.captured = undefined
    return functions.cuStreamEndCapture(stream.handle, out)
  }
  const begun = functions.cuStreamBeginCapture_v2(stream.handle, threadLocal)
  context.must(begun, 'cuStreamBeginCapture_v2', 'beginning a capture')
  context.captured = needed
  try {
    work()
  } catch (error) {
    // What the work met with goes on; of what was captured until then nothing is kept.
    if (end() === 0) functions.cuGraphDestroy(out[0]!)
    throw error
  }
  context.must(end(), 'cuStreamEndCapture', 'ending a capture')
  return out[0]!
}

const instantiate = (context: Context, graph: bigint, make: Instantiate): bigint => {
  const out = new BigUint64Array(1)
  context.must(make(out, graph, 0), 'cuGraphInstantiateWithFlags', 'preparing a graph')
  return out[0]!
}

/** Made here, where no scope holds the graph: what ends a thing must not keep it. */
const ending =
  ({ context, stream }: Session, handle: bigint) =>
  (): void =>
    stream.giveBackAfter(() => context.must(context.functions.cuGraphExecDestroy(handle), 'cuGraphExecDestroy', 'ending a graph'))

/** Captured launches. It keeps their modules; memory that they use has to be held by whoever launches the graph. */
export class DeviceGraph implements Disposable {
  readonly #lease: Lease
  readonly #handle: bigint
  readonly #needed = new Set<Needed>()
  readonly #belonging: Belonging

  /** Captures what `work` launches; `DriverDevice.capture` does it. */
  constructor(lease: Lease, work: () => void) {
    const { session } = lease
    const { context } = session
    context.refuseInCapture('a capture')
    const make = context.functions.cuGraphInstantiateWithFlags
    if (make === undefined)
      throw new CudaMissingError('graphs need a driver of CUDA 11.4 or later: update it, or launch kernels one by one')
    this.#lease = lease
    const [handle, belonging] = context.within((): [bigint, Belonging] => {
      const graph = capture(session, this.#needed, work)
      try {
        const executable = instantiate(context, graph, make)
        // Noted as the device's own before anything else can fail.
        return [executable, context.belongings.add(ending(session, executable), this)]
      } finally {
        if (!context.lost) context.must(context.functions.cuGraphDestroy(graph), 'cuGraphDestroy', 'ending a captured graph')
      }
    })
    this.#handle = handle
    this.#belonging = belonging
  }

  /**
   * Enqueues all that was captured, with the arguments that it was captured with.
   * @throws DisposedError where the graph, or a module of it, was disposed of; CaptureError, CudaFaultError, DriverError
   */
  launch(): void {
    const { context, stream } = this.#lease.session
    if (this.#belonging.ended) throw new DisposedError('the graph was disposed of: dispose of it after its last launch')
    context.refuseInCapture('launching a graph')
    for (const one of this.#needed) one.use()
    context.within(() => {
      context.must(context.functions.cuGraphLaunch(this.#handle, stream.use()), 'cuGraphLaunch', 'launching a graph')
    })
  }

  /** Ends it, after all work so far. A second call does nothing. */
  [Symbol.dispose](): void {
    if (!this.#belonging.ended) this.#lease.session.context.refuseInCapture('disposing of a graph')
    this.#belonging.end()
  }
}
