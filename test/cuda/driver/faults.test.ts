/** Kernels that fault: the device is lost, says so, always in the same words, and asks the driver no more. */
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { CudaFaultError } from '../../../runtime/cuda/driver/errors.ts'
import { f32, floats, i32, launchTile, pointer, ptxModule, uploaded } from './kernels.ts'
import { nothingLeft } from './stand-in.ts'
import { thrownBy } from './thrown.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const [shapes, faults] = [ptxModule('shapes'), ptxModule('faults')]

/** What a context takes with it that is destroyed after a fault is no leak: the driver refuses to free anything by then. */
const destroyed = (): void => {
  const { contexts, bytes, pinnedBytes, streams, modules, executables, events, abandoned } = on.standIn.counts
  expect({ contexts, bytes, pinnedBytes, streams, modules, executables, events }).toEqual({
    contexts: 0,
    bytes: 0,
    pinnedBytes: 0,
    streams: 0,
    modules: 0,
    executables: 0,
    events: 0,
  })
  expect(abandoned).toBeGreaterThan(0)
  on.standIn.reset()
  expect(on.standIn.leftovers).toEqual(nothingLeft)
}

const one = [1, 1, 1] as const

describe.each([
  {
    what: 'out of bounds',
    kernel: 'beyond',
    code: 700,
    words: /^a kernel accessed memory that is not its own: CUDA_ERROR_ILLEGAL_ADDRESS \(700\)/,
  },
  {
    what: 'misaligned',
    kernel: 'crooked',
    code: 716,
    words: /^a kernel accessed memory at an address that is no multiple .*\(716\)/,
  },
])('an access that is $what', ({ kernel, code, words }) => {
  it('is reported where the host waits, and ends the device', async () => {
    on.standIn.accept(shapes)
    on.standIn.accept(faults)
    const device = await openDriver()
    const [module, tile] = [device.load(faults), device.load(shapes).kernel('tile')]
    const [x, y] = [uploaded(device, new Float32Array(16)), device.allocate(64)]
    const graph = device.capture(() => launchTile(tile, x, y, 4))
    expect(device.lost).toBe(undefined)
    const args = [pointer(x), pointer(y), ...(kernel === 'beyond' ? [i32(1000)] : [])]
    module.kernel(kernel).launch({ grid: one, block: [4, 1, 1], args })

    const fault = thrownBy(() => floats(y))
    expect(fault).toBeInstanceOf(CudaFaultError)
    expect(fault).toMatchObject({ status: { code } })
    expect((fault as Error).message).toMatch(words)
    expect((fault as Error).message).toMatch(
      /The device is lost to this process: start it anew\. poolwright sanitize, or --device emulator/,
    )
    expect(device.lost).toBe(fault)
    expect(device.description).toBe('Stand-in H100 (GPU 0, sm_90), driver for CUDA 13.1, lost to this process')

    const calls = on.standIn.allCalls
    const later: (() => unknown)[] = [
      () => floats(y),
      () => y.write(new Float32Array(1)),
      () => device.allocate(4),
      () => device.load(shapes),
      () => module.kernel('unread'),
      () => launchTile(tile, x, y, 4),
      () => launchTile(tile, x, y, 4, 0n),
      () => graph.launch(),
      () => device.capture(() => {}),
      () => device.time(() => {}),
      () => device.synchronize(),
      () => device.describePointer(1n),
      () => device.requirePointer(1n, 'x'),
    ]
    for (const use of later) expect(thrownBy(use)).toBe(fault)
    x.free()
    graph[Symbol.dispose]()
    module[Symbol.dispose]()
    expect(on.standIn.allCalls).toBe(calls)

    // Whoever closes it after a fault has been told already, whatever the driver says then.
    on.standIn.fail('cuDevicePrimaryCtxRelease_v2', code)
    device[Symbol.dispose]()
    device[Symbol.dispose]()
    destroyed()
  })
})

describe('a fault that nobody waited for', () => {
  it('is told when the device is disposed of', async () => {
    on.standIn.accept(faults)
    const device = await openDriver()
    const module = device.load(faults)
    const [x, y] = [uploaded(device, new Float32Array(16)), device.allocate(64)]
    module.kernel('beyond').launch({ grid: one, block: one, args: [pointer(x), pointer(y), i32(1000)] })
    expect(() => device[Symbol.dispose]()).toThrow(CudaFaultError)
    expect(on.standIn.launched.length).toBe(1)
    destroyed()
  })

  it('is told when its module is', async () => {
    on.standIn.accept(faults)
    const device = await openDriver()
    const module = device.load(faults)
    const [x, y] = [uploaded(device, new Float32Array(16)), device.allocate(64)]
    module.kernel('beyond').launch({ grid: one, block: one, args: [pointer(x), pointer(y), i32(1000)] })
    expect(() => module[Symbol.dispose]()).toThrow(CudaFaultError)
    device[Symbol.dispose]()
    destroyed()
  })
})

describe('a launch of memory that was freed', () => {
  it('is a fault, as on a GPU', async () => {
    on.standIn.accept(shapes)
    const device = await openDriver()
    const tile = device.load(shapes).kernel('tile')
    const [x, y] = [uploaded(device, new Float32Array(4)), device.allocate(16)]
    const args = [pointer(x), pointer(y), i32(4)]
    x.free()
    tile.launch({ grid: one, block: [128, 1, 1], args })
    expect(thrownBy(() => device.synchronize())).toMatchObject({ status: { code: 700 } })
    device[Symbol.dispose]()
    destroyed()
  })
})

describe.each([702, 709, 710, 714, 715, 717, 718, 719, 721, 810, 214, 220, 226])('status %i', (code) => {
  it('loses the device', async () => {
    const device = await openDriver()
    on.standIn.fail('cuStreamSynchronize', code)
    const fault = thrownBy(() => device.synchronize())
    expect(fault).toBeInstanceOf(CudaFaultError)
    expect(thrownBy(() => device.allocate(1))).toBe(fault)
    device[Symbol.dispose]()
    on.standIn.reset()
  })
})

describe.each([1, 400, 500, 600, 701, 704, 720, 801, 900, 999])('status %i', (code) => {
  it('passes', async () => {
    const device = await openDriver()
    on.standIn.fail('cuStreamSynchronize', code)
    expect(thrownBy(() => device.synchronize())).not.toBeInstanceOf(CudaFaultError)
    device.synchronize()
    expect(device.lost).toBe(undefined)
    device[Symbol.dispose]()
  })
})

it('another device goes on', async () => {
  on.standIn.accept(shapes)
  on.standIn.devices(2)
  const [first, second] = [await openDriver({ ordinal: 0 }), await openDriver({ ordinal: 1 })]
  on.standIn.fail('cuStreamSynchronize', 719)
  expect(thrownBy(() => first.synchronize())).toBeInstanceOf(CudaFaultError)
  const [x, y] = [uploaded(second, Float32Array.of(1, 4, 9, 16)), second.allocate(16)]
  const scale = second.load(shapes).kernel('scale4')
  scale.launch({ grid: one, block: one, args: [pointer(x), pointer(y), f32(2), { type: 'i64', value: 1 }] })
  expect(floats(y).slice(0, 3)).toEqual([3, 2, 3])
  second[Symbol.dispose]()
  first[Symbol.dispose]()
  destroyed()
})
