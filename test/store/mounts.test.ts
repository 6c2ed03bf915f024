/**
 * Disks that are really full, and folders that are really read-only: a file system in memory of 64 KiB, and a folder mounted
 * to be read alone. To mount takes rights that not every machine gives; `faults.test.ts` injects the same errors everywhere.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import type { Entry, StoreWarning } from '../../runtime/store/store.ts'
import { pathIn } from './stores.ts'

const mounted: string[] = []

/** A folder that something is mounted on until the test is over; where that is not permitted, the test is skipped. */
const mountOrSkip = (context: TestContext, ...words: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'poolwright-mount-'))
  const { status, stderr, error } = spawnSync('mount', [...words, folder], { encoding: 'utf8' })
  if (status !== 0) {
    rmSync(folder, { recursive: true })
    const why = (error?.message ?? stderr).trim().split('\n')[0]
    context.skip(`file systems cannot be mounted here (${why}); the same errors are injected in faults.test.ts`)
  }
  mounted.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of mounted.splice(0)) {
    spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  }
})

const small: Entry = { fields: { is: 'small' }, value: new Uint8Array(100).fill(1) }
const large: Entry = { fields: { is: 'large' }, value: new Uint8Array(60_000).fill(2) }

const opened = (folder: string) => {
  const warnings: StoreWarning[] = []
  return { warnings, store: new FileStore({ folder, onWarning: (warning) => warnings.push(warning) }) }
}

describe('a disk that is full, mounted', () => {
  it('keeps what it has, takes no more, and takes again when there is room', async (context) => {
    const folder = mountOrSkip(context, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs')
    const { store, warnings } = opened(folder)
    await store.put('cuda', 'a', small)
    await store.put('cuda', 'b', large)
    await store.put('cuda', 'c', large)
    await store.put('cuda', 'a', large)
    expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable'])
    expect(warnings[0]!.message).toContain('ENOSPC')
    expect(await store.get('cuda', 'a')).toEqual(small)
    const written = await Promise.all(['b', 'c'].map((name) => store.get('cuda', name)))
    for (const got of written) expect([undefined, large]).toContainEqual(got)
    expect(readdirSync(join(folder, 'v1', 'cuda')).filter((name) => name.startsWith('.'))).toEqual([])
    for (const listed of await store.list()) await store.remove(listed)
    await store.put('cuda', 'c', { ...large, value: large.value.subarray(0, 20_000) })
    expect((await store.get('cuda', 'c'))?.value).toHaveLength(20_000)
  })

  it('is survived from the first byte', async (context) => {
    const folder = mountOrSkip(context, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs')
    try {
      for (let k = 0; ; k++) writeFileSync(join(folder, `fill-${k}`), new Uint8Array(4096))
    } catch {
      // Full.
    }
    const { store, warnings } = opened(folder)
    for (const name of ['a', 'b']) {
      await store.put('cuda', name, small)
      expect(await store.get('cuda', name)).toBeUndefined()
    }
    expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable'])
  })
})

describe('a folder that is read-only, mounted', () => {
  it('gives what it has, keeps nothing, and says so once', async (context) => {
    const source = mkdtempSync(join(tmpdir(), 'poolwright-source-'))
    try {
      await opened(source).store.put('cuda', 'a', small)
      await opened(source).store.put('cuda', 'torn', small)
      writeFileSync(pathIn(source, 'cuda', 'torn'), readFileSync(pathIn(source, 'cuda', 'torn')).subarray(0, -1))
      mkdirSync(join(source, 'v1', 'tuning'))
      const folder = mountOrSkip(context, '-o', 'bind,ro', source)
      const { store, warnings } = opened(folder)
      expect(await store.get('cuda', 'a')).toEqual(small)
      for (const name of ['a', 'b']) await store.put('cuda', name, large)
      expect(await store.get('cuda', 'a')).toEqual(small)
      expect(await store.get('cuda', 'b')).toBeUndefined()
      expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable'])
      expect(warnings[0]!.message).toContain('EROFS')
      expect(await store.get('cuda', 'torn')).toBeUndefined()
      expect(await store.remove((await store.list())[0]!)).toBe(false)
      expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable', 'corrupt'])
      expect(await store.list()).toHaveLength(2)
    } finally {
      rmSync(source, { recursive: true })
    }
  })
})
