/** What a store tells of its troubles: each corrupt entry, and once that it cannot be read or written, which would else be told for each. */
import type { StoreWarning } from './store.ts'

export class Warner {
  readonly #onWarning: (warning: StoreWarning) => void
  readonly #remedy: string
  readonly #said = new Set<StoreWarning['kind']>()

  /** @param remedy - what to do about a store that cannot be read or written */
  constructor(onWarning: (warning: StoreWarning) => void, remedy: string) {
    this.#onWarning = onWarning
    this.#remedy = remedy
  }

  corrupt(folder: string, name: string): void {
    const message = `the store's entry ${folder}/${name} is not what was kept. It is removed, and made once more when it is needed.`
    this.#onWarning({ kind: 'corrupt', message, folder, name })
  }

  unreadable(error: unknown): void {
    this.#once('unreadable', `the store cannot be read, and what it holds is made once more: ${reasonOf(error)}`)
  }

  unwritable(error: unknown): void {
    this.#once('unwritable', `the store cannot be written, and what is made is not kept: ${reasonOf(error)}`)
  }

  #once(kind: 'unreadable' | 'unwritable', what: string): void {
    if (this.#said.has(kind)) return
    this.#said.add(kind)
    this.#onWarning({ kind, message: `${what}. ${this.#remedy}` })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
