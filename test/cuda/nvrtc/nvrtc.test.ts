/** Compiling, on each NVRTC that there is. */
import { describe, expect, it } from 'vitest'
import { CudaError } from '../../../runtime/cuda/errors.ts'
import { NvrtcError } from '../../../runtime/cuda/nvrtc/diagnostics.ts'
import type { Nvrtc } from '../../../runtime/cuda/nvrtc/nvrtc.ts'
import type { CompileOptions } from '../../../runtime/cuda/nvrtc/options.ts'
import { readPtxas } from '../../../runtime/cuda/nvrtc/ptxas.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { copy, mixed, nested } from './kernels.ts'

const sm80 = { arch: 80 } as const

const refusal = async (nvrtc: Nvrtc, source: string, options: CompileOptions = sm80): Promise<NvrtcError> => {
  const error = await nvrtc.compile(source, options).catch((error: unknown) => error)
  if (!(error instanceof NvrtcError)) throw new Error(`compiled, or failed otherwise: ${error}`)
  return error
}

describe.each(nvrtcs)('$name', (one) => {
  it('says what it is and compiles for', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    expect(nvrtc.version[0]).toBeGreaterThanOrEqual(11)
    const archs = nvrtc.supportedArchs()
    expect(archs).toContain(80)
    expect(archs).toEqual(archs.toSorted((a, b) => a - b))
  })

  it('gives PTX, a binary and the assembler’s report from one call', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const { ptx, cubin, log, ptxasLog } = await nvrtc.compile(copy, sm80)
    expect(ptx).toMatch(/\.target sm_80[\s\S]*\.visible \.entry copy\(/)
    expect(ptx).not.toContain('\0')
    expect([...cubin.subarray(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46])
    expect(log).toBe('')
    expect(readPtxas(ptxasLog).get('copy')?.registers).toBeGreaterThan(0)
    const again = await nvrtc.compile(copy, sm80)
    expect(again.ptx).toBe(ptx)
    expect(Buffer.compare(again.cubin, cubin)).toBe(0)
  })

  it('heeds its options', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const product = 'extern "C" __global__ void k(float* x) { x[0] = x[1] * x[2] + x[3]; }'
    expect((await nvrtc.compile(product, sm80)).ptx).toContain('fma.rn.f32')
    expect((await nvrtc.compile(product, { ...sm80, fmad: false })).ptx).not.toContain('fma.rn.f32')
    expect((await nvrtc.compile(product, sm80)).ptx).not.toContain('.loc')
    expect((await nvrtc.compile(product, { ...sm80, lineInfo: true, name: 'mine.cu' })).ptx).toMatch(/\.loc[\s\S]*mine\.cu/)
    expect((await nvrtc.compile('#ifndef HERE\n#error\n#endif', { ...sm80, extra: ['-DHERE'] })).cubin.length).toBeGreaterThan(0)
    const ptx = await nvrtc.compile(product, { ...sm80, ptxOnly: true })
    expect([ptx.cubin.length, ptx.ptxasLog]).toEqual([0, ''])
    expect(ptx.ptx).toContain('.target sm_80')
  })

  it('tells spills and warnings', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const { log, ptxasLog } = await nvrtc.compile(`${mixed}__global__ void warned() { int unused = 3; }`, sm80)
    expect(log).toMatch(/kernel\.cu\(\d+\): warning.*"unused"/)
    expect(log).not.toContain('ptxas')
    const crowded = readPtxas(ptxasLog).get('crowded')
    expect(crowded?.registers).toBeLessThanOrEqual(32)
    expect(crowded?.spillStores).toBeGreaterThan(0)
    expect(crowded?.spillLoads).toBeGreaterThan(0)
    expect(readPtxas(ptxasLog).get('staged')?.shared).toBe(2560)
  })

  it('marks what is wrong in the source', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const error = await refusal(nvrtc, 'extern "C" __global__ void k(float* x) {\n  int unused = 3;\n\tx[0] = bar;\n}\n', {
      ...sm80,
      name: 'odd (1).cu',
    })
    expect(error.diagnostics).toEqual([
      expect.objectContaining({ line: 3, severity: 'error', text: 'identifier "bar" is undefined' }),
      expect.objectContaining({ line: 2, severity: 'warning' }),
    ])
    expect(error.message).toMatch(
      /odd \(1\)\.cu:3(:9)?: identifier "bar" is undefined\n {2}1 \| .*\n {2}2 \| .*\n> 3 \| \tx\[0\] = bar;/,
    )
    expect(error.refused.log).toContain('bar')
  })

  it('refuses options and assembly, and says which', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    expect((await refusal(nvrtc, copy, { arch: 10 })).message).toContain('invalid value for --gpu-architecture')
    expect((await refusal(nvrtc, copy, { ...sm80, extra: ['--nonsense'] })).message).toContain('--nonsense')
    const assembly = await refusal(nvrtc, 'extern "C" __global__ void k() { asm("foo.bar;"); }')
    expect(assembly.diagnostics.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0)
    expect(assembly.diagnostics.every(({ line }) => line === undefined)).toBe(true)
    await expect(nvrtc.compile(`${copy}\0`, sm80)).rejects.toThrow(CudaError)
    await expect(nvrtc.compile(copy, { ...sm80, name: 'a\0b' })).rejects.toThrow('NUL')
  })

  it('compiles several at once while the event loop goes on, and gives what it gives alone', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const alone = await nvrtc.compile(mixed, sm80)
    let last = performance.now()
    let worst = 0
    let turns = 0
    const beat = setInterval(() => {
      worst = Math.max(worst, performance.now() - last)
      last = performance.now()
      turns++
    }, 5)
    const all = await Promise.all(Array.from({ length: 6 }, () => nvrtc.compile(mixed, sm80)))
    clearInterval(beat)
    for (const { cubin } of all) expect(Buffer.compare(cubin, alone.cubin)).toBe(0)
    expect(turns).toBeGreaterThan(5)
    console.log(`${one.name}: six compilations, ${turns} turns of the event loop, the longest pause ${worst.toFixed(0)} ms`)
  })

  it('survives what nests deep', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    expect((await nvrtc.compile(nested(1500), sm80)).ptx).toContain('nested')
  })
})
