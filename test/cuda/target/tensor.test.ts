/** Tensors in device memory: kernels take them as they are and leave theirs there, and a caller's own memory is only used. */
import { describe, expect, it, type TestContext } from 'vitest'
import { input, param } from '../../../dsl/declarations.ts'
import { CudaTensor } from '../../../runtime/cuda/target/tensor.ts'
import { pool } from '../../../runtime/pool.ts'
import { nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

const operator = pool('scaled', { x: input(), w: param() }, 'w * mean(x)')
const shape = [1, 1, 2, 4]
const numbers = Float32Array.of(1, 3, 5, 5, 1, 3, 5, 9)

describe('tensors on the device', () => {
  const open = async (context: TestContext) => {
    const { device, target } = await emulated(nvrtcs[0]!, context)
    const x = CudaTensor.empty(device, shape, 'float32', 'x')
    x.memory!.write(numbers)
    return { device, x, kernel: await operator.compile({ target, kernelSize: 2 }) }
  }

  it('make results that stay there, and are read when they are asked for', async (context) => {
    const { x, kernel } = await open(context)
    const { y } = kernel.forward({ x, w: 2 })
    expect(y).toBeInstanceOf(CudaTensor)
    expect([...y.data]).toEqual([4, 12])
    const gradients = kernel.backward({ x, w: 2, cotangent: y })
    expect(gradients.x).toBeInstanceOf(CudaTensor)
    expect([...gradients.x.data]).toEqual([2, 2, 6, 6, 2, 2, 6, 6])
  })

  it('may be written into, and are read anew afterwards', async (context) => {
    const { device, x, kernel } = await open(context)
    const y = CudaTensor.empty(device, [1, 1, 1, 2], 'float32')
    kernel.forward({ x, w: 2 }, { out: { y } })
    expect([...y.data]).toEqual([4, 12])
    expect(kernel.forward({ x, w: 3 }, { out: { y } }).y).toBe(y)
    expect([...y.data]).toEqual([6, 18])
    const short = CudaTensor.empty(device, [1, 1, 1, 1], 'float32')
    expect(() => kernel.forward({ x, w: 2 }, { out: { y: short } })).toThrow('out.y must be float32 of shape [1, 1, 1, 2]')
  })

  it("may be a caller's, which only the caller reads", async (context) => {
    const { device, x, kernel } = await open(context)
    const memory = device.allocate(8)
    const y = CudaTensor.foreign(device, { pointer: memory.pointer, shape: [1, 1, 1, 2], stored: 'float32' })
    kernel.forward({ x, w: 2 }, { out: { y } })
    expect(() => y.data).toThrow("is the caller's: read it with what it was made by")
    const read = new Float32Array(2)
    memory.read(read)
    expect([...read]).toEqual([4, 12])
    // One that begins at no multiple of a vector gets a kernel that reads one by one.
    const odd = device.allocate(36)
    odd.write(numbers, 4)
    const shifted = CudaTensor.foreign(device, { pointer: odd.pointer + 4n, shape, stored: 'float32' })
    expect([...kernel.forward({ x: shifted, w: 2 }).y.data]).toEqual([4, 12])
  })

  it('are refused after they were given back, and where they hold another type', async (context) => {
    const { device, x, kernel } = await open(context)
    x.dispose()
    expect(() => kernel.forward({ x, w: 2 })).toThrow('after its memory was given back')
    const half = CudaTensor.empty(device, shape, 'float16')
    expect(() => kernel.forward({ x: half, w: 2 })).toThrow("is float16 in a device's memory, but must be float32 there")
  })
})
