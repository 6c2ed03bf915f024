/** The stores that there are, each with a way behind its back: its bytes as they lie there, and the time of their last use. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory } from 'fake-indexeddb'
import { afterAll } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { IndexedDbStore } from '../../runtime/store/indexed-db.ts'
import type { IdbFactory } from '../../runtime/store/indexed-db-types.ts'
import type { Store, StoreWarning } from '../../runtime/store/store.ts'

export interface StoreOptions {
  readonly limit?: number
  readonly onWarning?: (warning: StoreWarning) => void
}

/** One place that any number of stores are opened on. */
export interface Place {
  open(options?: StoreOptions): Store
  bytesOf(folder: string, name: string): Promise<Uint8Array>
  /** Puts bytes where an entry is or would be. */
  overwrite(folder: string, name: string, bytes: Uint8Array): Promise<void>
  /** Sets when an entry was used last, in milliseconds since 1970. */
  setUse(folder: string, name: string, usedAt: number): Promise<void>
}

export const pathIn = (root: string, folder: string, name: string): string => join(root, 'v1', folder, `${name}.entry`)

/** A folder that is gone after the tests of the file. */
export const freshFolder = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'poolwright-store-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  return root
}

const files = (): Place => {
  const root = mkdtempSync(join(tmpdir(), 'poolwright-store-'))
  made.push(root)
  return {
    open: (options = {}) => new FileStore({ folder: root, ...options }),
    bytesOf: async (folder, name) => new Uint8Array(readFileSync(pathIn(root, folder, name))),
    overwrite: async (folder, name, bytes) => writeFileSync(pathIn(root, folder, name), bytes),
    setUse: async (folder, name, usedAt) => utimesSync(pathIn(root, folder, name), usedAt / 1000, usedAt / 1000),
  }
}

const made: string[] = []
/** To be called after all tests of a file that makes places. */
export const removeFolders = (): void => {
  for (const root of made) rmSync(root, { recursive: true, force: true })
}

const database = (): Place => {
  const factory: IdbFactory = new IDBFactory()
  const table = async (name: string) => {
    const request = factory.open('poolwright-v1', 1)
    await new Promise<void>((resolve) => request.addEventListener('success', resolve))
    return request.result.transaction([name], 'readwrite').objectStore(name)
  }
  const put = async (name: string, key: string, change: (old: unknown) => unknown) => {
    const store = await table(name)
    const old = store.get(key)
    await new Promise<void>((resolve) => old.addEventListener('success', resolve))
    const putting = store.put(change(old.result), key)
    await new Promise<void>((resolve) => putting.addEventListener('success', resolve))
  }
  return {
    open: (options = {}) => new IndexedDbStore(factory, options),
    bytesOf: async (folder, name) => {
      const request = (await table('entries')).get(`${folder}/${name}`)
      await new Promise<void>((resolve) => request.addEventListener('success', resolve))
      return request.result as Uint8Array
    },
    overwrite: (folder, name, bytes) => put('entries', `${folder}/${name}`, () => bytes),
    setUse: (folder, name, usedAt) => put('uses', `${folder}/${name}`, (old) => ({ ...(old as object), usedAt })),
  }
}

/** Each kind of store, by what makes a fresh and empty place for it. */
export const places = [
  { kind: 'files', make: files },
  { kind: 'IndexedDB', make: database },
] as const
