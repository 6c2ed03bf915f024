/** What is declared and not used yet: that the declarations fit, and the stand-in does what they say, and fails when told. */
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import type { EntryPoint } from '../../../runtime/cuda/driver/functions.ts'
import { ptxModule } from './kernels.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const shapes = ptxModule('shapes')

describe('beside the binding', () => {
  it('copies, fills and questions work as the driver does', async () => {
    const { driver } = on.standIn
    on.standIn.accept(shapes)
    const device = await openDriver()
    const memory = device.allocate(64)
    const [handle, value] = [new BigUint64Array(1), new Int32Array(1)]
    expect(driver.cuStreamCreate(handle, 1)).toBe(0)
    const stream = handle[0]!
    expect(driver.cuEventCreate(handle, 2)).toBe(0)
    const event = handle[0]!
    expect(driver.cuModuleLoadDataEx(handle, Buffer.from(`${shapes.ptx}\0`), 0, null, null)).toBe(0)
    const module = handle[0]!
    expect(driver.cuModuleGetFunction(handle, module, 'tile')).toBe(0)
    const tile = handle[0]!
    const at = memory.pointer
    const back = new Uint8Array(16)

    const calls = {
      cuMemcpyHtoD_v2: () =>
        driver.cuMemcpyHtoD_v2(
          at,
          Uint8Array.from({ length: 16 }, (_, k) => k),
          16,
        ),
      cuMemsetD8Async: () => driver.cuMemsetD8Async(at + 16n, 0x17, 8, stream),
      cuMemsetD32Async: () => driver.cuMemsetD32Async(at + 24n, 0x01020304, 2, stream),
      cuMemcpyDtoDAsync_v2: () => driver.cuMemcpyDtoDAsync_v2(at + 32n, at + 16n, 16, stream),
      cuMemcpyDtoH_v2: () => driver.cuMemcpyDtoH_v2(back, at + 32n, 16),
      cuStreamQuery: () => driver.cuStreamQuery(stream),
      cuEventQuery: () => driver.cuEventQuery(event),
      cuOccupancyMaxActiveBlocksPerMultiprocessor: () => driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(value, tile, 256, 0),
    } satisfies Partial<Record<EntryPoint, () => number>>
    for (const [name, call] of Object.entries(calls)) {
      on.standIn.fail(name as EntryPoint, 999)
      expect([name, call()]).toEqual([name, 999])
    }
    expect(on.standIn.counts.pending).toBe(0)

    const { cuStreamQuery, cuEventQuery, cuMemcpyDtoH_v2, ...work } = calls
    for (const [name, call] of Object.entries(work)) expect([name, call()]).toEqual([name, 0])
    expect(value[0]).toBe(8)
    expect(driver.cuEventRecord(event, stream)).toBe(0)
    // Asked again and again, a stream gets to its end: three pieces of work and the event.
    expect([cuStreamQuery(), cuEventQuery(), cuEventQuery(), cuStreamQuery()]).toEqual([600, 600, 0, 0])
    expect(cuMemcpyDtoH_v2()).toBe(0)
    expect([...back]).toEqual([...Array(8).fill(0x17), 4, 3, 2, 1, 4, 3, 2, 1])
    expect([...on.standIn.peek(at, 16)]).toEqual(Array.from({ length: 16 }, (_, k) => k))

    expect(driver.cuMemcpyHtoD_v2(at + 60n, back, 16)).toBe(1)
    expect(driver.cuMemsetD32Async(at + 1n, 0, 1, stream)).toBe(1)
    expect(driver.cuMemcpyDtoDAsync_v2(at, at + 60n, 8, stream)).toBe(1)
    expect(driver.cuStreamQuery(event)).toBe(400)
    expect(driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(value, tile, 2048, 0)).toBe(1)

    expect(driver.cuModuleUnload(module)).toBe(0)
    expect(driver.cuModuleUnload(module)).toBe(400)
    expect(driver.cuFuncGetAttribute(value, 0, tile)).toBe(400)
    expect(driver.cuEventDestroy_v2(event)).toBe(0)
    expect(driver.cuEventDestroy_v2(event)).toBe(400)
    expect(driver.cuStreamDestroy_v2(stream)).toBe(0)
    expect(driver.cuStreamSynchronize(stream)).toBe(400)
    device[Symbol.dispose]()
    expect(driver.cuMemFree_v2(at)).toBe(201)
  })

  it('sees what is forgotten: poison, leaks, work that nobody waited for', async () => {
    const { driver } = on.standIn
    const device = await openDriver()
    const memory = device.allocate(4)
    expect([...on.standIn.peek(memory.pointer, 4)]).toEqual([0xa5, 0xa5, 0xa5, 0xa5])
    memory.write(Uint8Array.of(1, 2, 3, 4))
    expect([...on.standIn.peek(memory.pointer, 4)]).toEqual([0xa5, 0xa5, 0xa5, 0xa5])
    expect(on.standIn.counts.pending).toBeGreaterThan(0)
    device.synchronize()
    expect([...on.standIn.peek(memory.pointer, 4)]).toEqual([1, 2, 3, 4])
    device[Symbol.dispose]()
    const out = new BigUint64Array(1)
    driver.cuDevicePrimaryCtxRetain(out, 0)
    driver.cuCtxSetCurrent(out[0]!)
    driver.cuMemAlloc_v2(out, 8)
    driver.cuEventCreate(out, 0)
    driver.cuDevicePrimaryCtxRelease_v2(0)
    expect(on.standIn.counts).toMatchObject({ abandoned: 2, bytes: 0, events: 0 })
    on.standIn.reset()
  })
})
