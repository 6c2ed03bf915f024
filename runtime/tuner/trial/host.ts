/** The workplace of kernels that run on this host's own arrays: these between bands, and the high-resolution clock. */
import { arrays } from '../../../dsl/storage.ts'
import { elements, type TensorData } from '../../../dsl/tensor.ts'
import type { Target } from '../../target.ts'
import { inTurn, wallClock } from '../../timing.ts'
import { harmOf, poison } from './guard.ts'
import type { Workplace } from './workplace.ts'

/** Elements of a band on either side: more than any row that a mistaken index might reach into. */
const band = 1024

const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

export const hostPlace = (target: Target): Workplace => ({
  target,
  given: (tensor) => tensor,
  guarded: (shape, stored) => {
    const length = elements(shape)
    const all = new arrays[stored](length + 2 * band)
    const data = all.subarray(band, band + length)
    const [front, back] = [all.subarray(0, band), all.subarray(band + length)]
    const fill = () => bytesOf(all).fill(poison)
    fill()
    return {
      tensor: { shape, data },
      look: () => ({ data: data.slice(), harm: harmOf(bytesOf(front), bytesOf(back)) }),
      poison: fill,
    }
  },
  timed: (calls) => ({ call: inTurn(calls), time: wallClock }),
  copy: (bytes) => {
    const [from, to] = [new Uint8Array(bytes), new Uint8Array(bytes)]
    return () => to.set(from)
  },
  // An engine refuses a text that is too large for it; whatever else is thrown, the kernel threw.
  faultOf: (_, doing) => (doing === 'compiling' ? 'compile-failed' : 'launch-failed'),
  isBroken: () => false,
  close: () => {},
})
