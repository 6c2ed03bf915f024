/** Our own kernels, through the public face: checks of arguments are part of a call. */
import type { GeometryOptions } from '../../dsl/geometry.ts'
import { elements, type Tensor } from '../../dsl/tensor.ts'
import type { CompileOptions } from '../../runtime/pool.ts'
import { avgPool, gaussianPool, maxPool } from '../../specs/index.ts'
import { eps, type Job, type Shape } from '../cases.ts'
import type { Peer, Prepared, Results } from './peer.ts'

const geometryOf = ({ kernel, stride, padding, global }: Shape): GeometryOptions =>
  global ? { dims: 2, global: true } : { kernelSize: [kernel, kernel], stride, padding }

/** What the calls of a job read and write, wherever that lies. */
export interface Tensors<T extends Tensor> {
  readonly x: T
  readonly weight: T
  readonly cotangent: T
  readonly y: T
  readonly gradient: T
  readonly weightGradient: T
}

/** The tensors of a job; `make` is handed what those hold that are read. */
export const tensorsOf = <T extends Tensor>(
  { shape, x, weight, cotangent, outHeight, outWidth }: Job,
  make: (shape: readonly number[], data?: Float32Array) => T,
): Tensors<T> => {
  const { samples, channels, height, width } = shape
  const input = [samples, channels, height, width]
  const output = [samples, channels, outHeight, outWidth]
  const ofChannel = [1, channels, 1, 1]
  return {
    x: make(input, x),
    weight: make(ofChannel, weight),
    cotangent: make(output, cotangent),
    y: make(output),
    gradient: make(input),
    weightGradient: make(ofChannel),
  }
}

/** What runs a job, and how: JavaScript by default. */
type How = Pick<CompileOptions, 'target' | 'schedule'>

/** Compiles a job's kernel; what it gives makes of tensors the call on them. */
export const compileJob = async (
  { operator, direction, shape }: Job,
  how: How = {},
): Promise<(tensors: Tensors<Tensor>) => () => void> => {
  const options = { ...geometryOf(shape), ...how }
  const isForward = direction === 'forward'
  switch (operator) {
    case 'max':
    case 'avg': {
      const kernel = await (operator === 'max' ? maxPool.compile({ ...options, results: ['y'] }) : avgPool.compile(options))
      return ({ x, cotangent, y, gradient }) => {
        const [forward, backward] = [{ out: { y } }, { out: { x: gradient } }]
        return isForward ? () => void kernel.forward({ x }, forward) : () => void kernel.backward({ x, cotangent }, backward)
      }
    }
    case 'gaussian': {
      const kernel = await gaussianPool.compile({ ...options, attrs: { eps } })
      return ({ x, weight, cotangent, y, gradient, weightGradient }) => {
        const [forward, backward] = [{ out: { y } }, { out: { x: gradient, weight: weightGradient } }]
        return isForward
          ? () => void kernel.forward({ x, weight }, forward)
          : () => void kernel.backward({ x, weight, cotangent }, backward)
      }
    }
    default:
      return operator satisfies never
  }
}

/** One job on tensors of the host. */
export const prepare = async (job: Job, how?: How): Promise<Prepared> => {
  const onHost = (shape: readonly number[], data: Float32Array = new Float32Array(elements(shape))) => ({ shape, data })
  const tensors = tensorsOf(job, onHost)
  const { y, gradient, weightGradient } = tensors
  const gradients: Results =
    job.operator === 'gaussian' ? { x: gradient.data, weight: weightGradient.data } : { x: gradient.data }
  return {
    run: (await compileJob(job, how))(tensors),
    results: () => (job.direction === 'forward' ? { y: y.data } : gradients),
    dispose: () => {},
  }
}

export const poolwright: Peer = {
  name: 'poolwright',
  notes: [
    'JavaScript target, default schedule, channels first; results are written into tensors allocated once, outside the timed call',
  ],
  prepare: (job) => prepare(job),
}
