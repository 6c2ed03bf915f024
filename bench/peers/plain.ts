/** The plain loop as a contender. */
import { eps, type Job, sizes } from '../cases.ts'
import { avgBackward, avgForward, gaussianBackward, gaussianForward, maxBackward, maxForward } from '../plain.js'
import type { Peer, Prepared, Results } from './peer.ts'

const runner = (
  { operator, direction, shape, x, weight, cotangent }: Job,
  y: Float32Array,
  gradient: Float32Array,
  weightGradient: Float32Array,
) => {
  const at = sizes(shape)
  switch (operator) {
    case 'max':
      return direction === 'forward' ? () => maxForward(x, y, ...at) : () => maxBackward(x, cotangent, gradient, ...at)
    case 'avg':
      return direction === 'forward' ? () => avgForward(x, y, ...at) : () => avgBackward(cotangent, gradient, ...at)
    case 'gaussian':
      return direction === 'forward'
        ? () => gaussianForward(x, weight, y, eps, ...at)
        : () => gaussianBackward(x, weight, cotangent, gradient, weightGradient, eps, ...at)
    default:
      return operator satisfies never
  }
}

export const plain: Peer = {
  name: 'plain',
  notes: ['`bench/plain.js`, channels first; results are allocated once, outside the timed call'],
  prepare(job): Prepared {
    const y = new Float32Array(job.cotangent.length)
    const gradient = new Float32Array(job.x.length)
    const weightGradient = new Float32Array(job.weight.length)
    const results: Results =
      job.direction === 'forward'
        ? { y }
        : job.operator === 'gaussian'
          ? { x: gradient, weight: weightGradient }
          : { x: gradient }
    return { run: runner(job, y, gradient, weightGradient), results: () => results, dispose: () => {} }
  },
}
