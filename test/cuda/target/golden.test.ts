/** Every golden case on CUDA kernels as either generation of NVRTC compiles them, by the library and by the command line. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { layerRunners } from '../../../layers/golden.ts'
import { checkCase, type GoldenOptions, readGolden } from '../../../runtime/golden.ts'
import { specs } from '../../../specs/index.ts'
import { call } from '../../cli/call.ts'
import { loadOrSkip, type NvrtcUnderTest, nvrtcs } from '../nvrtc.ts'
import { emulated } from './emulated.ts'

const folder = fileURLToPath(new URL('../../golden/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
const casesOf = (file: string) => readGolden(readFileSync(`${folder}${file}`, 'utf8')).cases

/** The cases of a file that did not pass, with their reasons. */
const shortfall = async (
  cuda: Awaited<ReturnType<typeof emulated>>,
  file: string,
  options: Omit<GoldenOptions, 'operators' | 'layers'> = {},
): Promise<readonly string[]> => {
  // Side by side, since NVRTC compiles on other threads.
  const tables = { operators: specs, layers: layerRunners }
  const reports = casesOf(file).map((one) => checkCase(one, cuda.target, { ...tables, ...options }))
  return (await Promise.all(reports)).flatMap(({ id, status, reason }) =>
    status === 'passed' ? [] : [`${status} ${id}: ${reason}`],
  )
}

it('there are nine files', () => expect(files).toHaveLength(9))

const [newest, ...older] = nvrtcs as readonly [NvrtcUnderTest, ...NvrtcUnderTest[]]

// The newest by the command line, below.
describe.each(older)('on $name', (nvrtc) => {
  it.for(files)('all cases of %s pass', { timeout: 240_000 }, async (file, context) => {
    expect(await shortfall(await emulated(nvrtc, context), file)).toEqual([])
  })
})

// The two differ in their conversions: of bfloat16 the files with NaN, infinities and negative zeros are enough.
// A layer has no bounds in 16 bits.
describe.each([
  ['float16', files.filter((name) => name !== 'gaussian-layer.json')],
  ['bfloat16', files.filter((name) => name.startsWith('max'))],
] as const)('stored as %s', (dtype, of) => {
  it.for(of)('all cases of %s pass', { timeout: 240_000 }, async (file, context) => {
    expect(await shortfall(await emulated(newest, context), file, { dtype })).toEqual([])
  })
})

it('kernels of the newer code generator pass too', async (context) => {
  const cuda = await emulated(newest, context, { arch: 100 })
  expect(await shortfall(cuda, 'gaussian.json')).toEqual([])
})

it('the command line reports all of them', { timeout: 240_000 }, async (context) => {
  const { path } = await loadOrSkip(newest, context)
  const paths = files.map((file) => `${folder}${file}`)
  process.env.POOLWRIGHT_NVRTC = path
  const { code, out, err } = await call('check', ...paths, '--target', 'cuda', '--device', 'emulator', '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const cases = files.flatMap(casesOf).length
  const report = JSON.parse(out)
  expect(report.cases.filter(({ status }: { status: string }) => status !== 'passed')).toEqual([])
  expect(report).toMatchObject({ target: 'cuda', passed: cases, failed: 0, skipped: 0 })
  expect(report.device).toMatch(/^emulator, NVRTC \d+\.\d+, sm_\d+$/)
})
