/** `poolwright export torch`: what it writes, what it replaces, and what it refuses. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { specs } from '../../specs/index.ts'
import { call, folder } from './call.ts'

const at = folder()
const torch = (...words: string[]) => call('export', 'torch', ...words)
const text = (path: string): string => readFileSync(at(path), 'utf8')
const small = ['--geometry', 'k2', '--dtype', 'float32', '--layout', 'channels-first']

describe('a package', () => {
  it('has a module, kernels and their launches for each operator, and what holds it together', async () => {
    const { code, out } = await torch('gaussian', 'isp-gaussian', '--out', at('first'), ...small, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      name: 'poolwright_torch',
      operators: ['gaussian', 'isp-gaussian'],
      geometries: ['k2x2-s2x2'],
      removed: 0,
    })
    const files = readdirSync(at('first'), { recursive: true }).map(String)
    for (const path of ['pyproject.toml', 'README.md', 'LICENSE', 'examples/imagenet/train.py']) expect(files).toContain(path)
    for (const path of ['__init__.py', 'operators/isp_gaussian.py', 'kernels/isp_gaussian.json', 'windows.py', 'py.typed'])
      expect(files).toContain(`poolwright_torch/${path}`)
    // The layer needs all three of its operators.
    expect(files).not.toContain('poolwright_torch/gaussian_pooling.py')
    expect(text('first/poolwright_torch/__init__.py')).not.toContain('GaussianPooling')
    expect(readdirSync(at('first')).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it.for([...specs.keys()])('has of %s the source that show prints, to the byte', async (name) => {
    await torch(name, '--out', at(name), '--geometry', 'k2', '--dtype', 'float32', '--dtype', 'bfloat16')
    const file = name.replaceAll('-', '_')
    const { kernels } = JSON.parse(text(`${name}/poolwright_torch/kernels/${file}.json`)) as {
      kernels: { dtype: string; layout: string; hand_in: string[]; forward: { file: string }[]; backward: { file: string }[] }[]
    }
    for (const { dtype, layout, forward, backward } of kernels.filter((one) => one.hand_in.length === 0)) {
      const shown = ['show', name, '--kernel', '2', '--target', 'cuda', '--dtype', dtype, '--layout', layout]
      const usual = (of: { file: string }[]): string => text(`${name}/poolwright_torch/kernels/${file}/${of[0]!.file}`)
      expect(usual(forward)).toBe((await call(...shown)).out)
      expect(usual(backward)).toBe((await call(...shown, '--backward')).out)
    }
  })

  it('brings the layer along with its operators, and takes another name', async () => {
    await torch('isp-gaussian', 'isp-gaussian-cn', 'isp-gaussian-inference', '--out', at('layer'), '--name', 'mine', ...small)
    expect(text('layer/mine/__init__.py')).toContain('from .gaussian_pooling import GaussianPooling1d, GaussianPooling2d')
    expect(text('layer/pyproject.toml')).toContain('name = "mine"')
  })

  it('says in its own words how more kernels are had', async () => {
    await torch('avg', '--out', at('more'), ...small)
    const { command } = JSON.parse(text('more/poolwright_torch/kernels/avg.json')) as { command: string }
    expect(command).toBe(
      `npx poolwright export torch avg --geometry k2 --dtype float32 --layout channels-first --out ${at('more')}`,
    )
    expect(text('more/README.md')).toContain(command)
  })

  it('is replaced as a whole, and nothing of an older one is left', async () => {
    await torch('avg', 'max', '--out', at('again'), ...small)
    writeFileSync(at('again/notes.txt'), 'mine')
    const { out } = await torch('avg', '--out', at('again'), ...small)
    expect(out).toContain('old ones removed')
    expect(existsSync(at('again/poolwright_torch/operators/max.py'))).toBe(false)
    expect(text('again/notes.txt')).toBe('mine')
  })
})

describe('what is wrong', () => {
  it('is told all at once, and nothing is written', async () => {
    const { code, err } = await torch(
      'gausian',
      '--geometry',
      'p1',
      '--dtype',
      'half',
      '--layout',
      'nchw',
      '--attr',
      'e',
      '--name',
      '1a',
    )
    expect(code).toBe(2)
    for (const said of [
      '--out is missing',
      'Did you mean gaussian?',
      "--geometry p1: the geometry 'p1' begins with p",
      '--dtype half: there are float32, float64, float16, bfloat16',
      '--layout nchw: there are channels-first, channels-last',
      '--attr e: write a name and a value',
      '--name 1a: Python imports it',
    ])
      expect(err).toContain(said)
    expect((await torch()).err).toContain('SPEC is missing')
    expect((await torch('avg', '--attr', 'eps=1', '--out', at('none'))).err).toContain('none of these operators has a constant')
  })

  it('is an operator that none of the windows suits, and nothing is written', async () => {
    const { code, err } = await torch('gated', '--geometry', 'global', '--out', at('unsuited'))
    expect(code).toBe(2)
    expect(err).toContain("gated would have no kernel: 'w' has one value a tap")
    expect(existsSync(at('unsuited'))).toBe(false)
  })

  it("leaves somebody else's folder alone", async () => {
    mkdirSync(at('foreign/poolwright_torch'), { recursive: true })
    writeFileSync(at('foreign/poolwright_torch/code.py'), 'theirs')
    const { code, err } = await torch('avg', '--out', at('foreign'), ...small)
    expect(code).toBe(2)
    expect(err).toContain('is no package that this command wrote')
    expect(readdirSync(at('foreign'), { recursive: true })).toHaveLength(2)
    writeFileSync(at('file'), '')
    expect((await torch('avg', '--out', at('file/in'), ...small)).err).toContain('cannot be written')
  })

  it('makes kernels with other constants where it is asked to', async () => {
    await torch('std', '--out', at('eps'), '--attr', 'eps=0.5', ...small)
    const { kernels } = JSON.parse(text('eps/poolwright_torch/kernels/std.json')) as { kernels: { attrs: object }[] }
    expect(kernels.map(({ attrs }) => attrs)).toEqual([{ eps: 0.5 }])
  })
})
