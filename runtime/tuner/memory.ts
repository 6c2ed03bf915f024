/**
 * What a tuner remembers of one key: a result for each candidate, by the text of its kernels, and how each run ended. Every
 * result is an entry of its own: processes that tune side by side lose nothing of each other, and a killed one loses nothing
 * that it had finished. A candidate whose text another version of Poolwright writes differently is another candidate.
 */
import { nameOf } from '../store/hash.ts'
import { type Fields, folders, type Json, type Listed, type Store } from '../store/store.ts'
import type { Outcome } from './outcome.ts'
import type { Schedule } from './subject.ts'

/** A candidate's result. */
export interface Remembered {
  readonly schedule: Schedule
  readonly outcome: Outcome
  /** A hash of what wrote the text of its kernels. */
  readonly generator: string
  /** The run that it belongs to, and the milliseconds that it took of the run's budget. */
  readonly run: string
  readonly tookMs: number
  /** When it was measured, in milliseconds since 1970. */
  readonly at: number
  /** Brought here from another machine: where a search may begin, and nothing to be relied on. */
  readonly imported: boolean
}

/** How a run ended. */
export interface RunEnd {
  /** Whether there was nothing left to try; then no budget changes anything. */
  readonly exhausted: boolean
  /** How many candidates were known then. */
  readonly tried: number
  readonly spaceSize: number
  /** Milliseconds of moving once what a call reads and writes, where that was measured. */
  readonly limitMs?: number
}

/** Entries of candidates, beside those of runs. */
const prefixes = { candidate: 'c-', run: 'run-' } as const

/** What is kept of a candidate beside its fields. */
type Value = Pick<Remembered, 'outcome' | 'run' | 'tookMs' | 'at'>

const encode = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

const kinds: readonly unknown[] = ['ok', 'invalid', 'compile-failed', 'launch-failed', 'timeout', 'wrong']

/** An entry proves that it is what somebody put; not that a tuner did, since a bundle may be anybody's. */
const readValue = (bytes: Uint8Array): Value | undefined => {
  try {
    const { outcome, run, tookMs, at } = decode(bytes) as Partial<Value>
    const { kind, ms } = (outcome ?? {}) as { readonly kind?: unknown; readonly ms?: unknown }
    const isOutcome = kinds.includes(kind) && (kind !== 'ok' || ms === null || (typeof ms === 'number' && ms > 0))
    if (!isOutcome || typeof run !== 'string' || typeof tookMs !== 'number' || typeof at !== 'number') return undefined
    return { outcome: outcome!, run, tookMs, at }
  } catch {
    return undefined
  }
}

const readEnd = (bytes: Uint8Array): RunEnd | undefined => {
  try {
    const { exhausted, tried, spaceSize, limitMs } = decode(bytes) as Partial<RunEnd>
    if (typeof exhausted !== 'boolean' || typeof tried !== 'number' || typeof spaceSize !== 'number') return undefined
    return { exhausted, tried, spaceSize, ...(typeof limitMs === 'number' && { limitMs }) }
  } catch {
    return undefined
  }
}

export class Memory {
  readonly key: Fields
  readonly folder: string
  readonly #store: Store

  private constructor(store: Store, key: Fields, folder: string) {
    this.#store = store
    this.key = key
    this.folder = folder
  }

  static async of(store: Store, key: Fields): Promise<Memory> {
    return new Memory(store, key, `${folders.tuning}/${await nameOf(key)}`)
  }

  /** All that is known of candidates, by the hash of their text. */
  async load(): Promise<Map<string, Remembered>> {
    const read = async ({ name }: Listed): Promise<readonly [string, Remembered] | undefined> => {
      const entry = await this.#store.get(this.folder, name)
      if (!entry) return undefined
      const { schedule, generator, imported } = entry.fields
      const value = readValue(entry.value)
      if (!value || typeof schedule !== 'object' || schedule === null) return undefined
      const remembered = {
        schedule: schedule as Schedule,
        generator: String(generator),
        ...value,
        imported: imported !== undefined,
      }
      return [name.slice(prefixes.candidate.length), remembered]
    }
    const listed = await this.#store.list(this.folder)
    const found = await Promise.all(listed.filter(({ name }) => name.startsWith(prefixes.candidate)).map(read))
    // In the order of the list, not in that of the disk: of equals, the same is the best each time.
    return new Map(found.filter((one) => one !== undefined))
  }

  async remember(identity: string, { schedule, generator, ...value }: Omit<Remembered, 'imported'>): Promise<void> {
    await this.#store.put(this.folder, `${prefixes.candidate}${identity}`, {
      fields: { key: this.key, schedule: schedule as Fields, generator },
      value: encode(value as unknown as Json),
    })
  }

  /** How a run ended; `undefined` for one that did not, or did on another machine. */
  async endOf(run: string): Promise<RunEnd | undefined> {
    const entry = await this.#store.get(this.folder, `${prefixes.run}${run}`)
    return entry && entry.fields.imported === undefined ? readEnd(entry.value) : undefined
  }

  async end(run: string, fields: Fields, end: RunEnd): Promise<void> {
    await this.#store.put(this.folder, `${prefixes.run}${run}`, {
      fields: { key: this.key, ...fields },
      value: encode({ ...end }),
    })
  }
}
