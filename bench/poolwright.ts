/** Our own kernels, through the public face: checks of arguments are part of a call. */
import { elements, type Tensor } from '../dsl/tensor.ts'
import type { Peer, PeerCalls } from '../runtime/peer.ts'
import { type CompileOptions, compile } from '../runtime/pool.ts'
import { declared, eps, geometryOf, type Job } from './cases.ts'

/** What the calls of a job read and write, wherever that lies. */
export interface Tensors<T extends Tensor> {
  readonly inputs: Readonly<Record<string, T>>
  readonly cotangent: T
  /** `y`, or the gradients of the inputs. */
  readonly out: Readonly<Record<string, T>>
}

/** The tensors of a job; `make` is handed what those hold that are read. */
export const tensorsOf = <T extends Tensor>(
  { direction, inputs, cotangents }: Job,
  make: (shape: readonly number[], data?: Tensor['data']) => T,
): Tensors<T> => {
  const y = cotangents.y!
  const each = (of: Readonly<Record<string, Tensor>>, made: (tensor: Tensor) => T) =>
    Object.fromEntries(Object.entries(of).map(([name, tensor]) => [name, made(tensor)]))
  return {
    inputs: each(inputs, ({ shape, data }) => make(shape, data)),
    cotangent: make(y.shape, y.data),
    out: each(direction === 'forward' ? { y } : inputs, ({ shape }) => make(shape)),
  }
}

/** What runs a job, and how: JavaScript by default. */
type How = Pick<CompileOptions, 'target' | 'schedule'>

/** Compiles a job's kernel; what it gives makes of tensors the call on them. */
export const compileJob = async (
  { operator, direction, shape, geometry }: Job,
  how: How = {},
): Promise<(tensors: Tensors<Tensor>) => () => void> => {
  const attrs = operator === 'gaussian' ? { attrs: { eps } } : {}
  const { layout } = geometry
  const kernel = await compile(declared[operator], { ...geometryOf(shape), layout, ...how, ...attrs, results: ['y'] })
  return ({ inputs, cotangent, out }) =>
    direction === 'forward'
      ? () => void kernel.forward(inputs, { out })
      : () => void kernel.backward({ ...inputs, cotangent }, { out })
}

/** One job on tensors of the host. */
export const prepare = async (job: Job, how?: How): Promise<PeerCalls> => {
  const onHost = (shape: readonly number[], data: Tensor['data'] = new Float32Array(elements(shape))) => ({ shape, data })
  const tensors = tensorsOf(job, onHost)
  return {
    run: (await compileJob(job, how))(tensors),
    results: () => Object.fromEntries(Object.entries(tensors.out).map(([name, { data }]) => [name, data])),
    dispose: () => {},
  }
}

export const poolwright: Omit<Peer, 'prepare'> = {
  name: 'poolwright',
  notes: [
    'JavaScript target, default schedule, channels first; results are written into tensors allocated once, outside the timed call',
  ],
}
