/** The keys that a store holds, and how fields of them read: where somebody asks why a look-up missed. */
import { type Difference, keyOf } from '../../runtime/store/explain.ts'
import type { Fields, Json, Store } from '../../runtime/store/store.ts'

/** A stored key, with a name for people: the folder of its candidates, or its entry. */
export interface StoredKey {
  readonly name: string
  readonly key: Fields
}

/** The keys in a folder, each once: all candidates below one folder share theirs. */
export const keysIn = async (store: Store, folder: string): Promise<readonly StoredKey[]> => {
  const keys: StoredKey[] = []
  const seen = new Set<string>()
  for (const listed of await store.list(folder)) {
    const isAlone = listed.folder === folder
    if (!isAlone && seen.has(listed.folder)) continue
    const entry = await store.get(listed.folder, listed.name)
    if (entry === undefined) continue
    seen.add(listed.folder)
    keys.push({ name: isAlone ? listed.name : listed.folder.slice(folder.length + 1), key: keyOf(entry.fields) })
  }
  return keys
}

const valueText = (value: Json | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))

/** Both values of a field that is not the same. */
export const bothText = ({ wanted, stored }: Difference): string => `wanted ${valueText(wanted)}, stored ${valueText(stored)}`
