/** The compiler in front of a store: what it has met it does not compile again, and what the store has not costs a compilation only. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cachedCompiler } from '../../../runtime/cuda/cache.ts'
import type { Compiled, CompileOptions, Compiler } from '../../../runtime/cuda/nvrtc/options.ts'
import { FileStore } from '../../../runtime/store/files/file-store.ts'
import { hashOf } from '../../../runtime/store/hash.ts'
import { folders } from '../../../runtime/store/store.ts'
import { folder } from '../../cli/call.ts'

const at = folder()
const version = [13, 0] as const
const entry: Compiled = { ptx: '.version 9.0 ✓', cubin: Uint8Array.of(0, 1, 2, 255), log: 'a warning', ptxasLog: '' }
const silently = { onWarning: () => {} }
const storeAt = (name: string): FileStore => new FileStore({ folder: at(name), ...silently })

const counting = (of: readonly [number, number] = version, fails = false) => {
  const made: string[] = []
  const compiler: Compiler = {
    version: of,
    async compile(source) {
      made.push(source)
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (fails) throw new Error('refused')
      return entry
    },
  }
  return { made, compiler }
}

describe('cachedCompiler', () => {
  it('compiles once a machine', async () => {
    const { made, compiler } = counting()
    const cached = cachedCompiler(compiler, storeAt('once'))
    const all = await Promise.all([1, 2, 3].map(() => cached.compile('a', { arch: 80 })))
    expect(all).toEqual([entry, entry, entry])
    expect(await cachedCompiler(compiler, storeAt('once')).compile('a', { arch: 80 })).toEqual(entry)
    expect(made).toEqual(['a'])
    await cached.compile('b', { arch: 80 })
    expect(made).toEqual(['a', 'b'])
  })

  it('says in clear what a binary was made of', async () => {
    const store = storeAt('clear')
    await cachedCompiler(counting().compiler, store).compile('a', { arch: 90, name: 'a.cu', lineInfo: true })
    const [listed] = await store.list(folders.binaries)
    const { fields } = (await store.get(folders.binaries, listed!.name))!
    expect(fields).toMatchObject({ nvrtc: '13.0', file: 'a.cu', source: await hashOf('a') })
    expect(fields.flags).toContain('-arch=sm_90')
    expect(fields.flags).toContain('-lineinfo')
  })

  it('tells apart whatever changes a binary, and nothing else', async () => {
    const store = storeAt('apart')
    const options: CompileOptions = { arch: 80 }
    const different: readonly (readonly [readonly [number, number], string, CompileOptions])[] = [
      [version, 'source', options],
      [[12, 9], 'source', options],
      [version, 'source ', options],
      [version, 'source', { arch: 86 }],
      [version, 'source', { ...options, ptxOnly: true }],
      [version, 'source', { ...options, fmad: false }],
      [version, 'source', { ...options, lineInfo: true }],
      [version, 'source', { ...options, name: 'other.cu' }],
      [version, 'source', { ...options, extra: ['-DA', '-DB'] }],
      [version, 'source', { ...options, extra: ['-DA-DB'] }],
    ]
    for (const [of, source, given] of different) {
      const { made, compiler } = counting(of)
      await cachedCompiler(compiler, store).compile(source, given)
      expect(made).toEqual([source])
    }
    const { made, compiler } = counting()
    await cachedCompiler(compiler, store).compile('source', { ...options, fmad: true, lineInfo: false })
    expect(made).toEqual([])
    expect(await store.list()).toHaveLength(different.length)
  })

  it('compiles what is kept under its name and is no binary, and heals it', async () => {
    const store = storeAt('foreign')
    await cachedCompiler(counting().compiler, store).compile('a', { arch: 80 })
    const { name } = (await store.list(folders.binaries))[0]!
    const { fields, value } = (await store.get(folders.binaries, name))!
    for (const wrong of [value.subarray(0, 3), value.subarray(0, value.length - 1), new Uint8Array(16).fill(255)]) {
      await store.put(folders.binaries, name, { fields, value: wrong })
      const { made, compiler } = counting()
      expect(await cachedCompiler(compiler, store).compile('a', { arch: 80 })).toEqual(entry)
      expect(made).toEqual(['a'])
      expect((await store.get(folders.binaries, name))?.value).toEqual(value)
    }
  })

  it('keeps no failure, and works without a folder', async () => {
    const failing = counting(version, true)
    const cached = cachedCompiler(failing.compiler, storeAt('failing'))
    for (const _ of [1, 2]) await expect(cached.compile('a', { arch: 80 })).rejects.toThrow('refused')
    expect(failing.made).toEqual(['a', 'a'])
    writeFileSync(at('no folder'), '')
    const { made, compiler } = counting()
    const without = cachedCompiler(compiler, storeAt(join('no folder', 'x')))
    for (const _ of [1, 2]) expect(await without.compile('a', { arch: 80 })).toEqual(entry)
    expect(made).toEqual(['a', 'a'])
  })
})
