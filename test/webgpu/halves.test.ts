/**
 * Tensors of 16 bits: every number of either type comes through as it is, and what is computed is rounded to them as on the
 * host, whatever the adapter's own conversions do. Odd numbers of elements end in half a word.
 */
import { describe, expect, it } from 'vitest'
import { type HalfType, isHalf, narrow, storageTypes, widen } from '../../dsl/storage.ts'
import { input, param, pool } from '../../index.ts'
import { usage } from '../../runtime/webgpu/api.ts'
import { openWebGpu, type WebGpuTensor } from '../../runtime/webgpu/index.ts'
import { avgPool, maxPool } from '../../specs/index.ts'
import { opened } from './adapter.ts'

const read = (tensor: unknown) => (tensor as WebGpuTensor).read()

/** Float32's neighbours of a number, and itself. */
const around = (value: number): number[] => {
  const word = new Uint32Array(Float32Array.of(value).buffer)[0]!
  return [...new Float32Array(Uint32Array.of(word, word + 1, Math.max(0, word - 1)).buffer)]
}

/** All numbers of a type, what lies halfway between two of them, and what lies just beside either. */
const numbersAndMiddles = (dtype: HalfType): Float32Array => {
  const all = widen(
    Uint16Array.from({ length: 0x8000 }, (_, bits) => bits),
    dtype,
  )
  const made = [...all].flatMap((value, k) => {
    const next = all[k + 1]
    if (!Number.isFinite(value) || next === undefined) return [value]
    // Of the largest number the next would be twice as far as the step before.
    const middle = Number.isFinite(next) ? (value + next) / 2 : value + (value - all[k - 1]!) / 2
    return [...around(value), ...around(middle)]
  })
  return Float32Array.from([...made, ...made.map((value) => -value), 3.4e38, -3.4e38])
}

const sameBits = (made: ArrayLike<number>, want: Uint16Array, dtype: HalfType): void => {
  const numbers = widen(want, dtype)
  const wrong = Array.from(want, (bits, k) =>
    made[k] === bits || Number.isNaN(numbers[k]!) ? '' : `${k}: ${made[k]} for ${bits}`,
  )
  expect(wrong.filter((one) => one !== '').slice(0, 5)).toEqual([])
  expect(widen(Uint16Array.from(made), dtype).map((x, k) => Number(Number.isNaN(x) !== Number.isNaN(numbers[k]!)))).not.toContain(
    1,
  )
}

describe.each(storageTypes.filter(isHalf))('%s', (dtype) => {
  it('has every number as it is', async (context) => {
    const { target } = await opened(context)
    const kernel = await maxPool.compile({ kernelSize: 1, dims: 1, target, dtype, results: ['y'] })
    // One fewer than there are, so that the last word is half full.
    const data = Uint16Array.from({ length: 0xffff }, (_, bits) => bits + 1)
    const { y } = kernel.forward({ x: { shape: [1, 1, data.length], data } })
    sameBits(await read(y), data, dtype)
  })

  it('rounds to the nearest, ties to even, beyond the largest to infinity, and keeps NaN', async (context) => {
    const { target } = await opened(context)
    const data = numbersAndMiddles(dtype)
    const operator = pool('rounded', { x: input(), p: param('channel') }, 'p')
    const kernel = await operator.compile({ kernelSize: 1, dims: 1, target, dtype })
    const x = { shape: [1, data.length, 1], data: new Uint16Array(data.length) }
    const { y } = kernel.forward({ x, p: { shape: [1, data.length, 1], data } })
    sameBits(await read(y), narrow(data, dtype), dtype)
  })

  it('takes tensors that stay, buffers of a caller’s and odd numbers of elements, and touches nothing beside them', async (context) => {
    const own = await opened(context)
    const gpu = await openWebGpu({ device: own.device })
    const kernel = await avgPool.compile({ kernelSize: 2, stride: 1, target: gpu.target, dtype })
    const numbers = Float32Array.from({ length: 2 * 3 * 3 * 3 }, (_, k) => Math.sin(k))
    const [x, host] = [
      { shape: [2, 3, 3, 3], data: narrow(numbers, dtype) },
      await avgPool.compile({ kernelSize: 2, stride: 1, target: 'interpreter', dtype }),
    ]
    const here = gpu.tensor(x.shape, x.data, dtype)
    // Of nine elements a plane is no whole number of words.
    const odd = { shape: [1, 1, 3, 3], data: x.data.slice(0, 9) }
    const buffer = own.device.createBuffer({ size: 256 + 20, usage: usage.storage | usage.copyTarget | usage.copySource })
    own.device.queue.writeBuffer(buffer, 256, Uint16Array.of(...odd.data, 0xabcd))
    const there = gpu.wrap(buffer, odd.shape, dtype, 256)
    expect([...(await there.read())]).toEqual([...odd.data])
    expect([...(await read(kernel.forward({ x: here }).y))]).toEqual([...host.forward({ x }).y.data])
    expect([...(await read(kernel.forward({ x: there }).y))]).toEqual([...host.forward({ x: odd }).y.data])
    const cotangent = { shape: [1, 1, 2, 2], data: narrow([1, 2, 3, 4], dtype) }
    const into = kernel.backward({ x: odd, cotangent }, { out: { x: there } }).x
    expect([...(await read(into))]).toEqual([...host.backward({ x: odd, cotangent }).x.data])
    // The other half of the last word is somebody else's.
    const beside = gpu.wrap(buffer, [10], dtype, 256)
    expect((await beside.read())[9]).toBe(0xabcd)
    expect(() => gpu.tensor([2], new Uint16Array(2))).toThrow(/float16 or bfloat16: say which/)
    expect(() => gpu.tensor([2], new Float32Array(2), dtype)).toThrow(/is held by a Uint16Array, but a Float32Array is given/)
    expect(() => kernel.forward({ x: gpu.empty([1, 1, 3, 3]) })).toThrow(/'x' is float32 in a device's memory, but must be/)
  })
})
