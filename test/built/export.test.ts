/** `poolwright export torch` of spec modules: a user's own operators, as a package. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folderWith, poolwright } from './published.ts'

const small = ['--geometry', 'k2', '--dtype', 'float32', '--layout', 'channels-first', '--out', 'package']
const ours = (code: string): string => `import { defineKernel, input, param, pool } from 'poolwright'\n${code}`

it('takes operators, and the windows of the kernels that are defined of them', () => {
  const folder = folderWith({
    'own.pool.ts': ours(`
const spread = pool('spread', { x: input(), lambda: param('channel') }, 'mean(x) + lambda * std(x)')
export const wide = pool('wide', { x: input() }, 'max(x) - min(x)')
export const third = defineKernel(spread, { kernelSize: 3, stride: 2, targets: ['js'] })`),
  })
  const { code, out, err } = poolwright(folder, 'export', 'torch', 'own.pool.ts', ...small)
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('package: 2 operators')
  const text = (path: string): string => readFileSync(join(folder, 'package/poolwright_torch', path), 'utf8')
  const { kernels } = JSON.parse(text('kernels/spread.json')) as { kernels: { geometry: string }[] }
  expect(kernels.map(({ geometry }) => geometry)).toEqual(['k2x2-s2x2', 'k3x3-s2x2'])
  // Python has a keyword of that name.
  expect(text('operators/spread.py')).toContain('lambda_: Parameter')
  expect(text('operators/wide.py')).toContain('def wide(')
})

it('takes a constant by the name that it has in Python too', () => {
  const folder = folderWith({
    'own.ts':
      "import { attr, input, pool } from 'poolwright'\nexport const a = pool('a', { x: input(), lambda: attr(1) }, 'lambda * mean(x)')",
  })
  expect(poolwright(folder, 'export', 'torch', 'own.ts', '--attr', 'lambda=2', '--attr', 'lambda_=3', ...small).err).toBe('')
  const { kernels } = JSON.parse(readFileSync(join(folder, 'package/poolwright_torch/kernels/a.json'), 'utf8')) as {
    kernels: { attrs: object }[]
  }
  expect(kernels.map(({ attrs }) => attrs)).toEqual([{ lambda_: 1 }, { lambda_: 2 }, { lambda_: 3 }])
})

it('refuses two operators of one name, and modules without any', () => {
  const folder = folderWith({
    'one.ts': ours(
      "export const a = pool('a-b', { x: input() }, 'mean(x)')\nexport const b = pool('a_b', { x: input() }, 'max(x)')",
    ),
    'two.ts': ours("export const a = pool('avg', { x: input() }, 'max(x)')"),
    'none.ts': 'export const a = 1',
  })
  const refused = (...specs: string[]): string => poolwright(folder, 'export', 'torch', ...specs, ...small).err
  expect(refused('one.ts')).toContain("'a-b' and 'a_b' are both a_b in Python")
  expect(refused('avg', 'two.ts')).toContain("two operators are called 'avg'")
  expect(refused('none.ts')).toContain('none.ts: exports no operator')
  const told = refused('missing.ts', 'none.ts')
  for (const problem of ['missing.ts: is not there', 'none.ts: exports no operator']) expect(told).toContain(problem)
  expect(existsSync(join(folder, 'package'))).toBe(false)
})
