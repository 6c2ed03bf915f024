/**
 * Every call of the driver fails once: each of an entry point's calls in a program that uses all that there is, one a run.
 * Whatever fails, it is told by a typed error or made up for, and nothing is left.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { CudaFaultError, CudaOutOfMemoryError, ModuleError } from '../../../runtime/cuda/driver/errors.ts'
import { type EntryPoint, entryPoints } from '../../../runtime/cuda/driver/functions.ts'
import { CudaError } from '../../../runtime/cuda/errors.ts'
import { floats, i32, launchTile, neighbourSums, pointer, ptxModule, uploaded } from './kernels.ts'
import { thrownBy } from './thrown.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
beforeAll(() => on.standIn?.accept(shapes))
const shapes = ptxModule('shapes')
const data = Float32Array.of(1, 2, 3, 4)

/** Whether work fails as it must; other errors go on. */
const failsWith = (kind: new (...args: never[]) => Error, work: () => void): boolean => {
  const error = thrownBy(work)
  if (error === undefined || error instanceof kind) return error !== undefined
  throw error
}

/** Uses everything, and gives what came of it. */
const useEverything = async (ordinal: number, stream: bigint): Promise<unknown> => {
  const device = await openDriver({ ordinal })
  try {
    const [x, y] = [uploaded(device, data), device.allocate(data.byteLength)]
    const outOfMemory = failsWith(CudaOutOfMemoryError, () => device.allocate(2 ** 40))
    const refused = failsWith(ModuleError, () => device.load({ ptx: 'nonsense', cubin: new Uint8Array() }))
    const module = device.load(shapes)
    const tile = module.kernel('tile')
    launchTile(tile, x, y, data.length)
    const forth = floats(y)
    launchTile(tile, y, x, data.length, stream)
    const graph = device.capture(() => launchTile(tile, x, y, data.length))
    graph.launch()
    const milliseconds = device.time(() => graph.launch())
    const mean = module.kernel('plane_mean')
    mean.launch({ grid: [1, 1, 1], block: [32, 1, 1], sharedBytes: 60_000, args: [pointer(y), pointer(x), i32(4)] })
    const owner = device.describePointer(y.pointer)
    const back = floats(y)
    // The pinned buffer grows.
    const large = uploaded(device, new Uint8Array(100_000).fill(7))
    graph[Symbol.dispose]()
    module[Symbol.dispose]()
    x.free()
    y.free()
    device.synchronize()
    const last = new Uint8Array(1)
    large.read(last, 99_999)
    return { outOfMemory, refused, forth, milliseconds, owner, back, last: last[0] }
  } finally {
    device[Symbol.dispose]()
  }
}

/** A status that passes, and that the driver has no name for. */
const unknownError = 999

const forth = neighbourSums(data)
const back = neighbourSums(neighbourSums(forth))
const expected = (ordinal: number) => ({
  outOfMemory: true,
  refused: true,
  forth,
  milliseconds: 0.5,
  owner: { kind: 'device', ordinal },
  back,
  last: 7,
})

/** What the binding declares and has no use for yet. */
const unused: readonly EntryPoint[] = [
  'cuMemcpyHtoD_v2',
  'cuMemcpyDtoH_v2',
  'cuMemcpyDtoDAsync_v2',
  'cuMemsetD8Async',
  'cuMemsetD32Async',
  'cuStreamQuery',
  'cuEventQuery',
  'cuOccupancyMaxActiveBlocksPerMultiprocessor',
]
/** What only a device without pools calls, and what only one with them does. */
const withoutPools: readonly EntryPoint[] = ['cuMemAlloc_v2', 'cuMemFree_v2']
const withPools: readonly EntryPoint[] = ['cuMemAllocAsync', 'cuMemFreeAsync']
/** What is asked for an error's words only, or made up for: that it fails is no failure of what was asked. */
const excused: readonly EntryPoint[] = ['cuGetErrorName', 'cuGetErrorString', 'cuMemGetInfo_v2']

interface Outcome {
  readonly result?: unknown
  readonly error?: unknown
  /** How often the binding called each entry point. */
  readonly calls: ReadonlyMap<EntryPoint, number>
}

/** As another user of the device finds it: with a context of his own current, and a stream. */
const runBeside = async (ordinal: number, sabotage: () => void): Promise<Outcome> => {
  const { driver } = on.standIn
  on.standIn.reset()
  on.standIn.devices(2)
  const out = new BigUint64Array(1)
  driver.cuInit(0)
  driver.cuDevicePrimaryCtxRetain(out, ordinal)
  const shared = out[0]!
  driver.cuCtxSetCurrent(shared)
  driver.cuStreamCreate(out, 0)
  const stream = out[0]!
  driver.cuDevicePrimaryCtxRetain(out, 1 - ordinal)
  driver.cuCtxSetCurrent(out[0]!)
  const theirs = out[0]!
  const before = new Map(entryPoints.map((entry) => [entry, on.standIn.calls(entry)]))
  sabotage()
  const outcome = await useEverything(ordinal, stream).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )
  const calls = new Map(entryPoints.map((entry) => [entry, on.standIn.calls(entry) - before.get(entry)!]))
  driver.cuCtxGetCurrent(out)
  expect(out[0]).toBe(theirs)
  driver.cuCtxSetCurrent(shared)
  driver.cuStreamDestroy_v2(stream)
  return { ...outcome, calls }
}
const left = {
  contexts: 2,
  bytes: 0,
  allocations: 0,
  pinnedBytes: 0,
  modules: 0,
  streams: 0,
  events: 0,
  graphs: 0,
  executables: 0,
  abandoned: 0,
  pending: 0,
}
const letGo = (): void => {
  on.standIn.driver.cuDevicePrimaryCtxRelease_v2(0)
  on.standIn.driver.cuDevicePrimaryCtxRelease_v2(1)
}

describe.each([
  { what: 'with pools', ordinal: 0, others: withoutPools },
  { what: 'without pools', ordinal: 1, others: withPools },
])('on a device $what', ({ ordinal, others }) => {
  it('all is used, and gives what it should', async () => {
    const { result, error, calls } = await runBeside(ordinal, () => {})
    expect(error).toBe(undefined)
    expect(result).toEqual(expected(ordinal))
    expect(on.standIn.leftovers).toEqual(left)
    expect(entryPoints.filter((entry) => calls.get(entry) === 0).sort()).toEqual([...unused, ...others].sort())
    letGo()
  })

  it.each(entryPoints.filter((entry) => !unused.includes(entry) && !others.includes(entry)))(
    '%s fails, each of its calls',
    async (entry) => {
      const { calls } = await runBeside(ordinal, () => {})
      letGo()
      let told = 0
      for (let k = 0; k < calls.get(entry)!; k++) {
        const { result, error } = await runBeside(ordinal, () => on.standIn.fail(entry, unknownError, k))
        if (error === undefined) expect(result).toEqual(expected(ordinal))
        else {
          expect(error).toBeInstanceOf(CudaError)
          expect(error).not.toBeInstanceOf(CudaFaultError)
          told++
        }
        expect({ entry, k, ...on.standIn.leftovers }).toEqual({ entry, k, ...left })
        letGo()
      }
      if (!excused.includes(entry)) expect(told).toBeGreaterThan(0)
    },
  )

  it('memory that is out anywhere is told as that, or found', async () => {
    for (const entry of entryPoints.filter((one) => !unused.includes(one) && !others.includes(one) && !excused.includes(one))) {
      const { result, error } = await runBeside(ordinal, () => on.standIn.fail(entry, 2))
      if (error === undefined) expect(result).toEqual(expected(ordinal))
      else expect([entry, (error as Error).message]).toEqual([entry, expect.stringMatching(/out of (device )?memory/)])
      expect({ entry, ...on.standIn.leftovers }).toEqual({ entry, ...left })
      letGo()
    }
  })

  it('a fault at any call loses the device and nothing else', async () => {
    for (const entry of entryPoints.filter((one) => !unused.includes(one) && !others.includes(one) && !excused.includes(one))) {
      const { error } = await runBeside(ordinal, () => on.standIn.fail(entry, 700, 1))
      // The first calls are made before there is a context to lose.
      if (error !== undefined) expect(error).toBeInstanceOf(CudaError)
      expect(on.standIn.counts.contexts).toBe(2)
      letGo()
      expect(on.standIn.counts).toMatchObject({ contexts: 0, bytes: 0, pinnedBytes: 0, modules: 0, streams: 0, events: 0 })
      on.standIn.reset()
    }
  })
})

describe('an error of the driver', () => {
  it('is told by its number where the driver cannot name it', async () => {
    const device = await openDriver()
    on.standIn.fail('cuMemAllocAsync', 999)
    expect(() => device.allocate(1)).toThrow(/cuMemAllocAsync gives status 999 \(999\): the driver does not say what it means/)
    for (const entry of ['cuGetErrorName', 'cuGetErrorString'] as const) {
      on.standIn.fail('cuMemAllocAsync', 500)
      on.standIn.fail(entry, 1)
      expect(() => device.allocate(1)).toThrow(
        entry === 'cuGetErrorName' ? 'status 500 (500): named symbol' : 'CUDA_ERROR_NOT_FOUND (500): the driver',
      )
    }
    device[Symbol.dispose]()
  })

  it('does not hide that memory is out where the driver would not say how much there is', async () => {
    const device = await openDriver()
    on.standIn.fail('cuMemGetInfo_v2', 1)
    expect(() => device.allocate(2 ** 40)).toThrow(/out of device memory: 1099511627776 bytes were asked for\. Free memory/)
    device[Symbol.dispose]()
  })
})
