/**
 * jax-js on its WebAssembly backend (single-threaded in Node, where it finds no web worker). `lax.reduceWindow` has no
 * padding, so x is padded first; under `jit` that is fused into the kernel's index arithmetic.
 */
import { init, type Array as JaxArray, jit, lax, numpy as np, vjp } from '@jax-js/jax'
import type { Peer } from '../../../runtime/peer.ts'
import { channelsFirst, type SimpleJob, simpleJob } from './simple-job.ts'

type Pool = (x: JaxArray, weight: JaxArray) => JaxArray

/** Below every float32 that the data holds, and finite, so that 0 times it is not NaN. */
const lowest = -3e38

const pooling = ({ operator, kernel, stride, padding, channels, height, width, eps }: SimpleJob): Pool => {
  const around = { 2: [padding, padding] as [number, number], 3: [padding, padding] as [number, number] }
  const padded = (x: JaxArray): JaxArray => (padding === 0 ? x : np.pad(x, around))
  const reduce = (x: JaxArray, by: (window: JaxArray) => JaxArray): JaxArray =>
    lax.reduceWindow(x, by, [kernel, kernel], [stride, stride])
  const mean = (x: JaxArray): JaxArray => reduce(x, (window) => np.mean(window))
  switch (operator) {
    case 'max':
      return (x, weight) => {
        weight.dispose()
        if (padding === 0) return reduce(x, (window) => np.max(window))
        const inside = padded(np.ones([1, 1, height, width]))
        return reduce(np.where(inside.greater(0.5), padded(x), lowest), (window) => np.max(window))
      }
    case 'avg':
      return (x, weight) => {
        weight.dispose()
        return mean(padded(x))
      }
    case 'gaussian':
      return (x, weight) => {
        const input = padded(x)
        const m = mean(input.ref)
        const variance = mean(input.ref.mul(input)).sub(m.ref.mul(m.ref))
        return m.add(weight.reshape([channels, 1, 1]).mul(np.sqrt(np.maximum(variance, eps))))
      }
    default:
      return operator satisfies never
  }
}

const values = (array: JaxArray): Float32Array => Float32Array.from(array.dataSync())

export const peer: Peer = {
  name: 'jax-js',
  notes: [
    'jax-js, WebAssembly backend, one thread, under `jit`, channels first; each call allocates its results in the backend and frees them',
    'backward is `vjp` under `jit`, which leaves out what of the forward pass the gradient does not need',
    'gaussian by its operations, the variance as E[x^2] - E[x]^2',
    'maximum hands equal shares to equal elements',
  ],
  async prepare(job) {
    const simple = channelsFirst(simpleJob(job))
    await init('wasm')
    const { samples, channels, height, width, outHeight, outWidth } = simple
    const x = np.array(simple.x).reshape([samples, channels, height, width])
    const weight = np.array(simple.weight)
    const cotangent = np.array(simple.cotangent).reshape([samples, channels, outHeight, outWidth])
    for (const array of [x, weight, cotangent]) await array.blockUntilReady()
    const pool = pooling(simple)
    const forward = jit(pool)
    const backward = jit((a: JaxArray, b: JaxArray, g: JaxArray) => {
      const [y, pull] = vjp(pool, [a, b])
      y.dispose()
      const [gx, gw] = pull(g) as [JaxArray, JaxArray]
      pull.dispose()
      if (simple.operator === 'gaussian') return [gx, gw]
      gw.dispose()
      return [gx]
    })
    const isForward = simple.direction === 'forward'
    const call = (): JaxArray[] => (isForward ? [forward(x.ref, weight.ref)] : backward(x.ref, weight.ref, cotangent.ref))
    return {
      async run() {
        for (const result of call()) {
          await result.blockUntilReady()
          result.dispose()
        }
      },
      results() {
        const [first, second] = call()
        if (!first) throw new Error('jax-js returned nothing')
        if (isForward) return { y: values(first) }
        return second ? { x: values(first), weight: values(second) } : { x: values(first) }
      },
      dispose() {
        for (const array of [x, weight, cotangent]) array.dispose()
        forward.dispose()
        backward.dispose()
      },
    }
  },
}
