/** Where NVRTC is looked for, in folders made up; and what is said where it is not. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CudaMissingError } from '../../../runtime/cuda/errors.ts'
import { findNvrtc } from '../../../runtime/cuda/nvrtc/find.ts'
import { Nvrtc } from '../../../runtime/cuda/nvrtc/nvrtc.ts'
import { builtinsBeside, type Place, type PlaceOptions, placesOf, toolkitOrder } from '../../../runtime/cuda/nvrtc/places.ts'
import { folder } from '../../cli/call.ts'

const at = folder()
const touch = (...paths: string[]) => {
  for (const path of paths) {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), 'no library')
  }
}
const places = async (options: PlaceOptions): Promise<Place[]> => {
  const all: Place[] = []
  for await (const place of placesOf({ environment: {}, platform: 'linux', ...options })) all.push(place)
  return all
}

touch(
  'toolkit/lib64/libnvrtc.so',
  'toolkit/lib64/libnvrtc.so.11.2',
  'toolkit/lib64/libnvrtc.so.12',
  'toolkit/lib64/libnvrtc.so.13',
)
touch('toolkit/lib64/libnvrtc.so.13.0.88', 'toolkit/lib64/libnvrtc.alt.so.13', 'toolkit/lib64/libnvrtc_static.a')
touch('toolkit/lib64/libnvrtc-builtins.so.13.0', 'toolkit/lib64/libnvrtc-builtins.alt.so.13.0')
touch('toolkit/bin/x64/nvrtc64_130_0.dll', 'toolkit/bin/nvrtc64_120_0.dll', 'toolkit/bin/nvrtc64_120_0.alt.dll')
touch('toolkit/bin/nvrtc-builtins64_129.dll', 'conda/lib/libnvrtc.so.12')
touch('venv/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13', 'site/nvidia/cuda_nvrtc/lib/libnvrtc.so.12')

describe('placesOf', () => {
  it('goes from the loader to wheels, newest first within a folder', async () => {
    const environment = { CUDA_PATH: at('toolkit'), CUDA_HOME: at('empty'), CONDA_PREFIX: at('conda'), VIRTUAL_ENV: at('venv') }
    const all = (await places({ environment, sitePackages: [at('site')] })).filter(({ where }) => where !== 'a CUDA toolkit')
    expect(all.map(({ where, candidates }) => [where, candidates])).toEqual([
      ["the system's loader", ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2']],
      ['CUDA_PATH', ['13', '13.0.88', '12', '11.2', ''].map((v) => at(`toolkit/lib64/libnvrtc.so${v && `.${v}`}`))],
      ['CUDA_HOME', []],
      ['CONDA_PREFIX', [at('conda/lib/libnvrtc.so.12')]],
      ['the site-packages given', [at('site/nvidia/cuda_nvrtc/lib/libnvrtc.so.12')]],
      ['VIRTUAL_ENV', [at('venv/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13')]],
    ])
  })

  it('takes the toolkit that is linked, then the newest', () => {
    const toolkits = ['cuda-9.2', 'cuda-12', 'cuda', 'cuda-11.8', 'cuda-13.0', 'cuda-12.10', 'cuda-12.9']
    expect(toolkits.sort(toolkitOrder)).toEqual('cuda cuda-13.0 cuda-12.10 cuda-12.9 cuda-12 cuda-11.8 cuda-9.2'.split(' '))
  })

  it('takes a path, or POOLWRIGHT_NVRTC, for the only place: a library or its folder', async () => {
    const environment = { POOLWRIGHT_NVRTC: at('conda/lib'), CUDA_PATH: at('toolkit') }
    expect(await places({ environment })).toEqual([
      { where: 'POOLWRIGHT_NVRTC', candidates: [at('conda/lib/libnvrtc.so.12')], looked: at('conda/lib') },
    ])
    expect((await places({ environment, path: '/a/b.so' })).map(({ candidates }) => candidates)).toEqual([['/a/b.so']])
  })

  it('knows the names of Windows, and that other systems have none', async () => {
    const [loader, path] = await places({ environment: { CUDA_PATH: at('toolkit') }, platform: 'win32' })
    expect(loader?.candidates).toEqual(['nvrtc64_130_0.dll', 'nvrtc64_120_0.dll', 'nvrtc64_112_0.dll'])
    expect(path?.candidates).toEqual([at('toolkit/bin/x64/nvrtc64_130_0.dll'), at('toolkit/bin/nvrtc64_120_0.dll')])
    expect(await places({ platform: 'darwin', path: '/a' })).toEqual([])
  })

  it('finds what is to be opened first', async () => {
    const library = at('toolkit/lib64/libnvrtc.so.13')
    expect(await builtinsBeside(library, 'linux')).toEqual([at('toolkit/lib64/libnvrtc-builtins.so.13.0')])
    expect(await builtinsBeside(at('toolkit/bin/nvrtc64_120_0.dll'), 'win32')).toEqual([
      at('toolkit/bin/nvrtc-builtins64_129.dll'),
    ])
    expect(await builtinsBeside('libnvrtc.so.13', 'linux')).toEqual([])
    expect(await builtinsBeside(library, 'darwin')).toEqual([])
  })
})

describe.runIf(process.platform === 'linux')('findNvrtc', () => {
  it('keeps account of what is missing, is no library, or is another one', async () => {
    const other = join(at('other'), 'libnvrtc.so.13')
    touch('other/keep')
    const { found, tried } = await findNvrtc({ path: other })
    expect(found).toBeUndefined()
    expect(tried).toEqual([{ where: 'the path given', path: other, reason: expect.stringContaining('cannot be loaded') }])
    expect((await findNvrtc({ path: at('conda') })).tried).toEqual([
      { where: 'the path given', path: at('conda'), reason: 'no such library is there' },
    ])
    const [libc] = (await findNvrtc({ path: 'libc.so.6' })).tried
    expect(libc?.reason).toContain('libc.so.6 has no function nvrtcVersion')
  })

  it('ends in an error that tells the places and the remedy', async () => {
    const failing = Nvrtc.load({ path: at('conda/lib') })
    await expect(failing).rejects.toThrow(CudaMissingError)
    await expect(failing).rejects.toThrow(/the path given, .*libnvrtc\.so\.12: [\s\S]*pip install nvidia-cuda-nvrtc/)
    await expect(Nvrtc.load({ platform: 'darwin' })).rejects.toThrow('there is no CUDA for')
  })
})
