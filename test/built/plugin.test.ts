/** Spec modules in bundlers: the plugin puts kernels in their place, and no compiler comes with them. */
import { join } from 'node:path'
import vm from 'node:vm'
import { gzipSync } from 'node:zlib'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import { describe, expect, inject, it } from 'vitest'
import { exampleIn, folderWith, node, poolwright } from './published.ts'

const plugin = async () =>
  ((await import(join(inject('published'), 'dist/runtime/build/plugin.js'))) as typeof import('../../runtime/build/plugin.ts'))
    .poolwright

const spec = (formula = 'max(x) - min(x)'): string => `
import { defineKernel, input, pool } from 'poolwright'
const spread = pool('spread', { x: input() }, '${formula}')
export const spreadOf = defineKernel(spread, { kernelSize: 2, targets: ['js'] })
export const unused = defineKernel(spread, { kernelSize: 5, targets: ['js'] })
`

const page = (specifier: string): string => `
import { spreadOf } from '${specifier}'
const kernel = await spreadOf.js()
const x = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 6) }
globalThis.result = kernel.forward({ x }).y.data[0] + kernel.backward({ x, cotangent: { shape: [1, 1, 1, 1], data: Float32Array.of(1) } }).x.data.join()
`

/** What compiles: passes, emitters, templates, the language. */
const compiler = /codegen\/(?!gpu\/launch)|templates\/|dsl\/(parse|grammar|lexer|settle|chevrotain)/

/** What a bundle leaves in its page: it is a module that waits, and so is run as a function that does. */
const run = async (code: string): Promise<unknown> => {
  const context = vm.createContext({})
  await vm.runInContext(`(async () => { ${code} })()`, context)
  return context.result
}

const bundle = async (folder: string) => {
  const { outputFiles, metafile } = await esbuild({
    absWorkingDir: folder,
    entryPoints: ['page.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [(await plugin()).esbuild()],
  })
  return { code: outputFiles[0]!.text, inputs: Object.keys(metafile.inputs), bytes: gzipSync(outputFiles[0]!.contents).length }
}

describe('in esbuild', () => {
  it('a spec module is its kernels', async () => {
    const { code, inputs, bytes } = await bundle(folderWith({ 'page.ts': page('./spread.pool.ts'), 'spread.pool.ts': spec() }))
    expect(await run(code)).toBe('5-1,0,0,1')
    expect(inputs.filter((path) => compiler.test(path))).toEqual([])
    expect(bytes).toBeLessThan(15_000)
    expect(code).not.toContain('unused')
  })

  it('a module of any name is, where it is asked for by ?kernels', async () => {
    const { code, inputs } = await bundle(
      folderWith({ 'page.ts': page('./operators/spread.ts?kernels'), 'operators/spread.ts': spec() }),
    )
    expect(await run(code)).toBe('5-1,0,0,1')
    expect(inputs.filter((path) => compiler.test(path))).toEqual([])
  })

  it('a mistake in a spec is the bundler’s', async () => {
    const folder = folderWith({ 'page.ts': page('./spread.pool.ts'), 'spread.pool.ts': spec('maxx(x)') })
    await expect(bundle(folder)).rejects.toThrow("there is no function 'maxx'")
  })
})

describe('in Vite', () => {
  it('a spec module is its kernels, on a page of less than 15 kB', async () => {
    const folder = folderWith({})
    const example = exampleIn(folder, 'page')
    const output = await vite({
      root: example,
      configFile: join(example, 'vite.config.ts'),
      logLevel: 'warn',
      build: { write: false },
    })
    const chunks = [output].flat().flatMap((one) => ('output' in one ? one.output : []))
    const scripts = chunks.flatMap((one) => (one.type === 'chunk' ? [one] : []))
    expect(scripts.flatMap((one) => Object.keys(one.modules)).filter((path) => compiler.test(path))).toEqual([])
    expect(scripts.reduce((sum, { code }) => sum + gzipSync(code).length, 0)).toBeLessThan(15_000)
  })
})

describe('the program of Node’s', () => {
  it('runs from what was built', () => {
    const folder = folderWith({})
    exampleIn(folder, 'node')
    expect(poolwright(folder, 'build', 'examples/node/halve.pool.ts')).toMatchObject({ code: 0 })
    const { code, out, err } = node(folder, 'examples/node/program.mjs')
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('halved to 1 x 150 x 224 x 3, brightest 1 x 150 x 224 x 3')
  })
})
