/** TensorFlow.js on its plain JavaScript backend. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import type { Peer } from '../../../runtime/peer.ts'
import { notes, prepareOnBackend } from './tfjs-calls.ts'

export const peer: Peer = {
  name: 'tfjs',
  notes: ['TensorFlow.js, CPU backend', ...notes],
  async prepare(job) {
    await tf.setBackend('cpu')
    await tf.ready()
    return prepareOnBackend(job)
  },
}
