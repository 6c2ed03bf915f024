/** `poolwright sanitize` as a person calls it: kernels that are clean, kernels with one fault each, and calls that mean nothing. */
import { existsSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it, type TestContext } from 'vitest'
import { encodeNpy, readNpy } from '../../cli/files/npy.ts'
import { loadOrSkip, nvrtcs } from '../cuda/nvrtc.ts'
import { call, folder } from './call.ts'

const source = `extern "C" __global__ void twice(const float *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2.0f * x[i];
}
extern "C" __global__ void beyond(const float *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) y[i] = 2.0f * x[i];
}
extern "C" __global__ void turned(float *x, int n) {
  __shared__ float tile[64];
  tile[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] = tile[n - 1 - threadIdx.x];
}
extern "C" __global__ void negated(const unsigned short *x, unsigned short *y) {
  y[threadIdx.x] = x[threadIdx.x] ^ 0x8000;
}
`

const at = folder()
writeFileSync(at('k.cu'), source)
writeFileSync(at('wrong.cu'), source.replace('2.0f * x[i]', '2.0f * z[i]'))
writeFileSync(at('x.npy'), encodeNpy({ shape: [64], data: Float32Array.from({ length: 64 }, (_, i) => i) }))
const lines = source.split('\n')
const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1

describe.each(nvrtcs)('on $name', (nvrtc) => {
  const sanitize = async (context: TestContext, kernel: string, ...words: string[]) => {
    const { path } = await loadOrSkip(nvrtc, context)
    const args = words.flatMap((word) => (word.startsWith('--') ? [word] : ['--arg', word]))
    return call('sanitize', at('k.cu'), '--kernel', kernel, '--grid', '1', '--block', '64', '--nvrtc', path, ...args)
  }

  it('runs a clean kernel, and keeps what it wrote', async (context) => {
    const { code, out } = await sanitize(context, 'twice', `in:${at('x.npy')}`, `out:f32:64=${at('y.npy')}`, 'i32:64')
    expect(out).toMatch(/^no findings\n {2}NVRTC \d+\.\d+, sm_80: \d+ registers/)
    expect(code).toBe(0)
    const { shape, data } = readNpy(await readFile(at('y.npy')), 'y.npy')
    expect(shape).toEqual([64])
    expect([...data]).toEqual(Array.from({ length: 64 }, (_, i) => 2 * i))
  })

  it('hands on halves by their bits', async (context) => {
    const halves = Uint16Array.from({ length: 64 }, (_, k) => 0x3c00 + k)
    writeFileSync(at('h.npy'), encodeNpy({ shape: [64], data: halves }))
    const { code } = await sanitize(context, 'negated', `in:${at('h.npy')}`, `out:f16:64=${at('n.npy')}`)
    expect(code).toBe(0)
    expect(readNpy(await readFile(at('n.npy')), 'n.npy').data).toEqual(halves.map((bits) => bits | 0x8000))
  })

  it('shows where a kernel leaves its memory, and writes nothing', async (context) => {
    const { code, out } = await sanitize(context, 'beyond', `in:${at('x.npy')}`, `out:f32:32=${at('short.npy')}`, 'i32:32')
    expect(code).toBe(1)
    expect(out).toContain(`k.cu:${lineOf('i <= n')}: out-of-bounds: `)
    expect(out).toContain(`${lineOf('i <= n')} |   if (i <= n) y[i] = 2.0f * x[i];`)
    expect(existsSync(at('short.npy'))).toBe(false)
  })

  it('finds a race and an output that is not written, as JSON', async (context) => {
    const race = await sanitize(context, 'turned', `inout:${at('x.npy')}`, 'i32:64', '--json')
    expect(race.code).toBe(1)
    const kinds = JSON.parse(race.out).findings.map(({ kind, line }: { kind: string; line: number }) => `${kind} ${line}`)
    expect(kinds).toContain(`shared-race ${lineOf('tile[threadIdx.x] =')}`)
    const short = await sanitize(context, 'twice', `in:${at('x.npy')}`, 'out:f32:64', 'i32:48', '--json')
    expect(short.code).toBe(1)
    const report = JSON.parse(short.out)
    expect(report.findings).toMatchObject([{ kind: 'unwritten', line: null, block: null, thread: null }])
    expect(report.counts.globalStores).toEqual({ accesses: 2, bytes: 192, sectors: 6 })
  })

  it('names the kernels that there are, and marks a mistake in the source', async (context) => {
    const unknown = await sanitize(context, 'thrice')
    expect(unknown).toMatchObject({ code: 2, out: '' })
    expect(unknown.err).toContain("there is no kernel 'thrice': the file has ")
    const { path } = await loadOrSkip(nvrtc, context)
    const wrong = await call('sanitize', at('wrong.cu'), '--kernel', 'twice', '--grid', '1', '--block', '1', '--nvrtc', path)
    expect(wrong.code).toBe(2)
    expect(wrong.err).toMatch(/"z" is undefined/)
  })
})

it('tells of all that is missing at once', async () => {
  const { code, err } = await call('sanitize')
  expect(code).toBe(2)
  for (const flag of ['FILE', '--kernel', '--grid', '--block']) expect(err).toContain(`${flag} is missing`)
})

it('says where it looked for NVRTC, and ends with 3', async () => {
  const words = ['--kernel', 'twice', '--grid', '1', '--block', '1', '--nvrtc', at('nowhere.so')]
  const { code, err } = await call('sanitize', at('k.cu'), ...words)
  expect(code).toBe(3)
  expect(err).toContain('nowhere.so')
})
