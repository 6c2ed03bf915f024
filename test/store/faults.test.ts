/**
 * A disk that fails: each call of the file system in turn, by each error that a disk has. Nothing is thrown, nothing torn is
 * ever read, and what was kept before is still there. Real disks that are full or read-only are in `mounts.test.ts`.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import type { Entry, StoreWarning } from '../../runtime/store/store.ts'
import { freshFolder } from './stores.ts'

/** Which call fails next: `left` calls from now, and all that follow where `lasts` says so. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, code: '', lasts: false, calls: 0 }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const mayFail = (name: string): void => {
    disk.calls++
    disk.left--
    if (disk.left === -1 || (disk.lasts && disk.left < 0))
      throw Object.assign(new Error(`${disk.code}: injected, ${name}`), { code: disk.code })
  }
  type Call = (...args: readonly unknown[]) => unknown
  const failing =
    (name: string, call: Call): Call =>
    async (...args) => {
      mayFail(name)
      const result = await call(...args)
      return name === 'open' ? failingFile(result as object) : result
    }
  /** What a file does may fail too, but closing: a file that could not be closed would stay open. */
  const failingFile = (file: object): object =>
    new Proxy(file, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        const bound = value.bind(target) as Call
        return ['writeFile', 'readFile', 'sync', 'stat'].includes(String(name)) ? failing(String(name), bound) : bound
      },
    })
  const names = ['open', 'mkdir', 'rename', 'rm', 'rmdir', 'stat', 'link', 'readdir', 'utimes', 'writeFile'] as const
  return { ...real, ...Object.fromEntries(names.map((name) => [name, failing(name, real[name] as Call)])) }
})

const root = freshFolder()
const old: Entry = { fields: { is: 'old' }, value: new Uint8Array(100).fill(1) }
const fresh: Entry = { fields: { is: 'fresh' }, value: new Uint8Array(200).fill(2) }
let folders = 0

afterEach(() => Object.assign(disk, { left: Number.POSITIVE_INFINITY, lasts: false }))

/** All that a store does, once. */
const useAll = async (store: FileStore): Promise<void> => {
  await store.put('cuda', 'a', fresh)
  await store.put('tuning/x', 'c', fresh)
  for (const name of ['a', 'b']) {
    const got = await store.get('cuda', name)
    if (got !== undefined) expect([old, fresh]).toContainEqual(got)
  }
  for (const listed of await store.list('tuning')) await store.remove(listed)
}

const work = async (failAt: number, code: string, lasts: boolean) => {
  const folder = join(root, `${folders++}`)
  const before = new FileStore({ folder })
  await before.put('cuda', 'a', old)
  await before.put('cuda', 'b', old)
  const warnings: StoreWarning[] = []
  const store = new FileStore({ folder, onWarning: (warning) => warnings.push(warning) })
  Object.assign(disk, { left: failAt, code, lasts, calls: 0 })
  await useAll(store)
  const { calls } = disk
  disk.left = Number.POSITIVE_INFINITY
  // Once the disk is well again, all is whole: the old or the new, and nothing warns of it.
  const after = new FileStore({
    folder,
    onWarning: (warning) => {
      throw new Error(warning.message)
    },
  })
  expect([old, fresh]).toContainEqual(await after.get('cuda', 'a'))
  expect(await after.get('cuda', 'b')).toEqual(old)
  await after.put('cuda', 'a', fresh)
  expect(await after.get('cuda', 'a')).toEqual(fresh)
  return { warnings, calls, folder }
}

describe.each(['ENOSPC', 'EROFS'])('a disk that fails with %s', (code) => {
  it.each([false, true])('at any call, and from then on: %j', async (lasts) => {
    const { calls } = await work(Number.POSITIVE_INFINITY, code, lasts)
    expect(calls).toBeGreaterThan(20)
    for (let failAt = 0; failAt < calls; failAt++) {
      const { warnings } = await work(failAt, code, lasts)
      // Once for writing, once for reading, however many calls fail; and never for an entry, which is whole.
      const kinds = warnings.map(({ kind }) => kind)
      expect(new Set(kinds).size).toBe(kinds.length)
      expect(kinds).not.toContain('corrupt')
      for (const { message } of warnings) expect(message).toContain(`${code}: injected`)
      if (lasts && failAt < calls / 2) expect(kinds.length).toBeGreaterThan(0)
    }
  })
})

describe('a full disk', () => {
  it('leaves nothing half written', async () => {
    for (const failAt of [1, 2, 3]) {
      const { folder } = await work(failAt, 'ENOSPC', false)
      expect(readdirSync(join(folder, 'v1', 'cuda')).sort()).toEqual(['a.entry', 'b.entry'])
    }
  })
})
