/** Libraries that are no driver, a driver that is old, and NVIDIA's own, which can be opened without a GPU. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { listDevices } from '../../../runtime/cuda/driver/facts.ts'
import { declareDriver, entryPoints } from '../../../runtime/cuda/driver/functions.ts'
import { CudaMissingError } from '../../../runtime/cuda/errors.ts'
import { FfiError, loadFfi } from '../../../runtime/ffi.ts'
import { floats, launchTile, neighbourSums, ptxModule, uploaded } from './kernels.ts'
import { compileStandIn, nothingLeft, StandIn } from './stand-in.ts'
import { whyNoStandIn } from './use-stand-in.ts'

const { POOLWRIGHT_LIBCUDA, POOLWRIGHT_LIBCUDA_REAL } = process.env
afterEach(() => {
  delete process.env.POOLWRIGHT_LIBCUDA
  if (POOLWRIGHT_LIBCUDA !== undefined) process.env.POOLWRIGHT_LIBCUDA = POOLWRIGHT_LIBCUDA
})

describe.runIf(process.platform === 'linux')('without a driver', () => {
  it('says what is missing, and what to do', async () => {
    process.env.POOLWRIGHT_LIBCUDA = '/nowhere/libcuda.so.1'
    const opening = openDriver()
    await expect(opening).rejects.toThrow(CudaMissingError)
    await expect(opening).rejects.toThrow(
      /^there is no NVIDIA driver here: \/nowhere\/libcuda\.so\.1 cannot be loaded: .+ Install the driver of your GPU .* POOLWRIGHT_LIBCUDA\. Or say --device emulator/s,
    )
    expect(await listDevices()).toEqual({ kind: 'none', reason: expect.stringContaining('there is no NVIDIA driver here') })
  })

  it('says where a library is another', async () => {
    process.env.POOLWRIGHT_LIBCUDA = 'libc.so.6'
    await expect(openDriver()).rejects.toThrow(
      /^the NVIDIA driver is older than CUDA 11\.0: libc\.so\.6 has no function cuInit: .+ Update it\. Or say --device emulator/s,
    )
  })
})

describe('a driver that is older than memory pools, graphs with flags, and UUIDs', () => {
  it('does without the first and the last, and says what the other needs', async (context) => {
    const reason = whyNoStandIn()
    if (reason !== undefined) return context.skip(reason)
    const folder = mkdtempSync(join(tmpdir(), 'poolwright-old-libcuda-'))
    const script = join(folder, 'hidden')
    writeFileSync(script, '{ local: cuMemAllocAsync; cuMemFreeAsync; cuGraphInstantiateWithFlags; cuDeviceGetUuid_v2; };\n')
    const standIn = await StandIn.open(compileStandIn([`-Wl,--version-script=${script}`]))
    try {
      const shapes = ptxModule('shapes')
      standIn.accept(shapes)
      const device = await openDriver()
      expect(device.facts).toMatchObject({ arch: 90, pools: false })
      expect('uuid' in device.facts).toBe(false)
      const [x, y] = [uploaded(device, Float32Array.of(1, 2, 3)), device.allocate(12)]
      const tile = device.load(shapes).kernel('tile')
      launchTile(tile, x, y, 3)
      expect(floats(y)).toEqual(neighbourSums([1, 2, 3]))
      expect(() => device.capture(() => launchTile(tile, x, y, 3))).toThrow(
        new CudaMissingError('graphs need a driver of CUDA 11.4 or later: update it, or launch kernels one by one'),
      )
      device[Symbol.dispose]()
      expect(standIn.leftovers).toEqual(nothingLeft)
    } finally {
      standIn.end()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe("NVIDIA's own driver", () => {
  const pathOrSkip = (context: TestContext): string => {
    if (POOLWRIGHT_LIBCUDA_REAL) return POOLWRIGHT_LIBCUDA_REAL
    const reason = "NVIDIA's libcuda is not here: node scripts/fetch-nvrtc.mjs FOLDER fetches it"
    if (process.env.POOLWRIGHT_MUST_HAVE?.split(',').includes('nvrtc')) throw new Error(reason)
    return context.skip(reason)
  }

  it('has every function that is declared', async (context) => {
    const library = (await loadFfi()).open(pathOrSkip(context))
    expect(Object.keys(declareDriver(library)).sort()).toEqual([...entryPoints].sort())
    expect(() => library.declare('cuNoSuchFunction', 'int32', [])).toThrow(FfiError)
  })

  it('says that there is no GPU', async (context) => {
    process.env.POOLWRIGHT_LIBCUDA = pathOrSkip(context)
    // The kernel's part of the driver says so; device files are made by whoever opens the library as root.
    if (existsSync('/proc/driver/nvidia/version')) return context.skip('there is a GPU')
    await expect(openDriver()).rejects.toThrow(
      'cuInit gives CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected. This machine, container or CUDA_VISIBLE_DEVICES shows no NVIDIA GPU. Or say --device emulator',
    )
    expect(await listDevices()).toMatchObject({ kind: 'none' })
  })
})

describe('the stand-in', () => {
  it('has the functions that are declared, and no others', () => {
    const header = readFileSync(new URL('./stand-in/stand-in.h', import.meta.url), 'utf8')
    const names = [...header.matchAll(/\bX\((cu\w+)\)/g)].map(([, name]) => name)
    expect(names.toSorted()).toEqual([...entryPoints].sort())
  })
})
