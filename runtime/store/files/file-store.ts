/**
 * A store of files, an entry each: what one entry suffers, no other does, and processes that share the folder need no lock.
 * `docs/store.md` says why it is no database.
 */
import { open, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { limitTo } from '../../limit.ts'
import { decodeEntry, encodeEntry, mostBytes } from '../entry.ts'
import { byPlace, checkFolder, checkName, type Entry, isName, type Listed, type Store, type StoreWarning } from '../store.ts'
import { Warner } from '../warner.ts'
import { cacheFolder, cacheLimit } from './folder.ts'
import { isMissing, publish, withdraw } from './publish.ts'
import { Upkeep } from './upkeep.ts'
import { walk } from './walk.ts'

export interface FileStoreOptions {
  /** The folder of the cache; by default `POOLWRIGHT_CACHE`, or the user's own. It is made when something is first kept. */
  readonly folder?: string
  /** The bytes that entries may take together; by default `POOLWRIGHT_CACHE_LIMIT`, or 1 GiB. */
  readonly limit?: number
  /** Hears what went wrong; by default the process does, as of any warning. */
  readonly onWarning?: (warning: StoreWarning) => void
}

/** Formats never meet: each has a folder of its own, and leaves alone what another version keeps. */
const format = 'v1'
const ending = '.entry'
const day = 24 * 60 * 60 * 1000
/** A process may open only so many files, 256 on some systems; whoever asks for thousands of entries at once has them in turn. */
const mostOpen = 64

const warnProcess = ({ kind, message }: StoreWarning): void =>
  process.emitWarning(message, { type: 'PoolwrightWarning', code: `POOLWRIGHT_STORE_${kind.toUpperCase()}` })

const remedy = 'Make room on the disk and the folder writable, or name another folder by POOLWRIGHT_CACHE.'

const nameIn = (file: string): string => file.slice(0, -ending.length)

/** A store that can only be read has no order of uses, and serves all the same. */
const markUse = async (path: string): Promise<void> => {
  const now = new Date()
  await utimes(path, now, now).catch(() => {})
}

interface Content {
  readonly bytes: Uint8Array
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}

/** A file's content; nothing of what is too large to be an entry. */
const readContent = async (path: string): Promise<Content> => {
  const file = await open(path, 'r')
  try {
    const { size, mtimeMs } = await file.stat()
    return { bytes: size > mostBytes ? new Uint8Array() : await file.readFile(), modifiedAt: mtimeMs }
  } finally {
    await file.close()
  }
}

export class FileStore implements Store {
  readonly location: string
  readonly limit: number
  readonly #warner: Warner
  readonly #upkeep: Upkeep
  readonly #inTurn = limitTo(mostOpen)

  /** @throws ArgumentError where `POOLWRIGHT_CACHE_LIMIT` is no number of bytes */
  constructor(options: FileStoreOptions = {}) {
    this.location = join(cacheFolder(options.folder), format)
    this.limit = cacheLimit(options.limit)
    this.#warner = new Warner(options.onWarning ?? warnProcess, remedy)
    this.#upkeep = new Upkeep(this)
  }

  #pathOf(folder: string, name: string): string {
    checkFolder(folder)
    checkName(name)
    return join(this.location, folder, `${name}${ending}`)
  }

  async get(folder: string, name: string): Promise<Entry | undefined> {
    const path = this.#pathOf(folder, name)
    try {
      const { bytes, modifiedAt } = await this.#inTurn(() => readContent(path))
      const entry = await decodeEntry(folder, name, bytes)
      if (entry === undefined) await this.#discard(folder, name, modifiedAt)
      else if (Date.now() - modifiedAt > day) await markUse(path)
      return entry
    } catch (error) {
      if (!isMissing(error)) this.#warner.unreadable(error)
      return undefined
    }
  }

  async #discard(folder: string, name: string, usedAt: number): Promise<void> {
    this.#warner.corrupt(folder, name)
    await this.remove({ folder, name, usedAt })
  }

  async put(folder: string, name: string, entry: Entry): Promise<void> {
    const path = this.#pathOf(folder, name)
    const bytes = await encodeEntry(folder, name, entry)
    try {
      await this.#inTurn(() => publish(path, bytes))
      await this.#upkeep.after(bytes.length)
    } catch (error) {
      this.#warner.unwritable(error)
    }
  }

  async list(folder?: string): Promise<readonly Listed[]> {
    if (folder !== undefined) checkFolder(folder)
    try {
      const found = await walk(this.location, folder ?? '')
      return found
        .filter((one) => one.folder !== '' && one.file.endsWith(ending) && isName(nameIn(one.file)))
        .map((one) => ({ folder: one.folder, name: nameIn(one.file), bytes: one.bytes, usedAt: one.modifiedAt }))
        .sort(byPlace)
    } catch (error) {
      this.#warner.unreadable(error)
      return []
    }
  }

  async remove({ folder, name, usedAt }: Pick<Listed, 'folder' | 'name' | 'usedAt'>): Promise<boolean> {
    try {
      return await withdraw(this.#pathOf(folder, name), usedAt)
    } catch (error) {
      this.#warner.unwritable(error)
      return false
    }
  }
}
