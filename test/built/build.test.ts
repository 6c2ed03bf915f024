/** `poolwright build` on the disk: what is written, what is left alone, what is told, and what a mistake loses: nothing. */
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, poolwright, started } from './published.ts'

const spec = (kernelSize = 2, targets = "['js', 'webgpu']"): string => `
import { defineKernel, input, pool } from 'poolwright'

const spread = pool('spread', { x: input() }, 'max(x) - min(x)')

/** How far the numbers of a window lie apart. */
export const spreadOf = defineKernel(spread, { kernelSize: ${kernelSize}, targets: ${targets} })
`

const old = new Date('2020-01-01')
const touched = (path: string): boolean => statSync(path).mtime > old

describe('poolwright build', () => {
  it('writes a module and its declarations beside the spec, and leaves alone what is the same', () => {
    const folder = folderWith({ 'spread.pool.ts': spec() })
    const { code, out, err } = poolwright(folder, 'build', 'spread.pool.ts')
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe('wrote kernels/spread.js\nwrote kernels/spread.d.ts\n')
    const module = join(folder, 'kernels/spread.js')
    expect(readFileSync(module, 'utf8')).toMatch(/^\/\/ Built by Poolwright \S+ from \.\.\/spread\.pool\.ts\. Do not edit/)
    utimesSync(module, old, old)
    const again = poolwright(folder, 'build', 'spread.pool.ts', '--json')
    expect(JSON.parse(again.out)).toEqual({
      upToDate: true,
      specs: [{ spec: 'spread.pool.ts', written: [], unchanged: ['kernels/spread.js', 'kernels/spread.d.ts'], removed: [] }],
    })
    expect(touched(module)).toBe(false)
  })

  it('has the author’s words, the formula and the types of what is taken and given', () => {
    const folder = folderWith({ 'spread.pool.ts': spec() })
    poolwright(folder, 'build', 'spread.pool.ts')
    for (const file of ['spread.js', 'spread.d.ts']) {
      const text = readFileSync(join(folder, 'kernels', file), 'utf8')
      expect(text).toContain(
        ' * How far the numbers of a window lie apart.\n *\n * spread: `max(x) - min(x)`;\n * window 2x2, stride 2; float32',
      )
    }
  })

  it('leaves no file of its own behind where it read the spec', () => {
    const folder = folderWith({ 'spread.pool.ts': spec(), 'node_modules/.keep': '' })
    poolwright(folder, 'build', 'spread.pool.ts')
    expect(readdirSync(folder).sort()).toEqual(['kernels', 'node_modules', 'spread.pool.ts'])
    expect(readdirSync(join(folder, 'node_modules/.cache/poolwright'))).toEqual([])
  })

  it('with --check tells what is missing, stale or left over, ends with 1, and writes nothing', () => {
    const folder = folderWith({ 'spread.pool.ts': spec(2, "['js', 'cuda']") })
    const check = () => poolwright(folder, 'build', 'spread.pool.ts', '--check')
    expect(check()).toMatchObject({ code: 1, out: expect.stringContaining('missing kernels/spread.js\n') })
    expect(existsSync(join(folder, 'kernels'))).toBe(false)
    poolwright(folder, 'build', 'spread.pool.ts')
    expect(check()).toMatchObject({ code: 0, out: '', err: '' })
    writeFileSync(join(folder, 'spread.pool.ts'), spec(3, "['js']"))
    const { code, out } = check()
    expect(code).toBe(1)
    expect(out).toContain('stale kernels/spread.js\n')
    expect(out).toContain('left over kernels/spreadOf.forward.cu\n')
    expect(out).toContain('left over kernels/spreadOf.cuda.json\n')
    const built = poolwright(folder, 'build', 'spread.pool.ts')
    expect(built.out).toContain('removed kernels/spreadOf.cuda.json\n')
    expect(readdirSync(join(folder, 'kernels')).sort()).toEqual(['spread.d.ts', 'spread.js'])
    expect(check().code).toBe(0)
  })

  it('takes away only what it built from the same spec', () => {
    const folder = folderWith({ 'one.pool.ts': spec(2, "['cuda']"), 'two.pool.ts': spec(2, "['js']"), 'out/mine.js': 'mine\n' })
    poolwright(folder, 'build', 'one.pool.ts', 'two.pool.ts', '--out', 'out')
    const before = readdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'two.pool.ts'), spec(3, "['js']"))
    poolwright(folder, 'build', 'two.pool.ts', '--out', 'out')
    expect(readdirSync(join(folder, 'out'))).toEqual(before)
    expect(before).toContain('mine.js')
  })

  it('notices a change by hand', () => {
    const folder = folderWith({ 'spread.pool.ts': spec() })
    poolwright(folder, 'build', 'spread.pool.ts')
    const module = join(folder, 'kernels/spread.js')
    writeFileSync(module, `${readFileSync(module, 'utf8')}// mine\n`)
    expect(poolwright(folder, 'build', 'spread.pool.ts', '--check')).toMatchObject({ code: 1, out: 'stale kernels/spread.js\n' })
  })

  it('reads what a spec imports: other modules of TypeScript, packages, and types, which go', () => {
    const folder = folderWith({
      'spec.pool.ts': `
        import { readFileSync } from 'node:fs'
        import { defineKernel, type Tensor } from 'poolwright'
        import { size } from './sizes.ts'
        import { lowest } from './operators/index.js'
        import { offset } from './offset.mjs'
        import type { Nothing } from './nowhere.ts'
        export type Kept = Tensor | Nothing
        const asked: number = size + offset + Number(typeof readFileSync !== 'function')
        export const low = defineKernel(lowest, { kernelSize: asked, targets: ['js'] })`,
      'sizes.ts': 'export const size: number = 2\n',
      'offset.mjs': 'export const offset = 1\n',
      'operators/index.ts': "export { minPool as lowest } from 'poolwright/specs'\n",
    })
    expect(poolwright(folder, 'build', 'spec.pool.ts')).toMatchObject({ code: 0, err: '' })
    expect(readFileSync(join(folder, 'kernels/spec.js'), 'utf8')).toContain('window 3x3')
  })

  it('builds again when the spec or what it imports changes, tells of mistakes and waits on; Ctrl-C ends it', async () => {
    const folder = folderWith({
      'spec.pool.ts': spec()
        .replace('kernelSize: 2', 'kernelSize: size')
        .replace('\nconst', "\nimport { size } from './size.ts'\nconst"),
      'size.ts': 'export const size = 2\n',
    })
    const built = started(folder, 'build', 'spec.pool.ts', '--watch')
    await built.prints('wrote kernels/spec.js')
    await built.prints('Waiting')
    writeFileSync(join(folder, 'size.ts'), 'export const size = 5\n')
    await built.prints('wrote kernels/spec.js')
    await built.prints('Waiting')
    expect(readFileSync(join(folder, 'kernels/spec.js'), 'utf8')).toContain('window 5x5')
    writeFileSync(join(folder, 'size.ts'), 'export const size = 0\n')
    await built.prints('kernelSize must be an integer from 1')
    await built.prints('Waiting')
    writeFileSync(join(folder, 'size.ts'), 'export const size = 4\n')
    await built.prints('wrote kernels/spec.js')
    await built.prints('Waiting')
    expect(await built.interrupt()).toBe(0)
  })
})

describe('a mistake in a spec', () => {
  const cases: Readonly<Record<string, { readonly text: string; readonly says: readonly (string | RegExp)[] }>> = {
    'of syntax is told with its line': { text: 'export const a = ;\n', says: [/spec\.pool\.ts.*1.*18/, 'Expression expected'] },
    'in a formula is told with its place': {
      text: "import { input, pool } from 'poolwright'\nexport const a = pool('a', { x: input() }, 'maen(x)')\n",
      says: ['spec.pool.ts: ', "there is no function 'maen'", "Did you mean 'mean'?"],
    },
    'that exports no kernel says how to': {
      text: "export { maxPool } from 'poolwright/specs'\n",
      says: ['exports no kernel', 'defineKernel'],
    },
    'that exports one as its default says to name it': {
      text: "import { defineKernel } from 'poolwright'\nimport { maxPool } from 'poolwright/specs'\nexport default defineKernel(maxPool, { kernelSize: 2, targets: ['js'] })\n",
      says: ["exports a kernel as 'default'", 'export const max'],
    },
    'of geometry names the kernel': { text: spec(0), says: ['spec.pool.ts: spreadOf: ', 'kernelSize must be an integer from 1'] },
    'of a target lists what there is': { text: spec(2, "['wasm']"), says: ["no target 'wasm'", 'js, webgpu, cuda'] },
    'of no target lists what there is': { text: spec(2, '[]'), says: ['targets is empty', 'js, webgpu, cuda'] },
    'of a data type says which there are': {
      text: spec().replace('targets:', "dtype: 'float64', targets:"),
      says: ['spec.pool.ts: spreadOf: ', 'float64'],
    },
    'of an import names what is missing': { text: "import './gone.ts'\n", says: ["imports './gone.ts'", 'is not there'] },
    'of a package names what is missing': {
      text: "import 'no-such-package'\n",
      says: ["imports 'no-such-package'", 'Install the package'],
    },
    'that it throws itself is told as its own': {
      text: "throw new RangeError('of my own')\n",
      says: ['the spec module throws RangeError: of my own'],
    },
  }
  for (const [what, { text, says }] of Object.entries(cases))
    it(what, () => {
      const folder = folderWith({ 'spec.pool.ts': text })
      const { code, out, err } = poolwright(folder, 'build', 'spec.pool.ts')
      expect([code, out]).toEqual([2, ''])
      for (const one of says) expect(err).toMatch(one)
      expect(readdirSync(folder)).toEqual(['spec.pool.ts'])
    })

  it('leaves what other specs were built into as it is', () => {
    const folder = folderWith({ 'one.pool.ts': spec(), 'two.pool.ts': spec() })
    poolwright(folder, 'build', 'one.pool.ts', 'two.pool.ts')
    writeFileSync(join(folder, 'one.pool.ts'), spec(3))
    writeFileSync(join(folder, 'two.pool.ts'), spec(0))
    const module = join(folder, 'kernels/one.js')
    const before = readFileSync(module, 'utf8')
    expect(poolwright(folder, 'build', 'one.pool.ts', 'two.pool.ts').code).toBe(2)
    expect(readFileSync(module, 'utf8')).toBe(before)
  })

  it('of the command line is told before anything is read', () => {
    const folder = folderWith({ 'one/a.pool.ts': spec(), 'two/a.pool.ts': spec(), 'a.js': '' })
    const err = (...words: readonly string[]): string => {
      const ended = poolwright(folder, 'build', ...words)
      expect([ended.code, ended.out]).toEqual([2, ''])
      return ended.err
    }
    expect(err()).toContain('SPEC is missing')
    expect(err('gone.pool.ts')).toContain('gone.pool.ts: is not there')
    expect(err('a.js')).toContain('a.js: is no TypeScript')
    expect(err('one/a.pool.ts', '--check', '--watch')).toContain('--check and --watch exclude each other')
    expect(err('one/a.pool.ts', 'two/a.pool.ts', '--out', 'out')).toContain('would both be built into out/a.js')
    expect(err('one/a.pool.ts', '--out', 'a.js')).toContain('a.js')
    expect(existsSync(join(folder, 'out'))).toBe(false)
    // Where a system has no folder to give, Node's own recursive mkdir never ends.
    if (existsSync('/proc/self')) expect(err('one/a.pool.ts', '--out', '/proc/x')).toContain('/proc/x: cannot be made')
  })
})
