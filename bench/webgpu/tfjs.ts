/** TensorFlow.js on its WebGPU backend, on our device. */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import { notes, prepareOnBackend } from '../../cli/bench/peers/tfjs-calls.ts'
import type { Contender } from './contender.ts'

type Device = ConstructorParameters<typeof WebGPUBackend>[0]

export const version = tf.version_core

export const tfjs = async (device: unknown): Promise<Contender> => {
  const backend = new WebGPUBackend(device as Device)
  // Its kernels know the backend by this name, by which it registers itself with a device of its own.
  tf.removeBackend('webgpu')
  tf.registerBackend('webgpu', () => backend)
  await tf.setBackend('webgpu')
  return {
    name: 'tfjs',
    notes: ['WebGPU backend', ...notes],
    prepare: async (job) => prepareOnBackend(job),
    // It hands on by fifteen dispatches, or when something is read.
    flush: () => {
      backend.ensureCommandEncoderReady()
      backend.endComputePassEncoder()
      backend.submitQueue()
    },
  }
}
