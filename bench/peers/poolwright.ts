/** Our own kernels, through the public face: checks of arguments are part of a call. */
import type { GeometryOptions } from '../../dsl/geometry.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import type { Target } from '../../runtime/target.ts'
import { avgPool, gaussianPool, maxPool } from '../../specs/index.ts'
import { eps, type Job, type Shape } from '../cases.ts'
import type { Peer, Prepared, Results } from './peer.ts'

export const geometryOf = ({ kernel, stride, padding, global }: Shape): GeometryOptions =>
  global ? { dims: 2, global: true } : { kernelSize: [kernel, kernel], stride, padding }

interface Tensors {
  readonly x: Tensor<Float32Array>
  readonly weight: Tensor<Float32Array>
  readonly cotangent: Tensor<Float32Array>
  readonly y: Tensor<Float32Array>
  readonly gradient: Tensor<Float32Array>
  readonly weightGradient: Tensor<Float32Array>
}

const tensorsOf = ({ shape, x, weight, cotangent, outHeight, outWidth }: Job): Tensors => {
  const { samples, channels, height, width } = shape
  const input = [samples, channels, height, width]
  const output = [samples, channels, outHeight, outWidth]
  return {
    x: { shape: input, data: x },
    weight: { shape: [1, channels, 1, 1], data: weight },
    cotangent: { shape: output, data: cotangent },
    y: { shape: output, data: new Float32Array(cotangent.length) },
    gradient: { shape: input, data: new Float32Array(x.length) },
    weightGradient: { shape: [1, channels, 1, 1], data: new Float32Array(channels) },
  }
}

type Schedule = Readonly<Record<string, unknown>>

const runner = async (
  { operator, direction, shape }: Job,
  tensors: Tensors,
  { target, schedule }: { readonly target?: Target; readonly schedule?: Schedule },
): Promise<() => void> => {
  const { x, weight, cotangent, y, gradient, weightGradient } = tensors
  const options = { ...geometryOf(shape), ...(target && { target }), ...(schedule && { schedule }) }
  const forward = { out: { y } }
  const backward = { out: { x: gradient } }
  switch (operator) {
    case 'max': {
      const kernel = await maxPool.compile({ ...options, results: ['y'] })
      return direction === 'forward'
        ? () => void kernel.forward({ x }, forward)
        : () => void kernel.backward({ x, cotangent }, backward)
    }
    case 'avg': {
      const kernel = await avgPool.compile(options)
      return direction === 'forward'
        ? () => void kernel.forward({ x }, forward)
        : () => void kernel.backward({ x, cotangent }, backward)
    }
    case 'gaussian': {
      const kernel = await gaussianPool.compile({ ...options, attrs: { eps } })
      return direction === 'forward'
        ? () => void kernel.forward({ x, weight }, forward)
        : () => void kernel.backward({ x, weight, cotangent }, { out: { x: gradient, weight: weightGradient } })
    }
    default:
      return operator satisfies never
  }
}

const prepareWith = async (job: Job, how: Parameters<typeof runner>[2]): Promise<Prepared> => {
  const tensors = tensorsOf(job)
  const { y, gradient, weightGradient } = tensors
  const gradients: Results =
    job.operator === 'gaussian' ? { x: gradient.data, weight: weightGradient.data } : { x: gradient.data }
  return {
    run: await runner(job, tensors, how),
    results: () => (job.direction === 'forward' ? { y: y.data } : gradients),
    dispose: () => {},
  }
}

/** One job in JavaScript, with its schedule axes pinned, or by default. */
export const prepare = (job: Job, schedule?: Schedule): Promise<Prepared> => prepareWith(job, schedule ? { schedule } : {})

/** One job on any target. */
export const prepareOn = (target: Target, job: Job): Promise<Prepared> => prepareWith(job, { target })

export const poolwright: Peer = {
  name: 'poolwright',
  notes: [
    'JavaScript target, default schedule, channels first; results are written into tensors allocated once, outside the timed call',
  ],
  prepare: (job) => prepare(job),
}
