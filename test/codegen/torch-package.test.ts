/** What holds a package of operators together: the names in it, and texts that Python, pip and people read. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type PackageFile, publicNames } from '../../codegen/torch/package.ts'
import { input, param } from '../../dsl/declarations.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import type { Operator } from '../../dsl/operator.ts'
import { pool } from '../../runtime/pool.ts'
import { commonFiles, operatorFiles, type TorchPackageOptions } from '../../runtime/torch/package.ts'
import { specs } from '../../specs/index.ts'

const options: TorchPackageOptions = {
  name: 'poolwright_torch',
  geometries: [{ dims: 2, kernelSize: 2 }],
  dtypes: ['float32'],
  layouts: ['channels-first'],
  attrs: {},
  version: '1.2.3',
  command: 'npx poolwright export torch',
}
const folder = new URL('../../python/package/', import.meta.url)
const modules = readdirSync(folder)
  .filter((path) => path.endsWith('.py'))
  .map((path): PackageFile => ({ path, text: readFileSync(new URL(path, folder), 'utf8') }))

const named = (name: string): Operator => pool(name, { x: input() }, 'mean(x)')
const common = (...operators: readonly Operator[]): readonly PackageFile[] =>
  commonFiles(operators, options, { modules, around: [] })
const textIn = (files: readonly PackageFile[], path: string): string => files.find((file) => file.path === path)!.text
const layer = ['isp-gaussian', 'isp-gaussian-cn', 'isp-gaussian-inference'].map((name) => specs.get(name)!)

describe('names of operators', () => {
  it.for([
    'softplus',
    'torch',
    'float',
    'windows',
    'pooling',
    'networks',
    'nvrtc',
    'Pooling',
    'GaussianPooling2d',
    'replace-pooling',
    'operators',
    'name',
  ])('are not those that the package has: %s', (name) => {
    expect(() => common(named(name))).toThrow(ArgumentError)
    expect(() => common(named(name))).toThrow("a name of the package's own and")
  })

  it.for(['', '_', 'π', '_operator', '__init__', '__debug__'])("are a function's in Python, which '%s' is not", (name) => {
    expect(() => common(named(name))).toThrow(`'${name}' can be no function of Python's: begin the operator's name with a letter`)
  })

  it.for([
    ['a-b', 'a_b', "'a-b' and 'a_b' are both a_b in Python"],
    ['Avg', 'avg', "'Avg' and 'avg' are both avg in Python, capital letters or small"],
    ['mine', 'mine-backward', "the gradient of 'mine' and 'mine-backward' are both mine_backward in Python"],
    ['mine-backward', 'mine', "'mine-backward' and the gradient of 'mine' are both mine_backward in Python"],
  ])('are apart: %s and %s', ([one, other, message]) => {
    expect(() => common(named(one!), named(other!))).toThrow(message)
  })

  it('are otherwise free', () => {
    expect(() => common(...['2nd', 'backward', 'tuple', 'int', 'lambda', 'Mean'].map(named))).not.toThrow()
  })
})

describe('names of one operator', () => {
  it('are apart, as arguments and as results', () => {
    const files = (operator: Operator) => () => operatorFiles(operator, options)
    expect(files(pool('a', { x: input(), stride: param(), stride_: param() }, 'stride * stride_ * mean(x)'))).toThrow(
      "a: 'stride' and 'stride_' are both stride_ in Python: give one of them another name",
    )
    expect(files(pool('b', { x: input() }, 'class = mean(x); class_ = max(x)'))).toThrow(
      "b: 'class' and 'class_' are both class_ in Python: give one of them another name",
    )
  })
})

describe('texts', () => {
  it('hold nothing of a name but what Python makes of it', () => {
    const files = common(named('a"""\nimport os; print("INJECTED")\n"""'))
    expect(textIn(files, 'poolwright_torch/__init__.py').split('\n').slice(0, 4)).toEqual([
      '"""Pooling operators: a_import_os_print_INJECTED_.',
      '',
      'Written by Poolwright 1.2.3; `poolwright export torch` writes it again.',
      '"""',
    ])
    expect(textIn(files, 'pyproject.toml')).toContain(
      '\ndescription = "Pooling operators for PyTorch: a_import_os_print_INJECTED_"\n',
    )
  })

  it('name the package to setuptools, and none that begins like it', () => {
    expect(textIn(common(named('a')), 'pyproject.toml')).toContain('\ninclude = ["poolwright_torch", "poolwright_torch.*"]\n')
  })

  it('speak of the layer, and of what needs it, where it is', () => {
    const [without, within] = [common(named('a')), common(...layer)]
    expect(without.map(({ path }) => path)).not.toContain('poolwright_torch/gaussian_pooling.py')
    expect(within.map(({ path }) => path)).toContain('poolwright_torch/gaussian_pooling.py')
    for (const said of ['GaussianPooling2d', 'train.py']) {
      expect(textIn(without, 'README.md')).not.toContain(said)
      expect(textIn(within, 'README.md')).toContain(said)
    }
    for (const files of [without, within]) expect(textIn(files, 'README.md')).toContain('`replace_pooling(model, make)`')
  })

  it('make public what the modules call so', () => {
    const init = textIn(common(...layer), 'poolwright_torch/__init__.py')
    const listed = modules.flatMap(({ path, text }) => {
      const names = /^__all__ = \[(.*)\]$/m.exec(text)?.[1]?.replaceAll('"', '')
      const imported = new RegExp(`^from \\.${path.replace('.py', '')} import (.*)$`, 'm').exec(init)?.[1]
      return names !== undefined && imported !== undefined ? [{ path, names, imported }] : []
    })
    expect(listed.map(({ path }) => path).sort()).toEqual(['gaussian_pooling.py', 'networks.py', 'pooling.py'])
    for (const { names, imported } of listed) expect(imported).toBe(names)
    for (const name of publicNames) expect(init).toContain(`    "${name}",\n`)
  })
})
