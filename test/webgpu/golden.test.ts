/** Every golden case as shaders, on whatever adapter is here, by the library and by the command line. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { checkCase, readGolden } from '../../runtime/golden.ts'
import { specs } from '../../specs/index.ts'
import { call } from '../cli/call.ts'
import { opened } from './adapter.ts'

const folder = fileURLToPath(new URL('../golden/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

it('there are eight files', () => expect(files).toHaveLength(8))

it.for(files)('all cases of %s pass', { timeout: 240_000 }, async (file, context) => {
  const { target, description } = await opened(context)
  const { cases } = readGolden(readFileSync(`${folder}${file}`, 'utf8'))
  const reports = await Promise.all(cases.map((one) => checkCase(one, target, { operators: specs })))
  expect(reports.filter(({ status }) => status !== 'passed')).toEqual([])
  console.info(`${file}: ${reports.length} cases on ${description}`)
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
    err: expect.stringContaining('the webgpu target stores float32, not float64'),
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
