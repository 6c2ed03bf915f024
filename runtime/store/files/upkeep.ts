/**
 * Keeps a store of files within its limit, and clears away what killed processes have left. To look through the whole folder
 * costs more than to put an entry, so it is done once an hour, whoever is the first to write then, and by a process that has
 * written much itself: the limit may be passed for a while, by a sixteenth of it for each process that writes.
 */
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prune } from '../prune.ts'
import type { Store } from '../store.ts'
import { isTemporary } from './publish.ts'
import { walk } from './walk.ts'

const hour = 60 * 60 * 1000
const share = 1 / 16

/** When a process last looked through: the time of this file. */
const stamp = '.upkeep'

/** Longer ago than this process can tell from the clock, where nobody has ever. */
const lastTime = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    return 0
  }
}

export class Upkeep {
  readonly #store: Pick<Store, 'location' | 'limit' | 'list' | 'remove'>
  #isFirst = true
  #written = 0

  constructor(store: Pick<Store, 'location' | 'limit' | 'list' | 'remove'>) {
    this.#store = store
  }

  /**
   * To be called when an entry of so many bytes has been put.
   * @throws the system's error, where the folder cannot be looked through
   */
  async after(bytes: number): Promise<void> {
    this.#written += bytes
    const path = join(this.#store.location, stamp)
    const isMuch = this.#written > this.#store.limit * share
    const mayBeLate = this.#isFirst
    this.#isFirst = false
    if (!isMuch && !(mayBeLate && Date.now() - (await lastTime(path)) > hour)) return
    this.#written = 0
    // First, so that nobody else begins the same meanwhile.
    await writeFile(path, `${new Date().toISOString()}\n`)
    await this.#sweep()
    await prune(this.#store, { bytes: this.#store.limit })
  }

  /** A temporary file is needed for a moment. One that is an hour old belongs to nobody. */
  async #sweep(): Promise<void> {
    const { location } = this.#store
    for (const { folder, file, modifiedAt } of await walk(location, ''))
      if (isTemporary(file) && Date.now() - modifiedAt > hour) await rm(join(location, folder, file), { force: true })
  }
}
