/** The workplace of JavaScript: arrays between bands, and the high-resolution clock. */
import { arrays } from '../../../dsl/storage.ts'
import { elements, type TensorData } from '../../../dsl/tensor.ts'
import { jsTarget } from '../../js.ts'
import type { Workplace } from './workplace.ts'

/** Elements of a band on either side: more than any row that a mistaken index might reach into. */
const band = 1024

/** A byte that makes, of each stored type, a number far from what windows of small numbers have, and no index. */
const poison = 0xfb

const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const isClean = (data: TensorData): boolean => bytesOf(data).every((byte) => byte === poison)

export const open = (): Workplace => ({
  target: jsTarget,
  given: (tensor) => tensor,
  guarded: (shape, stored) => {
    const length = elements(shape)
    const all = new arrays[stored](length + 2 * band)
    const data = all.subarray(band, band + length)
    const bands = [all.subarray(0, band), all.subarray(band + length)]
    const fill = () => bytesOf(all).fill(poison)
    fill()
    return {
      tensor: { shape, data },
      read: () => data,
      harm: () => {
        const side = bands.findIndex((one) => !isClean(one))
        return side < 0 ? undefined : `it writes ${side === 0 ? 'in front of' : 'behind'} the tensor`
      },
      poison: fill,
    }
  },
  time: (call) => {
    const start = performance.now()
    call()
    return performance.now() - start
  },
  copy: (bytes) => {
    const [from, to] = [new Uint8Array(bytes), new Uint8Array(bytes)]
    return () => to.set(from)
  },
  // An engine refuses a text that is too large for it; whatever else is thrown, the kernel threw.
  faultOf: (_, doing) => (doing === 'compiling' ? 'compile-failed' : 'launch-failed'),
  isBroken: () => false,
  [Symbol.dispose]: () => {},
})
