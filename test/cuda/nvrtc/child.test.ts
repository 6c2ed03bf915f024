/** Compiling in a child process: the same results, and an end to what does not end well. */
import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { CompilerCrashError, CudaError } from '../../../runtime/cuda/errors.ts'
import { type ChildOptions, NvrtcChild } from '../../../runtime/cuda/nvrtc/child.ts'
import { NvrtcError } from '../../../runtime/cuda/nvrtc/diagnostics.ts'
import type { Nvrtc } from '../../../runtime/cuda/nvrtc/nvrtc.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { copy, nested } from './kernels.ts'

const sm80 = { arch: 80 } as const
const children: NvrtcChild[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.close()
})
const childOf = (nvrtc: Nvrtc | { version: [number, number]; path: string }, options?: ChildOptions): NvrtcChild => {
  const child = new NvrtcChild(nvrtc, options)
  children.push(child)
  return child
}

describe.each(nvrtcs)('$name in a child', (one) => {
  it('gives what it gives here, one text after the other', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const child = childOf(nvrtc)
    const here = await nvrtc.compile(copy, sm80)
    const [there, again] = await Promise.all([child.compile(copy, sm80), child.compile(copy, { arch: 86 })])
    expect(there.ptx).toBe(here.ptx)
    expect(there.cubin).toBeInstanceOf(Uint8Array)
    expect(Buffer.compare(there.cubin, here.cubin)).toBe(0)
    expect(again.ptx).toContain('sm_86')
  })

  it('refuses with the same error', async (context) => {
    const nvrtc = await loadOrSkip(one, context)
    const bad = 'extern "C" __global__ void k() {\n  foo();\n}\n'
    const [here, there] = await Promise.all(
      [nvrtc, childOf(nvrtc)].map((compiler) => compiler.compile(bad, sm80).catch((error: unknown) => error)),
    )
    expect(there).toBeInstanceOf(NvrtcError)
    expect((there as NvrtcError).message).toBe((here as NvrtcError).message)
    expect((there as NvrtcError).diagnostics).toEqual((here as NvrtcError).diagnostics)
  })

  it('outlives a crash of the compiler', async (context) => {
    const child = childOf(await loadOrSkip(one, context))
    const crash = await child.compile(nested(200_000), sm80).catch((error: unknown) => error)
    expect(crash).toBeInstanceOf(CompilerCrashError)
    expect((crash as CompilerCrashError).ending).toBe('SIGSEGV')
    expect((await child.compile(copy, sm80)).ptx).toContain('copy')
  })

  it('does not keep a program that is done from ending', async (context) => {
    const { path, version } = await loadOrSkip(one, context)
    const module = new URL('../../../runtime/cuda/nvrtc/child.ts', import.meta.url)
    const program = `
      const { NvrtcChild } = await import(${JSON.stringify(module)})
      const child = new NvrtcChild(${JSON.stringify({ path, version })})
      console.log((await child.compile(${JSON.stringify(copy)}, { arch: 80 })).cubin.length > 0)`
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect([status, stdout]).toEqual([0, 'true\n'])
  })

  it('stops what takes too long', async (context) => {
    const child = childOf(await loadOrSkip(one, context), { timeoutMs: 1500 })
    const terms = Array.from({ length: 20_000 }, (_, i) => `x[${i}] * x[${i + 1}]`).join(' + ')
    const slow = `extern "C" __global__ void slow(float* x) { x[0] = ${terms}; }`
    const began = performance.now()
    const late = await child.compile(slow, sm80).catch((error: unknown) => error)
    expect(late).toBeInstanceOf(CompilerCrashError)
    expect((late as CompilerCrashError).ending).toBe('time limit')
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('a child without a compiler', () => {
  it('says what is missing', async () => {
    const child = childOf({ version: [13, 0], path: '/nowhere/libnvrtc.so.13' })
    const failed = await child.compile(copy, sm80).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(CudaError)
    expect((failed as CudaError).message).toContain('/nowhere/libnvrtc.so.13')
  })
})
