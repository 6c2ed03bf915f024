/** Our shaders: tensors that stay on the device, and results written into tensors made before. */
import type { Tensor } from '../../dsl/tensor.ts'
import type { PeerCalls } from '../../runtime/peer.ts'
import type { WebGpu, WebGpuTensor } from '../../runtime/webgpu/index.ts'
import type { Job } from '../cases.ts'
import { compileJob, tensorsOf } from '../poolwright.ts'
import type { Contender } from './contender.ts'
import { channelsLast, turnedBack } from './layout.ts'

const prepare = async (gpu: WebGpu, job: Job): Promise<PeerCalls> => {
  const onDevice = (shape: readonly number[], data?: Tensor['data']): WebGpuTensor =>
    data instanceof Float32Array ? gpu.tensor(shape, data) : gpu.empty(shape)
  const tensors = tensorsOf(job, onDevice)
  const { inputs, cotangent, out } = tensors
  return {
    run: (await compileJob(job, { target: gpu.target }))(tensors),
    results: async () => {
      const read = Object.entries(out).map(async ([name, tensor]) => [name, await gpu.read(tensor)] as const)
      return Object.fromEntries(await Promise.all(read))
    },
    dispose: () => {
      for (const tensor of [...Object.values(inputs), cotangent, ...Object.values(out)]) gpu.release(tensor)
    },
  }
}

const notes = ['default schedule; results are written into tensors made once, outside the timed call']

export const ours = (gpu: WebGpu): readonly Contender[] => [
  { name: 'ours, first', notes: ['channels first', ...notes], prepare: (job) => prepare(gpu, job) },
  {
    name: 'ours, last',
    notes: ['channels last', ...notes],
    prepare: async (job) => {
      const turned = channelsLast(job)
      return turnedBack(turned, await prepare(gpu, turned))
    },
  },
]
