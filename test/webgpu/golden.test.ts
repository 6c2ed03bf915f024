/** Every golden case as shaders, on whatever adapter is here, by the library and by the command line. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { layerRunners } from '../../layers/golden.ts'
import { checkCase, type GoldenOptions, readGolden } from '../../runtime/golden.ts'
import type { WebGpu } from '../../runtime/webgpu/index.ts'
import { specs } from '../../specs/index.ts'
import { call } from '../cli/call.ts'
import { opened } from './adapter.ts'

const folder = fileURLToPath(new URL('../golden/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

const casesOf = (file: string) => readGolden(readFileSync(`${folder}${file}`, 'utf8')).cases

/** The cases of a file that did not pass, with their reasons. */
const shortfall = async (
  { target }: WebGpu,
  file: string,
  options: Omit<GoldenOptions, 'operators' | 'layers'> = {},
): Promise<readonly string[]> => {
  const tables = { operators: specs, layers: layerRunners }
  const reports = await Promise.all(casesOf(file).map((one) => checkCase(one, target, { ...tables, ...options })))
  return reports.flatMap(({ id, status, reason }) => (status === 'passed' ? [] : [`${status} ${id}: ${reason}`]))
}

it('there are nine files', () => expect(files).toHaveLength(9))

it.for(files)('all cases of %s pass', { timeout: 240_000 }, async (file, context) => {
  const gpu = await opened(context)
  expect(await shortfall(gpu, file)).toEqual([])
  console.info(`${file}: ${casesOf(file).length} cases on ${gpu.description}`)
})

// The two differ in four lines of their conversions: of bfloat16 the files with NaN, infinities and negative zeros are enough.
// A layer has no bounds in 16 bits. Loops stay loops: unrolled, a software adapter compiles packed halves for minutes.
describe.each([
  ['float16', files.filter((name) => name !== 'gaussian-layer.json')],
  ['bfloat16', files.filter((name) => name.startsWith('max'))],
] as const)('stored as %s', (dtype, of) => {
  it.for(of)('all cases of %s pass', { timeout: 240_000 }, async (file, context) => {
    expect(await shortfall(await opened(context), file, { dtype, schedule: { unroll: 'none' } })).toEqual([])
  })
})

it('the command line reports them, with the adapter', async (context) => {
  const { description } = await opened(context)
  const { code, out, err } = await call('check', `${folder}max-special.json`, '--target', 'webgpu', '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const report = JSON.parse(out)
  expect(report).toMatchObject({ target: 'webgpu', failed: 0, skipped: 0, device: `WebGPU, ${description}` })
  expect(report.passed).toBeGreaterThan(0)
  expect(await call('check', `${folder}max.json`, '--target', 'webgpu', '--dtype', 'float64')).toMatchObject({
    code: 2,
    err: expect.stringContaining('the webgpu target stores float32, float16 and bfloat16, not float64'),
  })
})

it('the command line says what is missing, with the exit code for what this machine cannot', async () => {
  vi.stubEnv('POOLWRIGHT_SWIFTSHADER', '/nowhere')
  vi.resetModules()
  const { main } = await import('../../cli/program.ts')
  let err = ''
  const io = {
    out: () => undefined,
    err: (text: string) => {
      err += text
    },
    watched: false,
  }
  expect(await main(['check', `${folder}max.json`, '--target', 'webgpu'], io, '1.2.3')).toBe(3)
  expect(err).toMatch(/POOLWRIGHT_SWIFTSHADER is \/nowhere, but there is no libvulkan.so.1 in it: name SwiftShader's folder/)
  vi.unstubAllEnvs()
})
