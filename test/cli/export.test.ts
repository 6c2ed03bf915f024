/** `poolwright export torch`: what it writes, what it replaces, and what it refuses. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writePackage } from '../../cli/export/files.ts'
import { specs } from '../../specs/index.ts'
import { call, folder } from './call.ts'

const at = folder()
const torch = (...words: string[]) => call('export', 'torch', ...words)
const text = (path: string): string => readFileSync(at(path), 'utf8')
/** Files by their paths in a folder. */
const put = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(`${folder}/${path}`)), { recursive: true })
    writeFileSync(at(`${folder}/${path}`), content)
  }
}
/** Every file and link below a folder, with its text where it is short. */
const everything = (folder: string): readonly string[] =>
  readdirSync(at(folder), { recursive: true, withFileTypes: true })
    .filter((one) => !one.isDirectory())
    .map((one) => `${one.parentPath}/${one.name} ${one.isFile() ? readFileSync(`${one.parentPath}/${one.name}`, 'utf8') : ''}`)
    .sort()
const constantsOf = (folder: string, operator: string): readonly object[] => {
  const { kernels } = JSON.parse(text(`${folder}/poolwright_torch/kernels/${operator}.json`)) as { kernels: { attrs: object }[] }
  return kernels.map(({ attrs }) => attrs)
}
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
    const examples = readdirSync(at('layer/examples/imagenet')).map((name) => text(`layer/examples/imagenet/${name}`))
    expect(examples.some((one) => one.includes('import mine as pw'))).toBe(true)
    for (const one of [...examples, text('layer/README.md')]) expect(one).not.toContain('poolwright_torch')
  })

  it('says in its own words how more kernels are had', async () => {
    await torch('avg', '--out', at('more'), ...small)
    const { command } = JSON.parse(text('more/poolwright_torch/kernels/avg.json')) as { command: string }
    expect(command).toBe(
      `npx poolwright export torch avg --geometry k2 --dtype float32 --layout channels-first --out ${at('more')}`,
    )
    expect(text('more/README.md')).toContain(command)
  })

  it('says words with a space as a shell takes them, and where it is as pip does', async () => {
    const before = process.cwd()
    onTestFinished(() => process.chdir(before))
    process.chdir(at('.'))
    const spaced = await torch('avg', '--out', "o'my dir", ...small)
    const { command } = JSON.parse(text("o'my dir/poolwright_torch/kernels/avg.json")) as { command: string }
    expect(command).toMatch(/ --out 'o'\\''my dir'$/)
    expect(spaced.out).toContain("\nInstall it: pip install './o'\\''my dir'\n")
    expect((await torch('avg', '--out', 'numpy', ...small)).out).toContain('\nInstall it: pip install ./numpy\n')
    expect((await torch('avg', '--out', at('there'), ...small)).out).toContain('\nInstall it: pip install ./there\n')
    process.chdir(at('there'))
    expect((await torch('avg', '--out', '.', ...small)).out).toContain('\nInstall it: pip install .\n')
    expect((await torch('avg', '--out', '../numpy', ...small)).out).toContain(`\nInstall it: pip install ${at('numpy')}\n`)
  })

  it('has kernels of the defaults, and of all constants that are asked for, by a name or by another', async () => {
    const std = (...words: string[]) => torch('std', '--out', at('eps'), ...words, ...small)
    expect((await std('--attr', 'eps=0.5')).code).toBe(0)
    expect(constantsOf('eps', 'std')).toEqual([{ eps: 1e-6 }, { eps: 0.5 }])
    // As the message of a package goes on for a call with constants that it lacks, or has.
    expect((await std('--attr', 'eps=0.5', '--attr', 'eps=0.25', '--attr', 'eps=1e-06')).code).toBe(0)
    expect(constantsOf('eps', 'std')).toEqual([{ eps: 1e-6 }, { eps: 0.5 }, { eps: 0.25 }])
  })

  it('is replaced as a whole, and nothing of an older one is left', async () => {
    await torch('avg', 'max', '--out', at('again'), ...small)
    put('again', {
      'notes.txt': 'mine',
      'examples/imagenet/runs/checkpoint.pt': 'weights',
      'build/lib/poolwright_torch/operators/max.py': 'stale',
      'poolwright_torch.egg-info/SOURCES.txt': 'stale',
    })
    const { out } = await torch('avg', '--out', at('again'), ...small)
    expect(out).toContain('old ones removed')
    for (const gone of ['poolwright_torch/operators/max.py', 'build', 'poolwright_torch.egg-info'])
      expect(existsSync(at(`again/${gone}`))).toBe(false)
    expect(text('again/notes.txt')).toBe('mine')
    expect(text('again/examples/imagenet/runs/checkpoint.pt')).toBe('weights')
  })

  it('is one of them where several are written at once', async () => {
    const texts = Array.from({ length: 12 }, (_, k) => `# ${k}`)
    const files = (text: string) => [
      { path: 'pyproject.toml', text: '# Written by Poolwright 1\nname = "mine"\n' },
      { path: 'README.md', text },
      ...['a', 'b', 'c'].map((name) => ({ path: `mine/${name}.py`, text })),
    ]
    await Promise.all(texts.map((text) => writePackage(at('together'), 'mine', files(text))))
    expect(readdirSync(at('together')).sort()).toEqual(['README.md', 'mine', 'pyproject.toml'])
    const readme = text('together/README.md')
    expect(texts).toContain(readme)
    for (const name of ['a', 'b', 'c']) expect(text(`together/mine/${name}.py`)).toBe(readme)
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

  it.for([
    ['README.md', { 'README.md': 'theirs', LICENSE: 'theirs' }],
    ['examples/imagenet/train.py', { 'examples/imagenet/train.py': 'theirs' }],
    ['pyproject.toml', { 'pyproject.toml': '[project]\nname = "poolwright-torch"\n', 'poolwright_torch/code.py': 'theirs' }],
    ['pyproject.toml', { 'pyproject.toml': '# Written by Poolwright 1: again.\n[project]\nname = "other"\n' }],
    ['poolwright_torch', { 'poolwright_torch/operators/__init__.py': 'theirs' }],
  ] as const)("is somebody else's %s, which is left alone", async ([place, files], { task }) => {
    const folder = `foreign/${task.id}`
    put(folder, files)
    const before = everything(folder)
    const { code, err } = await torch('avg', '--out', at(folder), ...small)
    expect(code).toBe(2)
    expect(err).toContain(`${at(folder)}/${place}: is there, and is not of a package poolwright_torch that this command wrote`)
    expect(everything(folder)).toEqual(before)
  })

  it('is a link to nowhere in the place of the package, and nothing is written', async () => {
    mkdirSync(at('linked'))
    symlinkSync(at('nowhere'), at('linked/poolwright_torch'))
    const { code, err } = await torch('avg', '--out', at('linked'), ...small)
    expect([code, err]).toEqual([2, expect.stringContaining('linked/poolwright_torch: is there')])
    expect(readdirSync(at('linked'))).toEqual(['poolwright_torch'])
  })

  it('is found halfway, and everything is put back', async () => {
    await torch('avg', 'max', '--out', at('halfway'), ...small)
    rmSync(at('halfway/examples'), { recursive: true })
    put('halfway', { examples: 'no folder', 'build/lib/stale.py': 'stale' })
    const before = everything('halfway')
    const { code, err } = await torch('avg', '--out', at('halfway'), ...small)
    expect([code, err]).toEqual([2, expect.stringContaining('halfway: cannot be written: a part of its path is no folder')])
    expect(everything('halfway')).toEqual(before)
    writeFileSync(at('file'), '')
    expect((await torch('avg', '--out', at('file/in'), ...small)).err).toContain('cannot be written')
  })

  it('is a folder without a name, or a name that is taken', async () => {
    expect((await torch('avg', '--out', '', ...small)).err).toContain('--out is missing: name the folder of the package')
    for (const [name, said] of [
      ['a_', 'a letter first and no _ last'],
      ['class', 'a word of Python'],
      ['Torch', 'pip would put the package in its place'],
      ['torchvision', 'pip would put the package in its place'],
      ['examples', 'the examples are in a folder of that name'],
      ['build', 'pip builds in a folder of that name'],
      ['load_library', "torch.ops.load_library is PyTorch's own"],
    ] as const) {
      const { code, err } = await torch('avg', '--out', at('named'), '--name', name, ...small)
      expect([code, err]).toEqual([2, expect.stringContaining(`--name ${name}: `)])
      expect(err).toContain(said)
    }
    expect(existsSync(at('named'))).toBe(false)
  })
})
