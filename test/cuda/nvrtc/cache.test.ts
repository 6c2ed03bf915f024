/** The cache of binaries: what it keeps it gives back, and what is torn, foreign or not to be had costs a compilation only. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BinaryCache, cachedCompiler, cacheFolder, cacheKey } from '../../../runtime/cuda/cache.ts'
import type { Compiled, CompileOptions, Compiler } from '../../../runtime/cuda/nvrtc/options.ts'
import { folder } from '../../cli/call.ts'

const at = folder()
const version = [13, 0] as const
const entry: Compiled = { ptx: '.version 9.0 ✓', cubin: Uint8Array.of(0, 1, 2, 255), log: 'a warning', ptxasLog: '' }
const key = cacheKey(version, 'source', { arch: 80 })
const fileOf = (cache: BinaryCache) => join(cache.folder, `${key}.bin`)

const filled = async (name: string): Promise<BinaryCache> => {
  const cache = new BinaryCache(at(name))
  expect(await cache.put(key, entry)).toBeUndefined()
  return cache
}

describe('BinaryCache', () => {
  it('gives what it keeps, and leaves nothing else behind', async () => {
    const cache = new BinaryCache(at('plain'))
    expect(await cache.get(key)).toBeUndefined()
    expect(existsSync(cache.folder)).toBe(false)
    expect(await cache.put(key, entry)).toBeUndefined()
    expect(await cache.get(key)).toEqual(entry)
    expect(await new BinaryCache(at('plain')).get(key)).toEqual(entry)
    expect(readdirSync(cache.folder)).toEqual([`${key}.bin`])
  })

  it('misses what is torn anywhere, removes it, and heals', async () => {
    const cache = await filled('torn')
    const whole = readFileSync(fileOf(cache))
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(fileOf(cache), whole)
      truncateSync(fileOf(cache), length)
      expect(await cache.get(key)).toBeUndefined()
      expect(readdirSync(cache.folder)).toEqual([])
    }
    await cache.put(key, entry)
    expect(await cache.get(key)).toEqual(entry)
  })

  it('misses what has one bit changed, or something appended', async () => {
    const cache = await filled('changed')
    const whole = readFileSync(fileOf(cache))
    for (let byte = 0; byte < whole.length; byte++) {
      const changed = Buffer.from(whole)
      changed[byte] = changed[byte]! ^ (1 << (byte % 8))
      writeFileSync(fileOf(cache), changed)
      expect(await cache.get(key)).toBeUndefined()
    }
    writeFileSync(fileOf(cache), Buffer.concat([whole, Buffer.of(0)]))
    expect(await cache.get(key)).toBeUndefined()
  })

  it('misses an entry under another name', async () => {
    const cache = await filled('renamed')
    const other = cacheKey(version, 'other source', { arch: 80 })
    renameSync(fileOf(cache), join(cache.folder, `${other}.bin`))
    expect(await cache.get(other)).toBeUndefined()
  })

  it('goes without a folder that cannot be made, or an entry that cannot be replaced', async () => {
    writeFileSync(at('file'), '')
    const nowhere = new BinaryCache(join(at('file'), 'cache'))
    expect(await nowhere.put(key, entry)).toBeInstanceOf(Error)
    expect(await nowhere.get(key)).toBeUndefined()
    const blocked = new BinaryCache(at('blocked'))
    mkdirSync(join(fileOf(blocked), 'inside'), { recursive: true })
    expect(await blocked.put(key, entry)).toBeInstanceOf(Error)
    expect(await blocked.get(key)).toBeUndefined()
    expect(readdirSync(blocked.folder)).toEqual([`${key}.bin`])
  })

  it('is whole at any moment while others write it', async () => {
    const cache = await filled('shared')
    const writers = Array.from({ length: 20 }, () => new BinaryCache(at('shared')).put(key, entry))
    const readers = Array.from({ length: 20 }, () => cache.get(key))
    expect(await Promise.all(writers)).toEqual(writers.map(() => undefined))
    for (const read of await Promise.all(readers)) expect(read).toEqual(entry)
  })
})

describe('cacheKey', () => {
  it('differs by whatever changes a binary', () => {
    const options: CompileOptions = { arch: 80 }
    const keys = [
      key,
      cacheKey([12, 9], 'source', options),
      cacheKey(version, 'source ', options),
      cacheKey(version, 'source', { arch: 86 }),
      cacheKey(version, 'source', { ...options, ptxOnly: true }),
      cacheKey(version, 'source', { ...options, fmad: false }),
      cacheKey(version, 'source', { ...options, lineInfo: true }),
      cacheKey(version, 'source', { ...options, name: 'other.cu' }),
      cacheKey(version, 'source', { ...options, extra: ['-DA', '-DB'] }),
      cacheKey(version, 'source', { ...options, extra: ['-DA-DB'] }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(cacheKey(version, 'source', { ...options, fmad: true, lineInfo: false })).toBe(key)
  })
})

describe('cacheFolder', () => {
  it('is the one given, then what the environment names, then the user’s', () => {
    const all = { POOLWRIGHT_CACHE: '/b', XDG_CACHE_HOME: '/c' }
    expect(cacheFolder('/a', all)).toBe('/a')
    expect(cacheFolder(undefined, all)).toBe('/b')
    expect(cacheFolder(undefined, { POOLWRIGHT_CACHE: '', XDG_CACHE_HOME: '/c' })).toBe('/c/poolwright')
    expect(cacheFolder(undefined, {})).toBe(join(homedir(), '.cache/poolwright'))
  })
})

describe('cachedCompiler', () => {
  const counting = (fails = false) => {
    const made: string[] = []
    const compiler: Compiler = {
      version,
      async compile(source) {
        made.push(source)
        await new Promise((resolve) => setTimeout(resolve, 5))
        if (fails) throw new Error('refused')
        return entry
      },
    }
    return { made, compiler }
  }

  it('compiles once a machine', async () => {
    const { made, compiler } = counting()
    const cached = cachedCompiler(compiler, new BinaryCache(at('once')))
    const all = await Promise.all([1, 2, 3].map(() => cached.compile('a', { arch: 80 })))
    expect(all).toEqual([entry, entry, entry])
    await cachedCompiler(compiler, new BinaryCache(at('once'))).compile('a', { arch: 80 })
    expect(made).toEqual(['a'])
    await cached.compile('b', { arch: 80 })
    expect(made).toEqual(['a', 'b'])
  })

  it('keeps no failure, and works without a folder', async () => {
    const failing = counting(true)
    const cached = cachedCompiler(failing.compiler, new BinaryCache(at('failing')))
    for (const _ of [1, 2]) await expect(cached.compile('a', { arch: 80 })).rejects.toThrow('refused')
    expect(failing.made).toEqual(['a', 'a'])
    writeFileSync(at('no folder'), '')
    const { made, compiler } = counting()
    const without = cachedCompiler(compiler, new BinaryCache(join(at('no folder'), 'x')))
    for (const _ of [1, 2]) expect(await without.compile('a', { arch: 80 })).toEqual(entry)
    expect(made).toEqual(['a', 'a'])
  })
})
