/** Jobs with channels last, the layout that TensorFlow.js has, so that ours can be timed in it too. */
import { exchange } from '../../cli/bench/peers/exchange.ts'
import { splitShape } from '../../dsl/layout.ts'
import type { Tensor } from '../../dsl/tensor.ts'
import type { PeerCalls } from '../../runtime/peer.ts'
import type { Job } from '../cases.ts'

const turned = ({ shape, data }: Tensor): Tensor => {
  const [samples, channels, ...extents] = shape as [number, number, ...number[]]
  const plane = extents.reduce((a, b) => a * b, 1)
  return { shape: [samples, ...extents, channels], data: exchange(data as Float32Array, samples, channels, plane) }
}

/** A job with its tensors, which are channels first, turned; parameters are channels first always. */
export const channelsLast = (job: Job): Job => ({
  ...job,
  geometry: { ...job.geometry, layout: 'channels-last' },
  inputs: { ...job.inputs, x: turned(job.inputs.x!) },
  cotangents: { y: turned(job.cotangents.y!) },
})

/** What its calls give, turned back. */
export const turnedBack = (job: Job, calls: PeerCalls): PeerCalls => ({
  ...calls,
  results: async () => {
    const made = await calls.results()
    const isForward = job.direction === 'forward'
    const { samples, channels, extents } = splitShape(job.geometry, (isForward ? job.cotangents.y! : job.inputs.x!).shape)
    const plane = extents.reduce((a, b) => a * b, 1)
    const name = isForward ? 'y' : 'x'
    return { ...made, [name]: exchange(made[name] as Float32Array, samples, plane, channels) }
  },
})
