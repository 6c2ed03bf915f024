/** The workplace of WebGPU: tensors in buffers, between bands, and a clock. What a device is asked for it answers later. */
import { ArgumentError } from '../../../dsl/errors.ts'
import type { StoredType } from '../../../dsl/storage.ts'
import { elements } from '../../../dsl/tensor.ts'
import type { Target } from '../../target.ts'
import type { Fault } from '../../tuner/outcome.ts'
import { harmOf, poison } from '../../tuner/trial/guard.ts'
import type { Guarded, Workplace } from '../../tuner/trial/workplace.ts'
import type { WebGpuDevice } from '../device.ts'
import { DeviceLostError, LimitError, ShaderError } from '../errors.ts'
import { arrays, paddedTo, type WebGpuData, type WebGpuStored, WebGpuTensor } from '../tensor.ts'
import { timedOn } from './clock.ts'

/** Bytes of a band on either side: a multiple of `minStorageBufferOffsetAlignment`, which is 256 at the most. */
const band = 4096

/**
 * An output: a part of a buffer, between bands. A shader is bound to the part and to the band behind it. What it indexes beyond
 * both, or in front, WebGPU leads back into what is bound, mostly to its end, and so into the band.
 */
const banded = (device: WebGpuDevice, shape: readonly number[], stored: WebGpuStored): Guarded => {
  const length = elements(shape)
  // A tensor is of whole words.
  const bytes = paddedTo(4, length * arrays[stored].BYTES_PER_ELEMENT)
  const size = band + bytes + band
  const buffer = device.pool.take(size, 'storage', 'an output')
  return {
    tensor: WebGpuTensor.foreign(device, buffer, shape, stored, band, band),
    look: async () => {
      const all = await device.bytesOf({ buffer, size })
      return {
        data: new arrays[stored](all, band, length).slice(),
        harm: harmOf(new Uint8Array(all, 0, band), new Uint8Array(all, band + bytes)),
      }
    },
    poison: () => device.device.queue.writeBuffer(buffer, 0, new Uint8Array(size).fill(poison)),
  }
}

/** A storage type that the target has not was refused before. */
const asStored = (stored: StoredType): WebGpuStored => stored as WebGpuStored

const kindOf = (error: unknown, doing: 'compiling' | 'launching'): Fault['kind'] => {
  if (error instanceof LimitError) return 'invalid'
  if (error instanceof ShaderError) return 'compile-failed'
  // More invocations, or larger sizes, than 32 bits count.
  if (error instanceof ArgumentError && doing === 'launching') return 'invalid'
  return doing === 'compiling' && !(error instanceof DeviceLostError) ? 'compile-failed' : 'launch-failed'
}

/** A workplace on a device, which it closes. @param target - on that device */
export const workplaceOn = (device: WebGpuDevice, target: Target): Workplace => {
  let isBroken = false
  return {
    target,
    given: ({ shape, data }, stored) => WebGpuTensor.from(device, shape, data as WebGpuData, asStored(stored)),
    guarded: (shape, stored) => banded(device, shape, asStored(stored)),
    timed: timedOn(device),
    faultOf: (error, doing) => {
      isBroken ||= error instanceof DeviceLostError
      return kindOf(error, doing)
    },
    isBroken: () => isBroken,
    close: () => device[Symbol.dispose](),
  }
}
