/** In a page: the store of a real IndexedDB, whose entries outlive the page. */

import { IndexedDbStore } from '../../../runtime/store/indexed-db.ts'
import type { IdbFactory } from '../../../runtime/store/indexed-db-types.ts'
import type { Entry, Listed } from '../../../runtime/store/store.ts'

const { indexedDB } = globalThis as unknown as { readonly indexedDB: IdbFactory }
const warnings: string[] = []
const store = new IndexedDbStore(indexedDB, { onWarning: ({ message }) => warnings.push(message) })

const folder = 'tuning/key'
const entryOf = (k: number): Entry => ({ fields: { key: 'a', k }, value: Uint8Array.of(1, 2, k) })

/** Remembers so many entries, `a0`, `a1` and so on. */
export const put = async (count: number): Promise<void> => {
  for (let k = 0; k < count; k++) await store.put(folder, `a${k}`, entryOf(k))
}

/** What is remembered under a name: its fields and bytes; `null` where nothing is. */
export const get = async (name: string) => {
  const entry = await store.get(folder, name)
  return entry ? { fields: entry.fields, value: [...entry.value] } : null
}

export const list = (): Promise<readonly Listed[]> => store.list(folder)

export const remove = (entry: Listed): Promise<boolean> => store.remove(entry)

/** Turns one bit of what the database holds of an entry, as a disk may. */
export const flip = async (name: string): Promise<void> => {
  const opening = indexedDB.open('poolwright-v1', 1)
  await new Promise<void>((resolve) => opening.addEventListener('success', resolve))
  const transaction = opening.result.transaction(['entries'], 'readwrite')
  const entries = transaction.objectStore('entries')
  const reading = entries.get(`${folder}/${name}`)
  await new Promise<void>((resolve) => reading.addEventListener('success', resolve))
  const bytes = Uint8Array.from(reading.result as Uint8Array)
  bytes[bytes.length - 1]! ^= 1
  entries.put(bytes, `${folder}/${name}`)
  await new Promise<void>((resolve) => transaction.addEventListener('complete', resolve))
}

export const warned = (): readonly string[] => warnings
