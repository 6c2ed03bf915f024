/** The target `cuda` on the command line where NVRTC is: kernels on the emulator, what they took, and what they would take of a GPU. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, type TestContext, vi } from 'vitest'
import { encodeNpy, readNpy } from '../../cli/files/npy.ts'
import { loadOrSkip, type NvrtcUnderTest, nvrtcs } from '../cuda/nvrtc.ts'
import { call, folder } from './call.ts'

const at = folder()
const shape = [2, 3, 8, 8]
writeFileSync(at('x.npy'), encodeNpy({ shape, data: Float32Array.from({ length: 384 }, (_, k) => Math.sin(3 * k)) }))

afterEach(() => vi.unstubAllEnvs())

describe.each(nvrtcs)('on $name', (nvrtc) => {
  const on = async (of: NvrtcUnderTest, context: TestContext) => {
    const { path, version } = await loadOrSkip(of, context)
    vi.stubEnv('POOLWRIGHT_NVRTC', path)
    return `NVRTC ${version.join('.')}`
  }
  const emulator = ['--target', 'cuda', '--device', 'emulator']

  it('run computes what the oracle computes', async (context) => {
    await on(nvrtc, context)
    const words = (y: string, dx: string) => [
      'gaussian',
      at('x.npy'),
      at(y),
      '--kernel',
      '2',
      '--param',
      'weight=0.5',
      '--grad-input',
      at(dx),
    ]
    expect(await call('run', ...words('y.npy', 'dx.npy'), ...emulator)).toEqual({ code: 0, out: '', err: '' })
    expect(await call('run', ...words('oy.npy', 'odx.npy'), '--target', 'oracle')).toEqual({ code: 0, out: '', err: '' })
    for (const name of ['y.npy', 'dx.npy']) {
      const [got, want] = [readNpy(readFileSync(at(name)), name), readNpy(readFileSync(at(`o${name}`)), name)]
      expect(got.shape).toEqual(want.shape)
      got.data.forEach((value, k) => {
        expect(value).toBeCloseTo(want.data[k]!, 5)
      })
    }
  })

  it('run --counts tells what each launch took', async (context) => {
    const version = await on(nvrtc, context)
    const words = ['run', 'max', at('x.npy'), at('y.npy'), '--kernel', '2', '--grad-input', at('dx.npy'), ...emulator, '--counts']
    const { code, out, err } = await call(...words)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ +maxForward +maxBackward\n/)
    // 384 numbers are read once, of 4 bytes each, and 96 written.
    expect(out).toMatch(/^global loads, bytes +1,536 /m)
    expect(out).toMatch(/^global stores, bytes +384 +1,536$/m)
    expect(out).toMatch(/^shared memory, bank conflicts +0 +0$/m)
    const report = JSON.parse((await call(...words, '--json')).out)
    expect(report.device).toContain(version)
    expect(report.counts).toHaveLength(2)
    expect(report.counts[0]).toMatchObject({
      kernel: 'maxForward',
      globalLoads: { bytes: 1536 },
      globalStores: { bytes: 384, sectors: 12 },
    })
    expect(report.counts[0].instructions.load).toBeGreaterThan(0)
  })

  it('check names the compiler and the architecture', async (context) => {
    const version = await on(nvrtc, context)
    const { code, out } = await call('check', 'test/golden/max-special.json', ...emulator, '--dtype', 'float16', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ target: 'cuda', device: `emulator, ${version}, sm_80`, dtype: 'float16', passed: 6 })
  })

  it('show --resources tells what kernels take of a GPU', async (context) => {
    const version = await on(nvrtc, context)
    const words = ['show', 'gaussian', '--kernel', '3', '--stride', '2', '--backward', '--target', 'cuda', '--resources']
    const schedule = ['--schedule', '{"threads": 128, "minBlocks": 4}']
    const { code, out, err } = await call(...words, '--arch', 'sm_90', ...schedule)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`^${version}, sm_90 +gaussianBackwardWindows `))
    expect(out).toMatch(/^ {2}blocks that must fit +4 /m)
    const report = JSON.parse((await call(...words, '--arch', '80', ...schedule, '--json')).out)
    expect(report).toMatchObject({ what: 'resources', direction: 'backward', compiler: `${version}, sm_80` })
    const [windows] = report.kernels
    expect(windows).toMatchObject({
      name: 'gaussianBackwardWindows',
      frame: 0,
      spillStores: 0,
      bounds: { threads: 128, minBlocks: 4 },
    })
    expect(windows.registers).toBeGreaterThan(8)
    expect(windows.occupancy.blocks).toBeGreaterThanOrEqual(4)
    expect(['threads', 'registers', 'shared memory']).toContain(windows.occupancy.bound)
    const old = await call(...words, '--arch', '20')
    expect(old).toMatchObject({ code: 3, out: '' })
    expect(old.err).toContain('this NVRTC does not compile for sm_20: choose one of ')
  })

  it('doctor finds the emulator', async (context) => {
    const version = await on(nvrtc, context)
    const report = JSON.parse((await call('doctor', '--json')).out)
    expect(report.nvrtc.detail).toContain(version)
    expect(report.targets.emulator).toMatchObject({ available: true, detail: expect.stringContaining('--device emulator') })
  })
})
