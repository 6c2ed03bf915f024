/** A store of files, as the disk has it: every bit that may flip, every length that may be left, and what else lies around. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { cacheFolder, cacheLimit } from '../../runtime/store/files/folder.ts'
import type { Entry, StoreWarning } from '../../runtime/store/store.ts'
import { freshFolder, pathIn } from './stores.ts'

const root = freshFolder()
const entry: Entry = { fields: { target: 'js', kernel: [3, 3] }, value: Uint8Array.of(0, 1, 10, 255) }
const hour = 60 * 60 * 1000

const opened = (name: string, limit?: number) => {
  const warnings: StoreWarning[] = []
  const folder = join(root, name)
  const store = new FileStore({ folder, ...(limit !== undefined && { limit }), onWarning: (warning) => warnings.push(warning) })
  return { store, warnings, folder }
}

const age = (path: string, ms: number): void => utimesSync(path, (Date.now() - ms) / 1000, (Date.now() - ms) / 1000)

describe('an entry on the disk', () => {
  /** Puts each of the bytes where the entry is, expects a miss with a warning each, and that the next put heals. */
  const expectMisses = async (name: string, brokenFrom: (whole: Buffer) => Iterable<Buffer>): Promise<void> => {
    const { store, warnings, folder } = opened(name)
    const path = pathIn(folder, 'tuning/x', 'a')
    await store.put('tuning/x', 'a', entry)
    const whole = readFileSync(path)
    let misses = 0
    for (const bytes of brokenFrom(whole)) {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, bytes)
      expect(await store.get('tuning/x', 'a')).toBeUndefined()
      expect(existsSync(path)).toBe(false)
      misses++
    }
    expect(warnings.map(({ kind }) => kind)).toEqual(new Array(misses).fill('corrupt'))
    await store.put('tuning/x', 'a', entry)
    expect(await store.get('tuning/x', 'a')).toEqual(entry)
    expect(readFileSync(path)).toEqual(whole)
  }

  it('is a miss with any one bit changed', () =>
    expectMisses('bits', function* (whole) {
      for (let bit = 0; bit < 8 * whole.length; bit++) {
        const changed = Buffer.from(whole)
        changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7))
        yield changed
      }
    }))

  it('is a miss at any length but its own', () =>
    expectMisses('lengths', function* (whole) {
      for (let length = 0; length < whole.length; length++) yield whole.subarray(0, length)
      yield Buffer.concat([whole, Buffer.of(0)])
      yield Buffer.concat([whole, whole])
    }))

  it('is for its user alone, and its folder has nothing else', async () => {
    const { store, folder } = opened('alone')
    await store.put('cuda', 'a', entry)
    expect(readdirSync(join(folder, 'v1', 'cuda'))).toEqual(['a.entry'])
    expect(readdirSync(join(folder, 'v1')).sort()).toEqual(['.upkeep', 'cuda'])
    if (process.platform === 'win32') return
    expect(statSync(pathIn(folder, 'cuda', 'a')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'v1', 'cuda')).mode & 0o777).toBe(0o700)
  })
})

describe('a folder of entries', () => {
  it.skipIf(process.platform !== 'linux')('is read and written by thousands of calls at once with few files open', async () => {
    const { store, warnings } = opened('crowded')
    let most = 0
    const watching = setInterval(() => {
      most = Math.max(most, readdirSync('/proc/self/fd').length)
    }, 1)
    const before = readdirSync('/proc/self/fd').length
    const names = Array.from({ length: 1000 }, (_, k) => `n${k}`)
    await Promise.all(names.map((name) => store.put('tuning/x', name, entry)))
    expect(await Promise.all(names.map((name) => store.get('tuning/x', name)))).toEqual(names.map(() => entry))
    clearInterval(watching)
    expect(most).toBeGreaterThan(before)
    expect(most).toBeLessThan(before + 100)
    expect(warnings).toEqual([])
  })

  it('is not made by looking', async () => {
    const { store, folder } = opened('looking')
    expect(await store.get('cuda', 'a')).toBeUndefined()
    expect(await store.list()).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  it('may hold what is no entry, and keeps it', async () => {
    const { store, warnings, folder } = opened('foreign')
    await store.put('cuda', 'a', entry)
    const at = (...names: readonly string[]) => join(folder, 'v1', ...names)
    for (const name of ['README', 'cuda/old.bin', 'cuda/UPPER.entry', 'stray.entry', 'cuda/.hidden']) writeFileSync(at(name), '')
    mkdirSync(at('Some Folder'))
    writeFileSync(at('Some Folder', 'b.entry'), '')
    mkdirSync(at('cuda', 'folder.entry'))
    symlinkSync(at('cuda', 'a.entry'), at('cuda', 'link.entry'))
    symlinkSync(at('cuda'), at('elsewhere'))
    expect((await store.list()).map(({ folder: of, name }) => `${of}/${name}`)).toEqual(['cuda/a'])
    expect(warnings).toEqual([])
    expect(readdirSync(at('cuda')).sort()).toEqual(['.hidden', 'UPPER.entry', 'a.entry', 'folder.entry', 'link.entry', 'old.bin'])
  })

  it('goes when its last entry goes, and comes back', async () => {
    const { store, folder } = opened('empty')
    await store.put('tuning/x', 'a', entry)
    await store.remove((await store.list())[0]!)
    expect(existsSync(join(folder, 'v1', 'tuning', 'x'))).toBe(false)
    await store.put('tuning/x', 'a', entry)
    expect(await store.get('tuning/x', 'a')).toEqual(entry)
  })

  it('may vanish at any time', async () => {
    const { store, warnings, folder } = opened('vanishing')
    for (const _ of [1, 2]) {
      await store.put('tuning/x', 'a', entry)
      rmSync(folder, { recursive: true })
      expect(await store.get('tuning/x', 'a')).toBeUndefined()
    }
    expect(warnings).toEqual([])
  })

  it('may stand where none can be', async () => {
    writeFileSync(join(root, 'file'), '')
    const { store, warnings } = opened('file')
    for (const _ of [1, 2]) {
      await store.put('cuda', 'a', entry)
      expect(await store.get('cuda', 'a')).toBeUndefined()
      expect(await store.list()).toEqual([])
    }
    expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable', 'unreadable'])
    expect(warnings[0]!.message).toContain('POOLWRIGHT_CACHE')
  })

  it('may stand where a system has no folder to give, and says that it is another which is missing', async (context) => {
    if (!existsSync('/proc/self')) context.skip("/proc is Linux's")
    const warnings: StoreWarning[] = []
    const store = new FileStore({ folder: '/proc/poolwright/cache', onWarning: (warning) => warnings.push(warning) })
    await store.put('tuning/x', 'a', entry)
    expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable'])
    expect(await store.get('tuning/x', 'a')).toBeUndefined()
  })

  it('may have a folder where an entry would be', async () => {
    const { store, warnings, folder } = opened('blocked')
    mkdirSync(join(pathIn(folder, 'cuda', 'a'), 'inside'), { recursive: true })
    await store.put('cuda', 'a', entry)
    expect(await store.get('cuda', 'a')).toBeUndefined()
    expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable', 'unreadable'])
    expect(readdirSync(join(folder, 'v1', 'cuda'))).toEqual(['a.entry'])
    expect(existsSync(join(pathIn(folder, 'cuda', 'a'), 'inside'))).toBe(true)
  })
})

describe('upkeep', () => {
  const temporary = '.a.entry.0123456789ab'

  it('clears away what killed processes left an hour ago, and no more often than once an hour', async () => {
    const { store, folder } = opened('sweep')
    await store.put('cuda', 'a', entry)
    const at = (name: string) => join(folder, 'v1', 'cuda', name)
    const leave = (): void => {
      for (const name of [temporary, '.b.entry.0123456789ab', '.hidden', 'old.bin']) writeFileSync(at(name), '')
      for (const name of [temporary, '.hidden', 'old.bin']) age(at(name), 1.1 * hour)
    }
    leave()
    await opened('sweep').store.put('cuda', 'c', entry)
    expect(existsSync(at(temporary))).toBe(true)
    age(join(folder, 'v1', '.upkeep'), 1.1 * hour)
    // A process looks at the stamp when it puts for the first time.
    await store.put('cuda', 'c', entry)
    expect(existsSync(at(temporary))).toBe(true)
    await opened('sweep').store.put('cuda', 'c', entry)
    expect(readdirSync(at('.')).sort()).toEqual(['.b.entry.0123456789ab', '.hidden', 'a.entry', 'c.entry', 'old.bin'])
  })

  it('comes sooner where a process writes much', async () => {
    const limit = 160_000
    const { store } = opened('much', limit)
    for (let k = 0; k < 40; k++) await store.put('cuda', `n${k}`, { fields: {}, value: new Uint8Array(8_000) })
    const left = (await store.list()).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(left).toBeGreaterThan(0.8 * limit)
    expect(left).toBeLessThanOrEqual(limit * (1 + 1 / 16))
    expect(await store.get('cuda', 'n39')).toBeDefined()
    expect(await store.get('cuda', 'n0')).toBeUndefined()
  })
})

describe('warnings', () => {
  it('are the process’s where nobody else hears them', async () => {
    const folder = join(root, 'process')
    const store = new FileStore({ folder })
    await store.put('cuda', 'a', entry)
    writeFileSync(pathIn(folder, 'cuda', 'a'), '')
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await store.get('cuda', 'a')
    expect(emit.mock.calls).toEqual([
      [expect.stringContaining('cuda/a is not what was kept'), { type: 'PoolwrightWarning', code: 'POOLWRIGHT_STORE_CORRUPT' }],
    ])
    emit.mockRestore()
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

describe('cacheLimit', () => {
  it('is the one given, then what the environment says, then 1 GiB', () => {
    expect(cacheLimit(5, { POOLWRIGHT_CACHE_LIMIT: '7' })).toBe(5)
    expect(cacheLimit(undefined, { POOLWRIGHT_CACHE_LIMIT: '7' })).toBe(7)
    expect(cacheLimit(undefined, { POOLWRIGHT_CACHE_LIMIT: '500M' })).toBe(500 * 2 ** 20)
    expect(cacheLimit(undefined, { POOLWRIGHT_CACHE_LIMIT: '' })).toBe(2 ** 30)
    for (const text of ['many', '-1', '1.5G', '1e9', '1GB'])
      expect(() => cacheLimit(undefined, { POOLWRIGHT_CACHE_LIMIT: text })).toThrow(`POOLWRIGHT_CACHE_LIMIT is '${text}': write`)
  })
})
