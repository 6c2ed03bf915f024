/** `poolwright cache explain`: why a look-up missed, by the key that comes nearest. */
import { FileError } from '../../dsl/errors.ts'
import { parseFields } from '../../runtime/store/entry.ts'
import { type Difference, explainMiss, keyOf, type Miss } from '../../runtime/store/explain.ts'
import type { Fields, Json, Store } from '../../runtime/store/store.ts'
import { UsageError } from '../exit.ts'
import { readBytes } from '../files/read.ts'
import type { Io } from '../io.ts'
import { counted, type JsonFlag, withStore } from './store.ts'

export interface ExplainFlags extends JsonFlag {
  readonly key?: string
  readonly in: string
}

/** A stored key, with a name for people: the folder of its candidates, or its entry. */
interface StoredKey {
  readonly name: string
  readonly key: Fields
}

/** The keys in a folder, each once: all candidates below one folder share theirs. */
const keysIn = async (store: Store, folder: string): Promise<readonly StoredKey[]> => {
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

const readWanted = async (file: string): Promise<Fields> => {
  const fields = parseFields(new TextDecoder().decode(await readBytes(file)))
  if (fields === undefined) throw new FileError(`${file}: is no JSON object. Write the wanted fields, as in {"target": "js"}.`)
  return keyOf(fields)
}

/** The one stored key whose name begins so. */
const chosenKey = (keys: readonly StoredKey[], start: string, folder: string): StoredKey => {
  const [found, another] = keys.filter(({ name }) => name.startsWith(start))
  if (found === undefined)
    throw new UsageError([`--key ${start}: ${folder} has no such key, and a hash alone has no fields. Give them in a file.`])
  if (another !== undefined) throw new UsageError([`--key ${start}: ${folder} has several such keys. Write more of it.`])
  return found
}

const valueText = (value: Json | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))

const differenceLines = (differences: readonly Difference[]): string => {
  const width = Math.max(...differences.map(({ path }) => path.length))
  return differences
    .map(({ path, wanted, stored }) => `  ${path.padEnd(width)}  wanted ${valueText(wanted)}, stored ${valueText(stored)}\n`)
    .join('')
}

const explainText = (folder: string, miss: Miss | undefined, others: readonly StoredKey[]): string => {
  if (miss === undefined) return `${folder} has no key to compare with.\n`
  const { name } = others[miss.nearest]!
  if (miss.differences.length === 0) return `${folder} has these fields, as ${name}.\n`
  const { length } = miss.differences
  return `${folder} has no such key. The nearest is ${name}; ${counted(length, 'field differs', 'fields differ')}:\n${differenceLines(miss.differences)}`
}

/** Compares wanted fields with the nearest key that is stored. */
export const explain = async (file: string | undefined, flags: ExplainFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    if ((file === undefined) === (flags.key === undefined))
      throw new UsageError(['explain wants either a file with the wanted fields or --key HASH, a key that is stored'])
    const keys = await keysIn(store, flags.in)
    const own = flags.key === undefined ? undefined : chosenKey(keys, flags.key, flags.in)
    const wanted = own?.key ?? (await readWanted(file!))
    const others = keys.filter((key) => key !== own)
    const stored = others.map(({ key }) => key)
    const miss = explainMiss(wanted, stored)
    const nearest = miss === undefined ? null : { name: others[miss.nearest]!.name, differences: miss.differences }
    return { report: { in: flags.in, keys: keys.length, wanted, nearest }, text: explainText(flags.in, miss, others) }
  })
}
