/**
 * What TensorFlow.js is asked for on whichever of its backends, in its own layout (channels last): others are turned once, before
 * timing. Its average leaves padding out of the divisor, so x is padded with zeros first, as its users must for this mean.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { PeerCalls, PeerJob } from '../../../runtime/peer.ts'
import { exchange } from './exchange.ts'
import { type SimpleJob, simpleJob } from './simple-job.ts'

/** What a reader has to know on every backend. */
export const notes = [
  'channels last (its own layout; others are turned beforehand); each call allocates its results',
  'mean over padding: `tf.pad`, then `avgPool` without padding',
  'backward of max and avg is the gradient kernel alone',
  'gaussian, forward and backward, by its operations, the variance as E[x^2] - E[x]^2',
]

type Tensors = readonly [x: tf.Tensor4D, weight: tf.Tensor1D, cotangent: tf.Tensor4D]

const calls = (job: SimpleJob, [x, weight, cotangent]: Tensors): (() => tf.Tensor[]) => {
  const { operator, direction, kernel, stride, padding, eps } = job
  const engine = tf.engine()
  const around: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]
  const padded = (input: tf.Tensor4D): tf.Tensor4D => (padding === 0 ? input : tf.pad(input, around))
  const inside = (gradient: tf.Tensor4D): tf.Tensor4D =>
    padding === 0 ? gradient : tf.slice(gradient, [0, padding, padding, 0], x.shape)
  const mean = (input: tf.Tensor4D): tf.Tensor4D => tf.avgPool(input, kernel, stride, 'valid')
  const meanGradient = (dy: tf.Tensor, input: tf.Tensor4D): tf.Tensor4D =>
    engine.runKernel(tf.AvgPoolGrad, { dy, input }, { filterSize: kernel, strides: stride, pad: 'valid' }) as tf.Tensor4D
  switch (operator) {
    case 'max': {
      if (direction === 'forward') return () => [tf.maxPool(x, kernel, stride, padding)]
      // The kernel behind the gradient, called by itself: the gradient alone, without another forward pass.
      const output = tf.maxPool(x, kernel, stride, padding)
      const attributes = { filterSize: kernel, strides: stride, pad: padding }
      return () => [engine.runKernel(tf.MaxPoolGrad, { dy: cotangent, input: x, output }, attributes) as tf.Tensor]
    }
    case 'avg': {
      if (direction === 'forward') return () => [mean(padded(x))]
      const input = padded(x)
      return () => [inside(meanGradient(cotangent, input))]
    }
    case 'gaussian': {
      const moments = (input: tf.Tensor4D) => {
        const m = mean(input)
        const variance = tf.sub(mean(tf.square(input)), tf.square(m))
        return { m, variance, deviation: tf.sqrt(tf.maximum(variance, eps)) }
      }
      if (direction === 'forward') {
        return () => {
          const { m, deviation } = moments(padded(x))
          return [tf.add(m, tf.mul(weight, deviation))]
        }
      }
      // What its reverse mode would run, written out: its table of gradients comes only with the whole package.
      return () => {
        const input = padded(x)
        const { m, variance, deviation } = moments(input)
        const varianceGradient = tf.where(
          tf.greaterEqual(variance, eps),
          tf.div(tf.mul(cotangent, weight), tf.mul(2, deviation)),
          tf.zerosLike(variance),
        )
        const throughMean = meanGradient(tf.sub(cotangent, tf.mul(tf.mul(2, m), varianceGradient)), input)
        const throughSquares = tf.mul(tf.mul(2, input), meanGradient(varianceGradient, input))
        return [inside(tf.add(throughMean, throughSquares)), tf.sum(tf.mul(cotangent, deviation), [0, 1, 2])]
      }
    }
    default:
      return operator satisfies never
  }
}

/** Prepares a job on the backend that is set. */
export const prepareOnBackend = (job: PeerJob): PeerCalls => {
  const simple = simpleJob(job)
  const { samples, channels, height, width, outHeight, outWidth, layout, direction } = simple
  const isLast = layout === 'channels-last'
  const [planes, outPlanes] = [height * width, outHeight * outWidth]
  const turnedIn = (data: Float32Array, plane: number): Float32Array => (isLast ? data : exchange(data, samples, channels, plane))
  const turnedOut = (data: Float32Array, plane: number): Float32Array =>
    isLast ? data : exchange(data, samples, plane, channels)
  const x = tf.tensor4d(turnedIn(simple.x, planes), [samples, height, width, channels])
  const weight = tf.tensor1d(simple.weight)
  const cotangent = tf.tensor4d(turnedIn(simple.cotangent, outPlanes), [samples, outHeight, outWidth, channels])
  const call = calls(simple, [x, weight, cotangent])
  return {
    run() {
      tf.dispose(tf.tidy(call))
    },
    async results() {
      const made = tf.tidy(call)
      const [first, second] = await Promise.all(made.map((tensor) => tensor.data<'float32'>()))
      tf.dispose(made)
      if (!first) throw new Error('TensorFlow.js returned nothing')
      const turned = turnedOut(first, direction === 'forward' ? outPlanes : planes)
      if (direction === 'forward') return { y: turned }
      return second ? { x: turned, weight: second } : { x: turned }
    },
    dispose() {
      tf.disposeVariables()
      tf.dispose([x, weight, cotangent])
    },
  }
}
