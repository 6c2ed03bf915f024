/** Opening, what a device says of itself and of pointers, and its end. */
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { DisposedError } from '../../../runtime/cuda/driver/errors.ts'
import { type DeviceListing, listDevices } from '../../../runtime/cuda/driver/facts.ts'
import { CudaMissingError, LaunchError } from '../../../runtime/cuda/errors.ts'
import { ptxModule } from './kernels.ts'
import { nothingLeft } from './stand-in.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const shapes = ptxModule('shapes')

describe('a device', () => {
  it('says what it is', async () => {
    on.standIn.devices(2)
    const [first, second] = [await openDriver(), await openDriver({ ordinal: 1 })]
    expect(first).toMatchObject({
      description: 'Stand-in H100 (GPU 0, sm_90), driver for CUDA 13.1',
      arch: 90,
      multiprocessors: 132,
      sharedPerBlock: 227 << 10,
      facts: { memory: 2 ** 30, uuid: 'GPU-00010203-0405-0607-0809-0a0b0c0d0e0f', pools: true },
    })
    expect(second).toMatchObject({ arch: 75, multiprocessors: 40, sharedPerBlock: 64 << 10, facts: { ordinal: 1, pools: false } })
    first[Symbol.dispose]()
    second[Symbol.dispose]()
  })

  it('takes all with it that was made on it, and is unusable then', async () => {
    on.standIn.accept(shapes)
    const device = await openDriver()
    const memory = device.allocate(100)
    memory.write(new Uint8Array(100))
    const module = device.load(shapes)
    const tile = module.kernel('tile')
    const graph = device.capture(() => {})
    device[Symbol.dispose]()
    expect(on.standIn.leftovers).toEqual(nothingLeft)
    const calls = on.standIn.allCalls
    device[Symbol.dispose]()
    memory.free()
    module[Symbol.dispose]()
    graph[Symbol.dispose]()
    for (const use of [
      () => device.allocate(1),
      () => device.load(shapes),
      () => device.synchronize(),
      () => device.time(() => {}),
      () => device.capture(() => {}),
      () => device.describePointer(0n),
      () => memory.pointer,
      () => memory.read(new Uint8Array(1)),
      () => module.kernel('tile'),
      () => tile.launch({ grid: [1, 1, 1], block: [1, 1, 1], args: [] }),
      () => graph.launch(),
    ])
      expect(use).toThrow(DisposedError)
    expect(() => device.synchronize()).toThrow('GPU 0 (Stand-in H100) was disposed of: open it again with openDriver')
    expect(on.standIn.allCalls).toBe(calls)
    expect(device.description).toContain('Stand-in H100')
  })

  it('shares its context with whoever uses the GPU beside it, and leaves theirs current', async () => {
    on.standIn.devices(2)
    const { driver } = on.standIn
    const current = (): bigint => {
      const out = new BigUint64Array(1)
      driver.cuCtxGetCurrent(out)
      return out[0]!
    }
    const alone = await openDriver()
    alone.synchronize()
    const ours = current()
    alone[Symbol.dispose]()
    expect(current()).toBe(0n)

    const out = new BigUint64Array(1)
    driver.cuDevicePrimaryCtxRetain(out, 1)
    const first = await openDriver()
    driver.cuCtxSetCurrent(out[0]!)
    first[Symbol.dispose]()
    expect(current()).toBe(out[0])
    driver.cuCtxSetCurrent(0n)
    driver.cuDevicePrimaryCtxRelease_v2(1)

    driver.cuDevicePrimaryCtxRetain(out, 0)
    expect(out[0]).toBe(ours)
    driver.cuCtxSetCurrent(ours)
    const beside = await openDriver()
    const memory = beside.allocate(10)
    memory.write(new Uint8Array(10).fill(3))
    const theirs = new Uint8Array(10)
    beside.synchronize()
    expect(driver.cuMemcpyDtoH_v2(theirs, memory.pointer, 10)).toBe(0)
    expect([...theirs]).toEqual(Array(10).fill(3))
    const other = await openDriver({ ordinal: 1 })
    other.allocate(1)
    expect(current()).toBe(ours)
    other[Symbol.dispose]()
    beside[Symbol.dispose]()
    expect(current()).toBe(ours)
    expect(on.standIn.counts).toMatchObject({ contexts: 1, abandoned: 0 })
    driver.cuDevicePrimaryCtxRelease_v2(0)
  })
})

describe('a pointer', () => {
  it('is told by whose memory it points into', async () => {
    on.standIn.devices(2)
    const [device, other] = [await openDriver(), await openDriver({ ordinal: 1 })]
    const [memory, managed, remote] = [device.allocate(100), device.allocate(100), other.allocate(100)]
    on.standIn.manage(managed.pointer)
    const pinned = new BigUint64Array(1)
    on.standIn.driver.cuMemHostAlloc(pinned, 64, 0)
    expect(device.describePointer(memory.pointer)).toEqual({ kind: 'device', ordinal: 0 })
    expect(device.describePointer(memory.pointer + 99n)).toEqual({ kind: 'device', ordinal: 0 })
    expect(device.describePointer(remote.pointer)).toEqual({ kind: 'device', ordinal: 1 })
    expect(device.describePointer(managed.pointer)).toEqual({ kind: 'managed', ordinal: 0 })
    expect(device.describePointer(pinned[0]!)).toEqual({ kind: 'host' })
    expect(device.describePointer(4096n)).toEqual({ kind: 'unknown' })

    device.requirePointer(memory.pointer + 50n, 'x')
    device.requirePointer(managed.pointer, 'x')
    expect(() => device.requirePointer(pinned[0]!, 'x')).toThrow(LaunchError)
    expect(() => device.requirePointer(pinned[0]!, 'x')).toThrow(
      /^x is at 0x[0-9a-f]+, which is no device memory \(pinned, but the host's\): pass/,
    )
    expect(() => device.requirePointer(4096n, 'the gradient')).toThrow(
      'the gradient is at 0x1000, which is no device memory (nothing that the driver knows): pass what allocate gives, or a pointer of a CUDA tensor',
    )
    expect(() => device.requirePointer(remote.pointer, 'x')).toThrow(
      /which is memory of GPU 1: copy it to GPU 0 \(Stand-in H100\), or open/,
    )
    on.standIn.driver.cuMemFreeHost(pinned[0]!)
    other[Symbol.dispose]()
    device[Symbol.dispose]()
  })
})

describe('what cannot be opened', () => {
  it('is an ordinal that no GPU has', async () => {
    for (const ordinal of [1, -1, 0.5])
      await expect(openDriver({ ordinal })).rejects.toThrow(
        new CudaMissingError(
          `there is no GPU ${ordinal}: this process sees 1, counted from 0. CUDA_VISIBLE_DEVICES says which it sees.`,
        ),
      )
  })

  it('is a GPU that another process has to itself', async () => {
    on.standIn.fail('cuDevicePrimaryCtxRetain', 46)
    const opening = openDriver()
    await expect(opening).rejects.toThrow(CudaMissingError)
    await expect(opening).rejects.toThrow(/Another process has the GPU to itself: .*Or say --device emulator/)
  })

  it('is a machine without a GPU, or with a driver that does not start', async () => {
    on.standIn.devices(0)
    await expect(openDriver()).rejects.toThrow(
      'the NVIDIA driver does not start: cuInit gives CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected. This machine, container or CUDA_VISIBLE_DEVICES shows no NVIDIA GPU. Or say --device emulator, to run CUDA kernels without a GPU.',
    )
    for (const [code, remedy] of [
      [34, 'LD_LIBRARY_PATH'],
      [802, 'fabric manager'],
      [803, 'restart the machine'],
      [804, 'compatibility package'],
      [999, 'nvidia-smi'],
    ] as const) {
      on.standIn.fail('cuInit', code)
      const opening = openDriver()
      await expect(opening).rejects.toThrow(CudaMissingError)
      await expect(opening).rejects.toThrow(remedy)
    }
  })
})

describe('the devices of a machine', () => {
  it('are listed without being woken', async () => {
    on.standIn.devices(2)
    const listing = await listDevices()
    expect(listing).toMatchObject({
      kind: 'devices',
      driver: '13.1',
      devices: [
        { ordinal: 0, name: 'Stand-in H100', arch: 90, memory: 2 ** 30 },
        { ordinal: 1, name: 'Stand-in T4', arch: 75 },
      ],
    })
    expect(on.standIn.calls('cuDevicePrimaryCtxRetain')).toBe(0)
  })

  it('are none, and why', async () => {
    const reasonOf = (listing: DeviceListing): string => (listing.kind === 'none' ? listing.reason : 'there are some')
    on.standIn.devices(0)
    expect(reasonOf(await listDevices())).toContain('no CUDA-capable device is detected')
    on.standIn.devices(1)
    on.standIn.fail('cuDeviceGetName', 999)
    expect(reasonOf(await listDevices())).toMatch(/asking the driver what the GPU is failed: cuDeviceGetName/)
  })
})
