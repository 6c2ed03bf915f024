/**
 * What the store was chosen among: files, and two embedded databases, each as its users would open it, with bare values and
 * with the bytes of our entries, which have a checksum.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { decodeEntry, encodeEntry } from '../../runtime/store/entry.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'

export interface Opened {
  put(name: string, value: Uint8Array): Promise<void>
  get(name: string): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** The packages that the databases come from, installed below a folder, and not ours. */
export const packages = ['lmdb@^3.5.6', 'libsql@^0.5.29'] as const

type Open = (folder: string, installed: string) => Promise<Opened>

const place = 'bench'

/** An engine that keeps entries of ours, and refuses what is none. */
const checked =
  (open: Open): Open =>
  async (folder, installed) => {
    const { put, get, close } = await open(folder, installed)
    return {
      put: async (name, value) => put(name, await encodeEntry(place, name, { fields: { name }, value })),
      get: async (name) => {
        const bytes = await get(name)
        return bytes && (await decodeEntry(place, name, bytes))?.value
      },
      close,
    }
  }

const bare = {
  /** Warnings are what the corruption test counts as noticed: a miss says it already. */
  files: async (folder): Promise<Opened> => {
    const store = new FileStore({ folder, onWarning: () => {} })
    return {
      put: (name, value) => store.put(place, name, { fields: { name }, value }),
      get: async (name) => (await store.get(place, name))?.value,
      close: async () => {},
    }
  },

  lmdb: async (folder: string, installed: string): Promise<Opened> => {
    interface Lmdb {
      put(name: string, value: Uint8Array): Promise<boolean>
      get(name: string): Uint8Array | undefined
      close(): Promise<void>
    }
    const { open } = requireFrom(installed)('lmdb') as { open(options: object): Lmdb }
    const database = open({ path: join(folder, 'lmdb'), encoding: 'binary' })
    return {
      put: async (name, value) => void (await database.put(name, value)),
      get: async (name) => database.get(name),
      close: () => database.close(),
    }
  },

  /** A write-ahead log, as SQLite's manual advises for several processes; a writer waits for others, for up to 10 s. */
  SQLite: async (folder: string, installed: string): Promise<Opened> => {
    interface Statement {
      run(...values: readonly unknown[]): unknown
      get(...values: readonly unknown[]): { readonly value: Uint8Array } | undefined
    }
    interface Sqlite {
      exec(text: string): void
      prepare(text: string): Statement
      close(): void
    }
    const Database = requireFrom(installed)('libsql') as new (path: string, options: object) => Sqlite
    const database = new Database(join(folder, 'sqlite.db'), { timeout: 10_000 })
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000')
    database.exec('CREATE TABLE IF NOT EXISTS entries (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID')
    const put = database.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?)')
    const get = database.prepare('SELECT value FROM entries WHERE name = ?')
    return {
      put: async (name, value) => void put.run(name, Buffer.from(value)),
      get: async (name) => get.get(name)?.value,
      close: async () => database.close(),
    }
  },
} satisfies Readonly<Record<string, Open>>

const engines = {
  ...bare,
  'lmdb, checked': checked(bare.lmdb),
  'SQLite, checked': checked(bare.SQLite),
} satisfies Readonly<Record<string, Open>>

const requireFrom = (installed: string): NodeJS.Require => createRequire(join(installed, 'package.json'))

export type EngineName = keyof typeof engines

export const engineNames = Object.keys(engines) as readonly EngineName[]

/**
 * Opens an engine.
 *
 * @param folder - where it keeps its entries
 * @param installed - the folder with the packages
 */
export const openEngine = (name: EngineName, folder: string, installed: string): Promise<Opened> =>
  engines[name](folder, installed)

/** The value that belongs to a name, so that any process can tell whether what it reads is right. */
export const contentOf = (name: string, bytes: number): Uint8Array => new Uint8Array(Buffer.alloc(bytes, `${name} `))

export const isRight = (name: string, value: Uint8Array, bytes: number): boolean =>
  Buffer.from(value).equals(Buffer.from(contentOf(name, bytes)))
