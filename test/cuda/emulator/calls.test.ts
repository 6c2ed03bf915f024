/** Functions that kernels call: by name, with values and structs, with local variables and barriers of their own. */
import { describe, expect, it } from 'vitest'
import { Emulator, loadPtx, PtxError } from '../../../runtime/cuda/emulator/emulator.ts'
import { loadOrSkip, nvrtcs } from '../nvrtc.ts'
import { compiledVariants } from './compiled.ts'
import { i32, launchOn } from './device.ts'

const device = new Emulator()
const noise = (n: number): Float32Array => Float32Array.from({ length: n }, (_, k) => Math.sin(k * 12.9898) * 4)

describe.each(compiledVariants)('$title', ({ load }) => {
  it('passes structs, and calls within calls', async (context) => {
    const n = 75
    const [x, y, z] = [noise(n), new Float32Array(n), new Float32Array(n)]
    const args = [{ input: x }, { output: y }, { output: z }, i32(n)]
    expect(launchOn(device, await load('calls', context), 'windows', { grid: 3, block: 32 }, args).findings).toEqual([])
    for (let k = 0; k < n; k++) {
      const window = x.subarray(Math.max(k - 2, 0), Math.min(k + 3, n))
      const mean = window.reduce((a, b) => a + b) / window.length
      expect(y[k]).toBeCloseTo(mean, 4)
      expect(z[k]).toBeCloseTo(window.reduce((sum, v) => sum + (v - mean) ** 2, 0) / window.length, 4)
    }
  })
  it('has local arrays', async (context) => {
    const [table, k, y] = [noise(16), Int32Array.from({ length: 32 }, (_, i) => i * 5), new Float32Array(32)]
    const args = [{ input: table }, { input: k }, { output: y }]
    expect(launchOn(device, await load('calls', context), 'locals', { grid: 1, block: 32 }, args).findings).toEqual([])
    y.forEach((value, i) => {
      const [p, q] = [k[i]! & 7, (k[i]! + 1) & 7]
      expect(value).toBeCloseTo(table[p]! * (p + 1) + table[8 + q]! * (q + 1), 4)
    })
  })
  it('waits within', async (context) => {
    const [n, blocks] = [96, 3]
    const [x, y] = [noise(n * blocks), new Float32Array(n * blocks)]
    const args = [{ input: x }, { output: y }, i32(n)]
    expect(launchOn(device, await load('calls', context), 'standardise', { grid: blocks, block: n }, args).findings).toEqual([])
    for (let b = 0; b < blocks; b++) {
      const row = x.subarray(b * n, (b + 1) * n)
      const mean = row.reduce((a, v) => a + v) / n
      const variance = row.reduce((a, v) => a + (v - mean) ** 2, 0) / n
      for (let k = 0; k < n; k++) expect(y[b * n + k]).toBeCloseTo((row[k]! - mean) / Math.sqrt(variance + 1e-5), 3)
    }
  })
})

describe.each(nvrtcs)('$name', (nvrtc) => {
  const refused = [
    ['printf', 'extern "C" __global__ void k(int n) { printf("%d", n); }', /a call of 'vprintf'.*no printf/],
    [
      'assert',
      'extern "C" __device__ void __assertfail(const char*, const char*, unsigned, const char*, size_t);\nextern "C" __global__ void k(int n) { if (n) __assertfail("n", "f", 1, "k", 1); }',
      /a call of '__assertfail'.*NDEBUG/,
    ],
    [
      'recursion',
      '__device__ __noinline__ int f(int n) { return n < 2 ? 1 : f(n - 1) + f(n - 2); }\nextern "C" __global__ void k(int* y, int n) { *y = f(n); }',
      /a call of '\w*f\w*' from within itself/,
    ],
    [
      'pointers',
      '__device__ __noinline__ int f(int n) { return n + 1; }\n__device__ __noinline__ int g(int n) { return n - 1; }\n__device__ int (*table[2])(int) = {f, g};\nextern "C" __global__ void k(int* y, int n) { *y = table[n](n); }',
      /PTX line \d+/,
    ],
  ] as const
  it.for(refused)('refuses $0 by name', async ([, source, message], context) => {
    const compiler = await loadOrSkip(nvrtc, context)
    const { ptx } = await compiler.compile(source, { arch: compiler.supportedArchs()[1]!, ptxOnly: true })
    expect(() => loadPtx(ptx)).toThrow(PtxError)
    expect(() => loadPtx(ptx)).toThrow(message)
  })
})

/** A kernel that calls `f`, and functions behind it. */
const calling = (call: string, functions: string) => () =>
  loadPtx(`.version 8.0
.target sm_80
.address_size 64
${functions}
.visible .entry k(.param .u64 x)
{
.reg .b32 %r<4>; .reg .b64 %rd<4>; .reg .pred %p<2>;
mov.u32 %r1, 5;
{ .param .b32 param0; .param .b32 retval0;
st.param.b32 [param0], %r1;
${call}
ld.param.b32 %r2, [retval0]; }
ld.param.u64 %rd1, [x];
st.global.u32 [%rd1], %r2;
ret;
}
`)

const twice = `.func (.param .b32 result) f(.param .b32 value)
{ .reg .b32 %r<3>; ld.param.b32 %r1, [value]; add.s32 %r2, %r1, %r1; st.param.b32 [result], %r2; ret; }`

describe('by hand', () => {
  const run = (load: () => ReturnType<typeof loadPtx>): { readonly value: number; readonly kinds: readonly string[] } => {
    const y = new Uint32Array(1)
    const report = launchOn(device, load(), 'k', { grid: 1, block: 1 }, [{ both: y }])
    return { value: y[0]!, kinds: report.findings.map(({ kind }) => kind) }
  }
  it('calls, returns early, and skips a call that is guarded', () => {
    expect(run(calling('call.uni (retval0), f, (param0);', twice))).toEqual({ value: 10, kinds: [] })
    const early = twice.replace('add.s32', 'st.param.b32 [result], %r1; .reg .pred %q; setp.gt.u32 %q, %r1, 3; @%q ret; add.s32')
    expect(run(calling('call.uni (retval0), f, (param0);', early)).value).toBe(5)
    const guarded = 'st.param.b32 [retval0], %r1; setp.eq.u32 %p1, %r1, 6; @%p1 call.uni (retval0), f, (param0);'
    expect(run(calling(guarded, twice)).value).toBe(5)
  })
  it('finds a function that does not give what it should', () => {
    const forgets = twice.replace('st.param.b32 [result], %r2;', '')
    expect(run(calling('call.uni (retval0), f, (param0);', forgets)).kinds).toEqual(['uninitialised'])
  })
  it.each([
    ['call.uni (retval0), g, (param0);', /a call of 'g': this PTX does not define it/],
    ['call.uni (retval0), f, (param0, param0);', /a call with 2 values where the function has 1/],
    ['call.uni f, (param0);', /a call with 0 values where the function has 1/],
    ['call (retval0), %rd1, (param0), prototype;', /a call through a pointer/],
    ['call.uni (retval0), f, (%r1);', /passes variables of the space \.param, no registers/],
    ['call.uni (retval0), f, (param0', /expected/],
  ] as const)('%s', (call, message) => {
    expect(calling(call, twice)).toThrow(PtxError)
    expect(calling(call, twice)).toThrow(message)
  })
  it('ends what grows without bounds', () => {
    const level = (n: number): string => `.func f${n}() { ${`call.uni f${n - 1};\n`.repeat(40)} ret; }`
    const functions = [`.func f0() { .reg .b32 %r<2>; ${'add.s32 %r1, %r1, 1;'.repeat(20)} ret; }`, ...[1, 2, 3, 4].map(level)]
    expect(calling(`call.uni (retval0), f, (param0); call.uni f4;`, `${twice}\n${functions.join('\n')}`)).toThrow(
      /more than 400000 instructions, since calls/,
    )
  })
})
