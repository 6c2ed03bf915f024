/**
 * The store in a browser: a database of IndexedDB. Entries are kept as the bytes that a file would have, so that they prove
 * themselves here too; sizes and uses stand apart, so that a list need not load them all.
 */
import { decodeEntry, encodeEntry } from './entry.ts'
import type { IdbDatabase, IdbFactory, IdbObjectStore, IdbRequest, IdbTransaction } from './indexed-db-types.ts'
import { prune } from './prune.ts'
import { byPlace, checkFolder, checkName, type Entry, type Listed, type Store, type StoreWarning } from './store.ts'
import { Warner } from './warner.ts'

export interface IndexedDbStoreOptions {
  /** The bytes that entries may take together; 1 GiB by default, of which a browser may grant less. */
  readonly limit?: number
  /** Hears what went wrong; by default the console does. */
  readonly onWarning?: (warning: StoreWarning) => void
}

/** A further format gets a database of its own. */
const database = 'poolwright-v1'
const day = 24 * 60 * 60 * 1000
/** What may be written before the limit is looked after again, as a part of it. */
const share = 1 / 16

const remedy = 'Allow this page to keep data, or make room for it.'

interface Use {
  readonly bytes: number
  readonly usedAt: number
}

const warnConsole = ({ message }: StoreWarning): void => console.warn(message)

const resultOf = <T>(request: IdbRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })

const completionOf = (transaction: IdbTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error))
  })

/** What a transaction works on: bytes, and when they were used, both by folder and name. */
interface Tables {
  readonly entries: IdbObjectStore
  readonly uses: IdbObjectStore
}

export class IndexedDbStore implements Store {
  readonly location = `IndexedDB ${database}`
  readonly limit: number
  readonly #factory: IdbFactory
  readonly #warner: Warner
  #opening: Promise<IdbDatabase> | undefined
  #written = Number.POSITIVE_INFINITY

  /** @param factory - the browser's `indexedDB` */
  constructor(factory: IdbFactory, options: IndexedDbStoreOptions = {}) {
    this.#factory = factory
    this.limit = options.limit ?? 2 ** 30
    this.#warner = new Warner(options.onWarning ?? warnConsole, remedy)
  }

  async #open(): Promise<IdbDatabase> {
    const request = this.#factory.open(database, 1)
    request.addEventListener('upgradeneeded', () => {
      for (const name of ['entries', 'uses']) request.result.createObjectStore(name)
    })
    return resultOf(request)
  }

  /** Does work in one transaction, and waits until it is kept. A database that fails is opened anew by the next. */
  async #within<T>(mode: 'readonly' | 'readwrite', work: (tables: Tables) => Promise<T>): Promise<T> {
    try {
      this.#opening ??= this.#open()
      const transaction = (await this.#opening).transaction(['entries', 'uses'], mode)
      const completion = completionOf(transaction)
      const tables = { entries: transaction.objectStore('entries'), uses: transaction.objectStore('uses') }
      const [result] = await Promise.all([work(tables), completion])
      return result
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }

  async get(folder: string, name: string): Promise<Entry | undefined> {
    const key = keyFor(folder, name)
    try {
      const [bytes, use] = await this.#within('readonly', ({ entries, uses }) =>
        Promise.all([resultOf(entries.get(key)), resultOf(uses.get(key)) as Promise<Use | undefined>]),
      )
      if (bytes === undefined || use === undefined) return undefined
      const entry = bytes instanceof Uint8Array ? await decodeEntry(folder, name, bytes) : undefined
      if (entry === undefined) await this.#discard({ folder, name, ...use })
      else if (Date.now() - use.usedAt > day) await this.#markUse(key)
      return entry
    } catch (error) {
      this.#warner.unreadable(error)
      return undefined
    }
  }

  async #discard(entry: Listed): Promise<void> {
    this.#warner.corrupt(entry.folder, entry.name)
    await this.remove(entry)
  }

  async #markUse(key: string): Promise<void> {
    await this.#within('readwrite', async ({ uses }) => {
      const use = (await resultOf(uses.get(key))) as Use | undefined
      if (use !== undefined) await resultOf(uses.put({ ...use, usedAt: Date.now() }, key))
    })
  }

  async put(folder: string, name: string, entry: Entry): Promise<void> {
    const key = keyFor(folder, name)
    const bytes = await encodeEntry(folder, name, entry)
    const use: Use = { bytes: bytes.length, usedAt: Date.now() }
    try {
      await this.#within('readwrite', ({ entries, uses }) =>
        Promise.all([resultOf(entries.put(bytes, key)), resultOf(uses.put(use, key))]),
      )
    } catch (error) {
      return this.#warner.unwritable(error)
    }
    this.#written += bytes.length
    if (this.#written <= this.limit * share) return
    this.#written = 0
    await prune(this, { bytes: this.limit })
  }

  async list(folder?: string): Promise<readonly Listed[]> {
    if (folder !== undefined) checkFolder(folder)
    try {
      const [keys, uses] = await this.#within('readonly', (tables) =>
        Promise.all([resultOf(tables.uses.getAllKeys()) as Promise<string[]>, resultOf(tables.uses.getAll()) as Promise<Use[]>]),
      )
      return keys
        .map((key, k): Listed => {
          const end = key.lastIndexOf('/')
          return { folder: key.slice(0, end), name: key.slice(end + 1), ...uses[k]! }
        })
        .filter((entry) => folder === undefined || `${entry.folder}/`.startsWith(`${folder}/`))
        .sort(byPlace)
    } catch (error) {
      this.#warner.unreadable(error)
      return []
    }
  }

  async remove({ folder, name, usedAt }: Listed): Promise<boolean> {
    const key = keyFor(folder, name)
    try {
      return await this.#within('readwrite', async ({ entries, uses }) => {
        const use = (await resultOf(uses.get(key))) as Use | undefined
        if (use === undefined || use.usedAt > usedAt) return false
        await Promise.all([resultOf(entries.delete(key)), resultOf(uses.delete(key))])
        return true
      })
    } catch (error) {
      this.#warner.unwritable(error)
      return false
    }
  }
}

const keyFor = (folder: string, name: string): string => {
  checkFolder(folder)
  checkName(name)
  return `${folder}/${name}`
}
