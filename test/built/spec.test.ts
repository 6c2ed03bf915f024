/** What a spec module may do while it is run, and what becomes of one that does what it may not. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, poolwright } from './published.ts'

/** A spec module whose kernel has the window that an expression says. */
const sized = (before: string, size: string): string => `
import { defineKernel } from 'poolwright'
import { maxPool } from 'poolwright/specs'
${before}
export const most = defineKernel(maxPool, { kernelSize: ${size}, targets: ['js'] })
`

/** What it is built into, or what is told where it is not. */
const built = (folder: string): string => {
  const { code, err } = poolwright(folder, 'build', 'spec.pool.ts')
  return code === 0 ? readFileSync(join(folder, 'kernels/spec.js'), 'utf8') : err
}

const scratchIn = (folder: string): string => join(folder, 'node_modules/.cache/poolwright')

describe('what a spec imports', () => {
  const packageOf = (name: string, more: object): string => JSON.stringify({ name, type: 'module', ...more })

  it('are packages, as an import finds them from the folder of the file that names them', () => {
    const folder = folderWith({
      'spec.pool.ts': sized(
        "import { size } from 'for-import'\nimport { more } from 'for-both'\nimport { other } from './other/size.ts'",
        'size + more + other',
      ),
      'node_modules/for-import/package.json': packageOf('for-import', { exports: { '.': { import: './index.js' } } }),
      'node_modules/for-import/index.js': 'export const size = 1\n',
      'node_modules/for-both/package.json': packageOf('for-both', { exports: { require: './no.cjs', import: './yes.js' } }),
      'node_modules/for-both/no.cjs': 'exports.more = 5\n',
      'node_modules/for-both/yes.js': 'export const more = 2\n',
      'other/size.ts': "import { size } from 'for-import'\nexport const other: number = size\n",
      'other/node_modules/for-import/package.json': packageOf('for-import', { exports: { import: './index.js' } }),
      'other/node_modules/for-import/index.js': 'export const size = 4\n',
    })
    expect(built(folder)).toContain('window 7x7')
    expect(readdirSync(scratchIn(folder))).toEqual([])
    expect(readdirSync(scratchIn(join(folder, 'other')))).toEqual([])
  })

  it('are what the package that it is of calls its own', () => {
    const folder = folderWith({
      'package.json': packageOf('mine', { exports: './size.js', imports: { '#more': './more.js' } }),
      'size.js': 'export const size = 2\n',
      'more.js': 'export const more = 1\n',
      'spec.pool.ts': sized("import { size } from 'mine'\nimport { more } from '#more'", 'size + more'),
      'node_modules/.keep': '',
    })
    expect(built(folder)).toContain('window 3x3')
  })

  it('are modules that it asks for by a call too, which are looked at for changes', () => {
    const folder = folderWith({
      'spec.pool.ts': sized("const { size } = await import('./size.ts')\nconst { more } = await import(`./more`)", 'size + more'),
      'size.ts': 'export const size: number = 2\n',
      'more.ts': 'export const more: number = 1\n',
    })
    expect(built(folder)).toContain('window 3x3')
    writeFileSync(join(folder, 'size.ts'), 'export const size = ;\n')
    expect(built(folder)).toContain('Expression expected')
  })

  it('are told where they are missing, with what to do', () => {
    const folder = folderWith({
      'spec.pool.ts': "import 'closed/inside'\n",
      'node_modules/closed/package.json': packageOf('closed', { exports: './index.js' }),
    })
    const told = built(folder)
    expect(told).toContain("spec.pool.ts: imports 'closed/inside', which is not found there")
    expect(told).toContain('Install the package, or name what it exports.')
    expect(told).not.toContain('.cache')
  })
})

describe('a spec that is run', () => {
  it('finds what lies beside its files', () => {
    const folder = folderWith({
      'spec.pool.ts': sized("import { size } from './deep/size.ts'", 'size'),
      'deep/size.ts': `#!/usr/bin/env node
        import { readFileSync } from 'node:fs'
        import { join } from 'node:path'
        const read = (from: URL | string) => Number(readFileSync(from, 'utf8'))
        export const size = read(new URL('./size.txt', import.meta.url)) + read(join(import.meta.dirname, 'size.txt'))`,
      'deep/size.txt': '2\n',
    })
    expect(built(folder)).toContain('window 4x4')
  })

  it('prints where results are not', () => {
    const prints = ['log', 'info', 'debug', 'dir', 'table'].map((way) => `console.${way}('from ${way}')`).join('\n')
    const folder = folderWith({ 'one.pool.ts': sized(prints, '2'), 'two.pool.ts': sized(prints, '2') })
    const { code, out, err } = poolwright(folder, 'build', 'one.pool.ts', 'two.pool.ts', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ upToDate: false })
    for (const way of ['log', 'info', 'debug', 'dir', 'table']) expect(err.split(`from ${way}`)).toHaveLength(3)
  })

  it.each([
    ['calls process.exit', 'process.exit(0)'],
    ['awaits what never comes', 'await new Promise(() => {})'],
  ])('is refused where it %s, and leaves nothing behind', (_, statement) => {
    const folder = folderWith({ 'spec.pool.ts': sized(statement, '2'), 'node_modules/.keep': '' })
    const { code, out, err } = poolwright(folder, 'build', 'spec.pool.ts')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('spec.pool.ts: the process ends while the spec module runs, so nothing is made of it.')
    expect(err).toContain('It may not call process.exit, nor await what never comes.')
    expect(existsSync(join(folder, 'kernels'))).toBe(false)
    expect(readdirSync(scratchIn(folder))).toEqual([])
  })

  it('takes away what a killed process left long ago, and nothing else', () => {
    const folder = folderWith({ 'spec.pool.ts': sized('', '2') })
    for (const name of ['spec-old', 'spec-new', 'other-old']) {
      const left = join(scratchIn(folder), name)
      mkdirSync(left, { recursive: true })
      writeFileSync(join(left, '0.mjs'), '')
      const days = name.endsWith('old') ? 2 : 0
      utimesSync(left, new Date(), new Date(Date.now() - days * 24 * 60 * 60 * 1000))
    }
    built(folder)
    expect(readdirSync(scratchIn(folder)).sort()).toEqual(['other-old', 'spec-new'])
  })
})

it('mistakes of syntax are told in plain text, with the line', () => {
  const told = built(folderWith({ 'spec.pool.ts': '// before\nexport const a = ;\n' }))
  expect(told).toContain('spec.pool.ts:2:18 - error TS1109: Expression expected.')
  expect(told).toContain('export const a = ;')
  expect(told).not.toContain('\u001b')
})

it('what is an operator only in part is none', () => {
  const operator = { name: 'mine', declarations: { x: { role: 'input' } }, formula: 'mean(x)', results: ['y'] }
  const parts = [{ name: 3 }, { declarations: null }, { declarations: 'x' }, { formula: 3 }, { results: 'y' }]
  const texts = parts.map((part, k) => `export const a${k} = ${JSON.stringify({ ...operator, ...part })}\n`)
  const folder = folderWith({ 'spec.pool.ts': texts.join('') })
  expect(poolwright(folder, 'export', 'torch', 'spec.pool.ts', '--out', 'package')).toMatchObject({
    code: 2,
    err: expect.stringContaining('spec.pool.ts: exports no operator'),
  })
})
