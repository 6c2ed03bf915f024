/** The target `cuda` on the command line where there is nothing of CUDA: what can be shown all the same, and what is said of the rest. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, folder } from './call.ts'

const at = folder()
const golden = 'test/golden/max-special.json'

beforeEach(() => {
  vi.stubEnv('POOLWRIGHT_NVRTC', at('no-nvrtc.so'))
  vi.stubEnv('POOLWRIGHT_LIBCUDA', at('no-libcuda.so'))
})
afterEach(() => vi.unstubAllEnvs())

describe('show --target cuda', () => {
  const show = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await call('show', ...words, '--target', 'cuda')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return out
  }

  it('prints the source, without a GPU, a driver or a compiler', async () => {
    const forward = await show('gaussian', '--kernel', '3', '--stride', '2', '--padding', '1')
    expect(forward).toContain('// gaussian: mean(x) + weight * sqrt(max(var(x), eps))')
    expect(forward).toMatch(/extern "C" __global__ void __launch_bounds__\(\d+, \d+\) gaussianForward\(/)
    const backward = await show('gaussian', '--kernel', '3', '--stride', '2', '--padding', '1', '--backward')
    expect(backward).toContain('gaussianBackward')
    expect(JSON.parse(await show('max', '--kernel', '2', '--json'))).toMatchObject({ what: 'source', direction: 'forward' })
  })

  it.each([
    ['float16', 'unsigned short*'],
    ['bfloat16', 'unsigned short*'],
    ['float64', 'double*'],
    ['float32', 'float*'],
  ])('stores %s', async (dtype, type) => {
    expect(await show('avg', '--kernel', '2', '--dtype', dtype)).toContain(`const ${type} __restrict__ x`)
  })

  it('carries out a schedule, and says why it cannot', async () => {
    expect(await show('avg', '--kernel', '2', '--schedule', '{"threads": 64, "minBlocks": 8}')).toContain(
      '__launch_bounds__(64, 8)',
    )
    const refused = await call('show', 'avg', '--kernel', '2', '--target', 'cuda', '--schedule', '{"threads": 65}')
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toContain('the schedule is refused: threads is 65; it must be a power of two')
    const unknown = await call('show', 'avg', '--kernel', '2', '--target', 'cuda', '--schedule', '{"tiles": 2}')
    expect(unknown.err).toContain("the cuda target has no schedule axis 'tiles'")
  })
})

describe('flags that do not go together', () => {
  it.each([
    [['show', 'max', '--kernel', '2', '--resources'], '--resources: only CUDA kernels'],
    [['show', 'max', '--kernel', '2', '--arch', '90'], '--arch 90: source text is the same for every architecture'],
    [
      ['show', 'max', '--kernel', '2', '--target', 'cuda', '--resources', '--arch', 'hopper'],
      '--arch hopper: write an architecture',
    ],
    [['show', 'max', '--kernel', '2', '--target', 'cuda', '--resources', '--ir'], '--ir and --resources exclude each other'],
    [['show', 'max', '--target', 'cuda', '--resources'], 'no windows are given'],
    [['run', 'max', 'x.npy', 'y.npy', '--kernel', '2', '--counts'], '--counts: only the emulator counts; add --target cuda'],
    [['run', 'max', 'x.npy', 'y.npy', '--kernel', '2', '--target', 'cuda', '--counts'], '--counts: only the emulator counts'],
    [['check', golden, '--target', 'cuda', '--device', 'gpu'], '--device gpu: name a GPU by its number'],
    [['check', golden, '--target', 'cuda', '--device', '-1'], '--device -1: name a GPU by its number'],
    [['check', golden, '--device', 'emulator'], '--device emulator: the target js has one device'],
    [['check', golden, '--target', 'cuda', '--arith', 'f32'], '--arith f32: the target cuda has its own arithmetic'],
  ])('%j', async (words, reason) => {
    const { code, out, err } = await call(...words)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(reason)
  })
})

describe('what this machine lacks', () => {
  const cannot = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await call(...words)
    expect({ code, out }).toEqual({ code: 3, out: '' })
    return err
  }

  it('is the driver, where no other device was named', async () => {
    for (const device of [[], ['--device', '0']]) {
      const err = await cannot('check', golden, '--target', 'cuda', ...device)
      expect(err).toContain('there is no NVIDIA driver here')
      expect(err).toContain('no-libcuda.so')
      expect(err).toContain('--device emulator')
    }
  })

  it('is NVRTC, on the emulator', async () => {
    const err = await cannot('check', golden, '--target', 'cuda', '--device', 'emulator', '--json')
    expect(err).toContain('NVRTC, the compiler of CUDA, was not found:\n  POOLWRIGHT_NVRTC, ')
    expect(err).toContain('no-nvrtc.so')
    expect(err).toContain('pip install nvidia-cuda-nvrtc')
    expect(await cannot('show', 'max', '--kernel', '2', '--target', 'cuda', '--resources')).toContain('no-nvrtc.so')
  })

  it('is told by doctor, with how to get it', async () => {
    const { code, out } = await call('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(/no +nvrtc +NVRTC, the compiler of CUDA, was not found/)
    expect(out).toMatch(/no +driver +there is no NVIDIA driver here/)
    expect(out).toMatch(/no +cuda +needs what is missing above: driver, nvrtc/)
    expect(out).toMatch(/no +emulator +needs what is missing above: nvrtc/)
    const report = JSON.parse((await call('doctor', '--json')).out)
    expect(report).toMatchObject({
      nvrtc: { available: false },
      driver: { available: false },
      targets: { cuda: { available: false }, emulator: { available: false } },
    })
  })
})
