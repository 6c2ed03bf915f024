/** Order: between the device's stream and callers', in graphs, in time; and what a capture forbids. */
import { describe, expect, it } from 'vitest'
import type { DeviceMemory } from '../../../runtime/cuda/device.ts'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { CaptureError, DisposedError, DriverError } from '../../../runtime/cuda/driver/errors.ts'
import { floats, launchTile, neighbourSums, ptxModule, uploaded } from './kernels.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const shapes = ptxModule('shapes')
const data = Float32Array.of(1, 2, 3, 4)
const once = neighbourSums(data)
const twice = neighbourSums(once)

/** A device with a kernel, and two arrays that it goes between. */
const prepared = async () => {
  on.standIn.accept(shapes)
  const device = await openDriver()
  const module = device.load(shapes)
  const [x, y] = [uploaded(device, data), device.allocate(data.byteLength)]
  const tile = module.kernel('tile')
  const launch = (from: DeviceMemory, to: DeviceMemory, stream?: bigint) => launchTile(tile, from, to, data.length, stream)
  return { device, module, x, y, launch }
}
/** A stream as a caller makes one, in the device's context. */
const makeStream = (): bigint => {
  const out = new BigUint64Array(1)
  expect(on.standIn.driver.cuStreamCreate(out, 0)).toBe(0)
  return out[0]!
}
const endStream = (stream: bigint): void => expect(on.standIn.driver.cuStreamDestroy_v2(stream)).toBe(0)

describe("a caller's stream", () => {
  it('comes after what was written and before what is read, launched and freed later', async () => {
    const { device, x, y, launch } = await prepared()
    const stream = makeStream()
    launch(x, y, stream)
    expect(on.standIn.launched).toEqual([])
    launch(y, x)
    expect(floats(x)).toEqual(twice)
    x.write(data)
    launch(x, y, stream)
    x.free()
    expect(floats(y)).toEqual(once)
    launch(y, y, stream)
    device.synchronize()
    expect(on.standIn.counts.pending).toBe(0)
    endStream(stream)
    device[Symbol.dispose]()
  })

  it('sees what was written before, though nothing waits for the device but that stream', async () => {
    const { device, x, y, launch } = await prepared()
    const stream = makeStream()
    launch(x, y)
    launch(y, x, stream)
    expect(on.standIn.driver.cuStreamSynchronize(stream)).toBe(0)
    expect([...new Float32Array(on.standIn.peek(x.pointer, 16).buffer)]).toEqual(twice)
    endStream(stream)
    device[Symbol.dispose]()
  })

  it('may be the default one, and need not wait for a device that was waited for', async () => {
    const { device, x, y, launch } = await prepared()
    device.synchronize()
    const waits = on.standIn.calls('cuStreamWaitEvent')
    launch(x, y, 0n)
    expect(on.standIn.calls('cuStreamWaitEvent')).toBe(waits + 1)
    expect(floats(y)).toEqual(once)
    device[Symbol.dispose]()
  })

  it('may be in a capture of the caller’s, unless work outside must come first', async () => {
    const { device, x, y, launch } = await prepared()
    const { driver } = on.standIn
    const stream = makeStream()
    expect(() => {
      driver.cuStreamBeginCapture_v2(stream, 0)
      launch(x, y, stream)
    }).toThrow(/call synchronize\(\) before the capture/)
    const graph = new BigUint64Array(1)
    expect(driver.cuStreamEndCapture(stream, graph)).toBe(0)
    driver.cuGraphDestroy(graph[0]!)
    device.synchronize()
    driver.cuStreamBeginCapture_v2(stream, 0)
    launch(x, y, stream)
    launch(y, x, stream)
    expect(driver.cuStreamEndCapture(stream, graph)).toBe(0)
    const executable = new BigUint64Array(1)
    expect(driver.cuGraphInstantiateWithFlags!(executable, graph[0]!, 0)).toBe(0)
    expect(driver.cuGraphLaunch(executable[0]!, stream)).toBe(0)
    expect(driver.cuStreamSynchronize(stream)).toBe(0)
    expect(floats(x)).toEqual(twice)
    driver.cuGraphDestroy(graph[0]!)
    driver.cuGraphExecDestroy(executable[0]!)
    endStream(stream)
    device[Symbol.dispose]()
  })

  it('is refused where it is none', async () => {
    const { device, x, y, launch } = await prepared()
    expect(() => launch(x, y, 12_345n)).toThrow(DriverError)
    device[Symbol.dispose]()
  })
})

describe('a graph', () => {
  it('carries out what was captured, as often as it is launched', async () => {
    const { device, x, y, launch } = await prepared()
    const graph = device.capture(() => {
      launch(x, y)
      launch(y, x)
    })
    device.synchronize()
    expect(on.standIn.launched).toEqual([])
    expect(on.standIn.counts).toMatchObject({ graphs: 0, executables: 1 })
    graph.launch()
    graph.launch()
    expect(floats(x)).toEqual(neighbourSums(neighbourSums(twice)))
    expect(on.standIn.launched.length).toBe(4)
    graph.launch()
    graph[Symbol.dispose]()
    graph[Symbol.dispose]()
    expect(() => graph.launch()).toThrow(DisposedError)
    device[Symbol.dispose]()
  })

  it('is refused once a module of its launches was disposed of', async () => {
    const { device, module, x, y, launch } = await prepared()
    const graph = device.capture(() => launch(x, y))
    module[Symbol.dispose]()
    expect(() => graph.launch()).toThrow('the module was disposed of')
    device[Symbol.dispose]()
  })

  it('cannot be made of what is no launch', async () => {
    const { device, module, x, y, launch } = await prepared()
    const graph = device.capture(() => launch(x, y))
    const forbidden: Record<string, () => unknown> = {
      'allocating memory': () => device.allocate(1),
      'freeing memory': () => x.free(),
      'writing memory': () => x.write(data),
      'reading memory': () => floats(x),
      'loading a module': () => device.load(shapes),
      'unloading a module': () => module[Symbol.dispose](),
      waiting: () => device.synchronize(),
      timing: () => device.time(() => {}),
      'a capture': () => device.capture(() => {}),
      'launching a graph': () => graph.launch(),
      'disposing of a graph': () => graph[Symbol.dispose](),
      'disposing of the device': () => device[Symbol.dispose](),
      "a launch on a caller's stream": () => launch(x, y, 0n),
    }
    for (const [what, work] of Object.entries(forbidden)) {
      const calls = on.standIn.allCalls
      let during = 0
      expect(() =>
        device.capture(() => {
          during = on.standIn.allCalls
          try {
            work()
          } finally {
            during = on.standIn.allCalls - during
          }
        }),
      ).toThrow(CaptureError)
      expect([what, during]).toEqual([what, 0])
      expect(on.standIn.allCalls).toBeGreaterThan(calls)
      expect(() => device.capture(work)).toThrow(`${what} is not possible while launches are captured`)
    }
    // Nothing has come of it, and the device goes on.
    graph.launch()
    expect(floats(y)).toEqual(once)
    expect(on.standIn.counts).toMatchObject({ graphs: 0, executables: 1 })
    device[Symbol.dispose]()
  })

  it('gives on what the work throws, and leaves nothing', async () => {
    const { device, x, y, launch } = await prepared()
    const mine = new Error('mine')
    expect(() =>
      device.capture(() => {
        launch(x, y)
        throw mine
      }),
    ).toThrow(mine)
    expect(on.standIn.counts).toMatchObject({ graphs: 0, executables: 0 })
    expect(floats(x)).toEqual([...data])
    expect(on.standIn.launched).toEqual([])
    device[Symbol.dispose]()
  })
})

describe('time', () => {
  it('is the GPU’s, from the first to the last of the work, on whichever stream', async () => {
    const { device, x, y, launch } = await prepared()
    const stream = makeStream()
    launch(x, y)
    // The stand-in's clock goes on by half a millisecond a launch, and by nothing else.
    expect(
      device.time(() => {
        launch(x, y)
        launch(y, x)
        launch(x, y)
      }),
    ).toBe(1.5)
    expect(device.time(() => launch(x, y, stream))).toBe(0.5)
    expect(device.time(() => {})).toBe(0)
    expect(on.standIn.counts.events).toBe(2)
    const mine = new Error('mine')
    expect(() =>
      device.time(() => {
        throw mine
      }),
    ).toThrow(mine)
    expect(on.standIn.counts.events).toBe(2)
    endStream(stream)
    device[Symbol.dispose]()
  })

  it('ends with the device', async () => {
    const { device, launch, x, y } = await prepared()
    expect(() =>
      device.time(() => {
        launch(x, y)
        device[Symbol.dispose]()
      }),
    ).toThrow(DisposedError)
  })
})
