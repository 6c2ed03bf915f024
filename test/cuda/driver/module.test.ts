/** Loading: the binary first, PTX where it helps, and what is said where neither does. */
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../../runtime/cuda/driver/device.ts'
import { CudaOutOfMemoryError, DisposedError, ModuleError } from '../../../runtime/cuda/driver/errors.ts'
import { CudaError } from '../../../runtime/cuda/errors.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { floats, launchTile, neighbourSums, ptxModule, uploaded } from './kernels.ts'
import { thrownBy } from './thrown.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const shapes = ptxModule('shapes')
const doubled = 'extern "C" __global__ void doubled(float* x) { x[threadIdx.x] *= 2; }'

describe.each(nvrtcs)('what $name compiled', (one) => {
  it('is loaded as PTX where the binary is for another architecture, or not understood', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const compiled = await nvrtc.compile(doubled, { arch: 80 })
    on.standIn.accept(compiled)
    const device = await openDriver()
    const run = (): number[] => {
      using module = device.load(compiled)
      using x = uploaded(device, Float32Array.of(1, 2, 3))
      module.kernel('doubled').launch({ grid: [1, 1, 1], block: [3, 1, 1], args: [{ type: 'u64', value: x.pointer }] })
      return floats(x)
    }
    // The device is sm_90.
    expect(run()).toEqual([2, 4, 6])
    expect(on.standIn.calls('cuModuleLoadDataEx')).toBe(2)
    on.standIn.fail('cuModuleLoadDataEx', 200)
    expect(run()).toEqual([2, 4, 6])
    expect(on.standIn.calls('cuModuleLoadDataEx')).toBe(4)
    device[Symbol.dispose]()
  })

  it('is loaded as a binary where the driver is too old for its PTX', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    on.standIn.newestPtx(70)
    const device = await openDriver()
    const compiled = await nvrtc.compile(doubled, { arch: 90 })
    on.standIn.accept(compiled)
    device.load(compiled)
    const old = await nvrtc.compile(doubled, { arch: 80 })
    const refused = thrownBy(() => device.load(old))
    expect(refused).toBeInstanceOf(ModuleError)
    expect((refused as ModuleError).status.code).toBe(222)
    expect((refused as Error).message).toMatch(
      /^loading PTX, after the binary was refused as CUDA_ERROR_NO_BINARY_FOR_GPU, on GPU 0 \(Stand-in H100\), which is sm_90, failed: .*update the driver, or use an older NVRTC/,
    )
    device[Symbol.dispose]()
  })
})

describe('loading', () => {
  it('says what the driver’s assembler says', async () => {
    const device = await openDriver()
    on.standIn.newestPtx(80)
    const refused = thrownBy(() => device.load(shapes))
    expect(refused).toBeInstanceOf(ModuleError)
    expect(refused).toMatchObject({ status: { code: 222 }, log: 'ptxas fatal   : Unsupported .version; the newest is older' })
    expect((refused as Error).message).toContain('CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)')
    expect((refused as Error).message).toMatch(/The driver is older than the NVRTC that wrote this PTX: update the driver/)
    expect((refused as Error).message).toContain('\nptxas fatal   : Unsupported .version')
    expect(() => device.load({ ptx: 'nonsense', cubin: new Uint8Array() })).toThrow('neither a binary nor PTX')
    expect(on.standIn.counts.modules).toBe(0)
    device[Symbol.dispose]()
  })

  it('tells memory that is out as that', async () => {
    const device = await openDriver()
    on.standIn.fail('cuModuleLoadDataEx', 2)
    expect(() => device.load(shapes)).toThrow(CudaOutOfMemoryError)
    device[Symbol.dispose]()
  })

  it('gives kernels by name, each once', async () => {
    on.standIn.accept(shapes)
    const device = await openDriver()
    const module = device.load(shapes)
    expect(module.kernel('tile')).toBe(module.kernel('tile'))
    expect(module.kernel('tile').name).toBe('tile')
    expect(thrownBy(() => module.kernel('tilt'))).toBeInstanceOf(CudaError)
    expect(() => module.kernel('tilt')).toThrow(
      /no kernel 'tilt': it has .*max3x3.* A kernel keeps its name where it is declared extern "C"/,
    )
    device[Symbol.dispose]()
  })

  it('ends with the module, after its launches', async () => {
    on.standIn.accept(shapes)
    const device = await openDriver()
    const module = device.load(shapes)
    const tile = module.kernel('tile')
    const [x, y] = [uploaded(device, Float32Array.of(1, 2)), device.allocate(8)]
    launchTile(tile, x, y, 2)
    module[Symbol.dispose]()
    module[Symbol.dispose]()
    expect(on.standIn.counts.modules).toBe(0)
    expect(() => launchTile(tile, x, y, 2)).toThrow(DisposedError)
    expect(() => module.kernel('tile')).toThrow(DisposedError)
    expect(floats(y)).toEqual(neighbourSums([1, 2]))
    device[Symbol.dispose]()
  })
})
