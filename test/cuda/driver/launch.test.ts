/** What is checked before a launch: arguments, extents, shared memory; and that arguments arrive as they were given. */
import { describe, expect, it } from 'vitest'
import { type KernelArgument, packArguments, parameterBytes, type StructArgument } from '../../../runtime/cuda/arguments.ts'
import { type DriverDevice, openDriver } from '../../../runtime/cuda/driver/device.ts'
import { DriverError } from '../../../runtime/cuda/driver/errors.ts'
import { readSignatures } from '../../../runtime/cuda/driver/signature.ts'
import { CubinError, CudaError, LaunchError } from '../../../runtime/cuda/errors.ts'
import { mixed } from '../nvrtc/kernels.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { f32, floats, i32, launchTile, neighbourSums, pointer, ptxModule, uploaded } from './kernels.ts'
import { useStandIn } from './use-stand-in.ts'

const on = useStandIn()
const shapes = ptxModule('shapes')

const opened = async (): Promise<DriverDevice> => {
  on.standIn.accept(shapes)
  return openDriver()
}
const one = [1, 1, 1] as const

describe('a launch', () => {
  it('refuses arguments that do not fit the kernel, before the driver sees them', async () => {
    const device = await opened()
    const scale4 = device.load(shapes).kernel('scale4')
    const x = uploaded(device, new Float32Array(4))
    const launch = (...args: KernelArgument[]) => scale4.launch({ grid: one, block: one, args })
    const good = [pointer(x), pointer(x), f32(2), { type: 'i64', value: 1 }] as const
    expect(() => launch(...good.slice(0, 3))).toThrow(new LaunchError('kernel scale4 takes 4 arguments, but 3 are given'))
    expect(() => launch(pointer(x), pointer(x), i32(2), good[3])).toThrow(
      new LaunchError('argument 3 of kernel scale4 is a .f32, but a i32 is given'),
    )
    expect(() => launch(f32(1), pointer(x), f32(2), good[3])).toThrow('argument 1 of kernel scale4 is a .u64, but a f32 is given')
    expect(() => launch(pointer(x), pointer(x), f32(2), i32(1))).toThrow('argument 4')
    expect(() => launch(pointer(x), pointer(x), f32(2), { type: 'i64', value: 0.5 })).toThrow(
      'argument 4 of kernel scale4 is a i64 for a .u64, but 0.5 is none',
    )
    expect(() => launch(pointer(x), pointer(x), f32(2), { type: 'i64', value: 2n ** 63n })).toThrow(
      'but 9223372036854775808 is none',
    )
    expect(on.standIn.calls('cuLaunchKernel')).toBe(0)
    launch(...good)
    expect(floats(x).slice(0, 3)).toEqual([1, 0, 0])
    device[Symbol.dispose]()
  })

  it('refuses extents that no device takes', async () => {
    const device = await opened()
    const tile = device.load(shapes).kernel('tile')
    const x = uploaded(device, new Float32Array(4))
    const args = [pointer(x), pointer(x), i32(0)]
    for (const grid of [
      [0, 1, 1],
      [1, 65_536, 1],
      [1, 1, 65_536],
      [2 ** 31, 1, 1],
      [1.5, 1, 1],
      [Number.NaN, 1, 1],
    ] as const)
      expect(() => tile.launch({ grid, block: one, args })).toThrow(/a grid of .*: each extent is an integer from 1/)
    for (const block of [
      [1025, 1, 1],
      [1, 1025, 1],
      [1, 1, 65],
      [-1, 1, 1],
    ] as const)
      expect(() => tile.launch({ grid: one, block, args })).toThrow(
        /a block of .*: each extent is an integer from 1 to 1024, 1024, 64/,
      )
    expect(() => tile.launch({ grid: one, block: [33, 32, 1], args })).toThrow(
      'a block of 1056 threads: kernel tile takes at most 1024',
    )
    expect(on.standIn.calls('cuLaunchKernel')).toBe(0)
    device[Symbol.dispose]()
  })

  it('asks once for more than 48 KiB of shared memory, and refuses more than there is', async () => {
    const device = await opened()
    const mean = device.load(shapes).kernel('plane_mean')
    const [x, y] = [
      uploaded(
        device,
        Float32Array.from({ length: 64 }, (_, k) => k),
      ),
      device.allocate(4),
    ]
    const launch = (sharedBytes: number) =>
      mean.launch({ grid: one, block: [64, 1, 1], sharedBytes, args: [pointer(x), pointer(y), i32(64)] })
    for (const bytes of [227 * 1024 + 1, -1, 0.5])
      expect(() => launch(bytes)).toThrow(/kernel plane_mean can have 0 to 232448 on GPU 0 \(Stand-in H100\)/)
    launch(48 << 10)
    expect(on.standIn.calls('cuFuncSetAttribute')).toBe(0)
    launch((48 << 10) + 1)
    launch(227 << 10)
    expect(on.standIn.calls('cuFuncSetAttribute')).toBe(1)
    expect(floats(y)).toEqual([31.5])
    expect(on.standIn.launched.map(({ sharedBytes }) => sharedBytes)).toEqual([48 << 10, (48 << 10) + 1, 227 << 10])
    device[Symbol.dispose]()
  })

  it('counts what the kernel itself declares of shared memory', async () => {
    const device = await opened()
    const tile = device.load(shapes).kernel('tile')
    const [x, y] = [uploaded(device, new Float32Array(1)), device.allocate(4)]
    const launch = (sharedBytes: number) =>
      tile.launch({ grid: one, block: [128, 1, 1], sharedBytes, args: [pointer(x), pointer(y), i32(1)] })
    // A row of 130 floats.
    const own = 520
    launch((48 << 10) - own)
    expect(on.standIn.calls('cuFuncSetAttribute')).toBe(0)
    launch((48 << 10) - own + 1)
    launch(200 << 10)
    expect(on.standIn.calls('cuFuncSetAttribute')).toBe(1)
    expect(() => launch((227 << 10) - own + 1)).toThrow(`can have 0 to ${(227 << 10) - own}`)
    expect(floats(y)).toEqual([0])
    device[Symbol.dispose]()
  })

  it('passes on what the driver itself refuses, with what to do', async () => {
    const device = await opened()
    const tile = device.load(shapes).kernel('tile')
    const x = uploaded(device, new Float32Array([1, 2, 3]))
    const y = device.allocate(12)
    on.standIn.fail('cuLaunchKernel', 701)
    expect(() => launchTile(tile, x, y, 3)).toThrow(DriverError)
    on.standIn.fail('cuLaunchKernel', 701)
    expect(() => launchTile(tile, x, y, 3)).toThrow(/launching kernel tile failed: cuLaunchKernel gives .*fewer threads/)
    launchTile(tile, x, y, 3)
    expect(floats(y)).toEqual(neighbourSums([1, 2, 3]))
    device[Symbol.dispose]()
  })
})

describe('packing', () => {
  const signature = (text: string) =>
    readSignatures({ ptx: `.visible .entry k(${text})\n{ }`, cubin: new Uint8Array() }).get('k')!
  const packed = (text: string, ...args: (KernelArgument | StructArgument)[]): number[] => {
    const bytes = new Uint8Array(parameterBytes(signature(text)))
    packArguments(signature(text), args, new DataView(bytes.buffer))
    return [...bytes]
  }

  it('lays parameters out as C does, and narrow ones take 32-bit integers', () => {
    expect(packed('.param .u8 a, .param .u16 b, .param .b32 c', i32(-1), i32(258), f32(1))).toEqual([255, 0, 2, 1, 0, 0, 128, 63])
    expect(
      packed('.param .b32 a,\n.param .u64 .ptr .global .align 4 b', i32(-2), { type: 'u64', value: 2n ** 64n - 2n }),
    ).toEqual([...[254, 255, 255, 255, 0, 0, 0, 0], ...[254, 255, 255, 255, 255, 255, 255, 255]])
    expect(packed('.param .f64 a // commas, here', { type: 'f64', value: 1 })).toEqual([0, 0, 0, 0, 0, 0, 240, 63])
    expect(packed('')).toEqual([])
    const struct: StructArgument = { type: 'struct', bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) }
    expect(packed('.param .u8 a, .param .align 2 .b8 s[6]', i32(9), struct)).toEqual([9, 0, 1, 2, 3, 4, 5, 6])
    expect(packed('.param .u16 h', { type: 'u32', value: 65_535 })).toEqual([255, 255])
  })

  it('refuses values that would be cut', () => {
    const u32 = (value: number | bigint): KernelArgument => ({ type: 'u32', value })
    expect(() => packed('.param .u32 a', u32(-1))).toThrow('argument 1 of kernel k is a u32 for a .u32, but -1 is none')
    expect(() => packed('.param .u32 a', u32(2 ** 32))).toThrow(LaunchError)
    expect(() => packed('.param .s32 a', i32(2 ** 31))).toThrow(LaunchError)
    expect(() => packed('.param .u16 a', i32(65_536))).toThrow(LaunchError)
    expect(() => packed('.param .u8 a', i32(-129))).toThrow(LaunchError)
    expect(() => packed('.param .f32 a', { type: 'f32', value: 1n })).toThrow(LaunchError)
    expect(() => packed('.param .u16 a', f32(1))).toThrow('is a .u16, but a f32 is given')
    expect(() => packed('.param .u64 a', { type: 'f64', value: 1 })).toThrow(LaunchError)
    expect(() => packed('.param .align 8 .b8 s[24]', i32(1))).toThrow(
      'is a struct of 24 bytes, but a i32 is given: give its bytes',
    )
    const short: StructArgument = { type: 'struct', bytes: new Uint8Array(16) }
    expect(() => packed('.param .align 8 .b8 s[24]', short)).toThrow('is of 24 bytes, but a struct of 16 is given')
  })

  it('refuses declarations that it does not understand', () => {
    for (const text of ['.param .u128 a', '.param .u32', '.reg .u32 a', '.param .u32 a b', '.param .u64 .ptr .nowhere a'])
      expect(() => signature(text)).toThrow(/kernel k has a parameter that is not understood/)
  })
})

describe.each(nvrtcs)('signatures from $name', (nvrtcOf) => {
  it('agree with the binary on every architecture', async (context) => {
    const nvrtc = await loadOrSkip(nvrtcOf, context)
    for (const arch of nvrtc.supportedArchs().filter((x) => x >= 70)) {
      const compiled = await nvrtc.compile(mixed, { arch })
      const signatures = readSignatures(compiled)
      expect([...signatures.keys()].sort()).toEqual(['crowded', 'dynamic', 'local', 'parameters', 'staged'])
      expect(signatures.get('parameters')?.parameters.map(({ offset }) => offset)).toEqual([0, 2, 8, 16, 24])
    }
  })

  it('are refused where PTX and binary are of two texts', async (context) => {
    const nvrtc = await loadOrSkip(nvrtcOf, context)
    const kernel = (parameters: string) => nvrtc.compile(`extern "C" __global__ void k(${parameters}) {}`, { arch: 80 })
    const [a, b, c] = [await kernel('int a'), await kernel('int a, int b'), await kernel('double a')]
    const two = { ptx: a.ptx, cubin: b.cubin }
    const message = 'PTX and binary differ in what kernel k takes: they are of two texts. Compile it anew.'
    expect(() => readSignatures(two)).toThrow(new CudaError(message))
    expect(() => readSignatures({ ptx: a.ptx, cubin: c.cubin })).toThrow(new CudaError(message))
    expect(() => readSignatures({ ptx: a.ptx.replaceAll('k', 'l'), cubin: a.cubin })).toThrow('what kernel l takes')
    expect(() => readSignatures({ ptx: a.ptx, cubin: a.cubin.subarray(0, 100) })).toThrow(CubinError)
    const narrow = await kernel('char a, char b, int c')
    const moved = narrow.ptx.replace('.param .u8 k_param_1', '.param .align 2 .u8 k_param_1')
    expect(moved).not.toBe(narrow.ptx)
    expect(() => readSignatures({ ptx: moved, cubin: narrow.cubin })).toThrow(new CudaError(message))
    const device = await openDriver()
    expect(() => device.load(two)).toThrow(new CudaError(message))
    device[Symbol.dispose]()
  })
})
