/** Device memory on the stand-in: copies in order, sizes, what is kept and given back, and its end. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DriverDevice, openDriver } from '../../../runtime/cuda/driver/device.ts'
import { CudaOutOfMemoryError, DisposedError, DriverError } from '../../../runtime/cuda/driver/errors.ts'
import { blockSize } from '../../../runtime/cuda/driver/pool.ts'
import { LaunchError } from '../../../runtime/cuda/errors.ts'
import { i32, pointer, ptxModule, uploaded } from './kernels.ts'
import { thrownBy } from './thrown.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const mib = 1 << 20

const opened = async (ordinal: number): Promise<DriverDevice> => {
  on.standIn.devices(2)
  return openDriver({ ordinal })
}
const bytesOf = (length: number, seed: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let k = 0; k < length; k++) bytes[k] = k * 31 + (k >> 8) * 7 + (k >> 16) + seed
  return bytes
}

describe.each([
  { what: 'a device with pools', ordinal: 0 },
  { what: 'a device without pools', ordinal: 1 },
])('$what', ({ ordinal }) => {
  it('copies there and back, whole and in part, as the bytes were when write was called', async () => {
    const device = await opened(ordinal)
    const memory = device.allocate(1000)
    const data = bytesOf(1000, 1)
    memory.write(data)
    memory.write(new Float64Array([Math.PI, -0]), 104)
    const view = new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2)
    memory.write(view, 994)
    const expected = data.slice()
    expected.set(new Uint8Array(new Float64Array([Math.PI, -0]).buffer), 104)
    expected.set([2, 0, 3, 0], 994)
    // Not all has been carried out yet, and the host goes on with its arrays.
    data.fill(0)
    view.fill(0)
    const whole = new Uint8Array(1000)
    memory.read(whole)
    expect(whole).toEqual(expected)
    const part = new Uint8Array(20)
    memory.read(part, 100)
    expect(part).toEqual(expected.subarray(100, 120))
    memory.write(new Uint8Array(0), 1000)
    memory.read(new Uint8Array(0))
    device[Symbol.dispose]()
  })

  it('passes what is larger than the pinned buffer through it in pieces', async () => {
    const device = await opened(ordinal)
    const data = bytesOf(66 * mib + 12_345, 2)
    const memory = device.allocate(data.length)
    memory.write(bytesOf(1000, 3))
    expect(on.standIn.counts.pinnedBytes).toBe(64 << 10)
    memory.write(data)
    const back = new Uint8Array(data.length)
    memory.read(back)
    expect(Buffer.compare(back, data)).toBe(0)
    expect(on.standIn.counts.pinnedBytes).toBe(32 * mib)
    device[Symbol.dispose]()
  })

  it('says how much there is when there is not enough, and goes on', async () => {
    const device = await opened(ordinal)
    on.standIn.limit(10 * mib)
    const first = device.allocate(6 * mib)
    const refused = thrownBy(() => device.allocate(5 * mib))
    expect(refused).toBeInstanceOf(CudaOutOfMemoryError)
    expect(refused).toMatchObject({ bytes: 5 * mib, memory: { free: 4 * mib, total: 10 * mib } })
    expect((refused as Error).message).toMatch(/5242880 bytes were asked for; 4194304 of the device's 10485760 bytes are free/)
    const data = bytesOf(6 * mib, 4)
    first.write(data)
    const back = new Uint8Array(data.length)
    first.read(back)
    expect(Buffer.compare(back, data)).toBe(0)
    device[Symbol.dispose]()
  })

  it('says where the machine has no more pages to pin, which is no lack of the device', async () => {
    const device = await opened(ordinal)
    const memory = device.allocate(4)
    on.standIn.fail('cuMemHostAlloc', 2)
    expect(() => memory.write(new Uint8Array(4))).toThrow(DriverError)
    on.standIn.fail('cuMemHostAlloc', 2)
    expect(() => memory.write(new Uint8Array(4))).toThrow(/pinning 65536 bytes .* no more pages to pin: ulimit -l/)
    memory.write(new Uint8Array(4))
    device[Symbol.dispose]()
  })

  it('finds room in what was freed, whether or not the device has come so far', async () => {
    const device = await opened(ordinal)
    on.standIn.limit(10 * mib)
    const first = device.allocate(6 * mib)
    first.write(bytesOf(6 * mib, 5))
    first.free()
    const second = device.allocate(9 * mib)
    expect(on.standIn.counts.peak).toBeLessThanOrEqual(10 * mib)
    second.free()
    device[Symbol.dispose]()
  })

  it('refuses sizes and ranges that are none', async () => {
    const device = await opened(ordinal)
    for (const size of [-1, 1.5, Number.NaN, 2 ** 53])
      expect(() => device.allocate(size, 'y')).toThrow(
        new LaunchError(`'y' is of ${size} bytes: a size is a non-negative integer`),
      )
    const memory = device.allocate(16, 'x')
    for (const offset of [-1, 1, 0.5, Number.NaN, 17]) {
      expect(() => memory.write(new Uint8Array(16), offset)).toThrow(LaunchError)
      expect(() => memory.read(new Uint8Array(16), offset)).toThrow(
        `reading 16 bytes at ${offset} leaves 'x', which has 16 bytes`,
      )
    }
    const [empty, other] = [device.allocate(0), device.allocate(0)]
    expect(empty.pointer).not.toBe(0n)
    expect(empty.pointer).not.toBe(other.pointer)
    device[Symbol.dispose]()
  })

  it('is freed once, and unusable then', async () => {
    const device = await opened(ordinal)
    const memory = device.allocate(64, 'x')
    const another = device.allocate(64)
    memory.free()
    memory.free()
    memory[Symbol.dispose]()
    for (const use of [() => memory.pointer, () => memory.write(new Uint8Array(1)), () => memory.read(new Uint8Array(1))])
      expect(use).toThrow(new DisposedError("'x' (64 bytes) was freed, by itself or with its device: free it after its last use"))
    expect(another.pointer).not.toBe(0n)
    device[Symbol.dispose]()
    expect(() => another.write(new Uint8Array(1))).toThrow(DisposedError)
    another.free()
  })

  it('leaves nothing behind after ten thousand runs', async () => {
    const device = await opened(ordinal)
    const compiled = ptxModule('shapes', 70)
    on.standIn.accept(compiled)
    const halfSquare = device.load(compiled).kernel('half_square')
    // 1 and 2 as halves, and their squares.
    const [x, expected] = [Uint16Array.of(0x3c00, 0x4000), Uint16Array.of(0x3c00, 0x4400)]
    const run = (): void => {
      const [dx, dy] = [uploaded(device, x), device.allocate(x.byteLength)]
      halfSquare.launch({ grid: [1, 1, 1], block: [2, 1, 1], args: [pointer(dx), pointer(dy), i32(2)] })
      const y = new Uint16Array(2)
      dy.read(y)
      if (y[0] !== expected[0] || y[1] !== expected[1]) throw new Error(`wrong: ${y}`)
      dx.free()
      dy.free()
      device.synchronize()
    }
    for (let k = 0; k < 10; k++) run()
    const early = on.standIn.leftovers
    for (let k = 10; k < 10_000; k++) run()
    expect(on.standIn.launched.length).toBe(10_000)
    expect(on.standIn.leftovers).toEqual(early)
    device[Symbol.dispose]()
  })
})

describe('blocks that are kept', () => {
  it('are used again for their size, and given back before memory is said to be out', async () => {
    const device = await opened(1)
    on.standIn.limit(mib)
    const first = device.allocate(1000)
    const { pointer: at } = first
    first.free()
    const second = device.allocate(900)
    expect(second.pointer).toBe(at)
    expect(on.standIn.calls('cuMemAlloc_v2')).toBe(1)
    second.free()
    const large = device.allocate(mib)
    expect([on.standIn.calls('cuMemAlloc_v2'), on.standIn.calls('cuMemFree_v2')]).toEqual([3, 1])
    large.free()
    device[Symbol.dispose]()
  })

  it('waste a quarter at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (bytes) => {
        const size = blockSize(bytes)
        expect(size).toBeGreaterThanOrEqual(bytes)
        expect(size).toBeLessThanOrEqual(Math.max(512, bytes * 1.25))
        expect(blockSize(size)).toBe(size)
      }),
    )
    expect([1, 512, 513, 640, 641, 1024, 1025, 5 * mib].map(blockSize)).toEqual([512, 512, 640, 640, 768, 1024, 1280, 5 * mib])
  })
})
