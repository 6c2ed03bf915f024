/** The loop that anybody would write first, as a contender. */
import type { Peer } from '../../../runtime/peer.ts'
import { avgBackward, avgForward, gaussianBackward, gaussianForward, maxBackward, maxForward } from './plain-loops.ts'
import { channelsFirst, type SimpleJob, simpleJob } from './simple-job.ts'

interface Written {
  readonly y: Float32Array
  readonly gradient: Float32Array
  readonly weightGradient: Float32Array
}

const runner = (job: SimpleJob, { y, gradient, weightGradient }: Written): (() => void) => {
  const { operator, x, weight, cotangent, eps, samples, channels, height, width, kernel, stride, padding } = job
  const at = [samples, channels, height, width, kernel, stride, padding] as const
  const isForward = job.direction === 'forward'
  switch (operator) {
    case 'max':
      return isForward ? () => maxForward(x, y, ...at) : () => maxBackward(x, cotangent, gradient, ...at)
    case 'avg':
      return isForward ? () => avgForward(x, y, ...at) : () => avgBackward(cotangent, gradient, ...at)
    case 'gaussian':
      return isForward
        ? () => gaussianForward(x, weight, y, eps, ...at)
        : () => gaussianBackward(x, weight, cotangent, gradient, weightGradient, eps, ...at)
    default:
      return operator satisfies never
  }
}

export const peer: Peer = {
  name: 'plain',
  notes: ['a plain loop in JavaScript, channels first; results are allocated once, outside the timed call'],
  prepare(job) {
    const simple = channelsFirst(simpleJob(job))
    const written: Written = {
      y: new Float32Array(simple.cotangent.length),
      gradient: new Float32Array(simple.x.length),
      weightGradient: new Float32Array(simple.weight.length),
    }
    const { y, gradient, weightGradient } = written
    const gradients = simple.operator === 'gaussian' ? { x: gradient, weight: weightGradient } : { x: gradient }
    return {
      run: runner(simple, written),
      results: () => (simple.direction === 'forward' ? { y } : gradients),
      dispose: () => {},
    }
  },
}
