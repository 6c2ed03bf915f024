/** `poolwright cache explain`: why a look-up missed, by the key that comes nearest. */
import { FileError } from '../../dsl/errors.ts'
import { parseFields } from '../../runtime/store/entry.ts'
import { type Difference, explainMiss, keyOf, type Miss } from '../../runtime/store/explain.ts'
import type { Fields } from '../../runtime/store/store.ts'
import { UsageError } from '../exit.ts'
import { readBytes } from '../files/read.ts'
import type { Io } from '../io.ts'
import { bothText, keysIn, type StoredKey } from './keys.ts'
import { counted, type JsonFlag, withStore } from './store.ts'

export interface ExplainFlags extends JsonFlag {
  readonly key?: string
  readonly in: string
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

const differenceLines = (differences: readonly Difference[]): string => {
  const width = Math.max(...differences.map(({ path }) => path.length))
  return differences.map((one) => `  ${one.path.padEnd(width)}  ${bothText(one)}\n`).join('')
}

/** @param own - the key that is compared, where it is a stored one itself */
const explainText = (folder: string, miss: Miss | undefined, others: readonly StoredKey[], own?: StoredKey): string => {
  if (miss === undefined) return `${folder} has no ${own ? 'other ' : ''}key to compare with.\n`
  const { name } = others[miss.nearest]!
  if (miss.differences.length === 0) return `${folder} has these fields, as ${name}.\n`
  const { length } = miss.differences
  const head = own ? `The nearest to ${own.name} is ${name}` : `${folder} has no such key. The nearest is ${name}`
  return `${head}; ${counted(length, 'field differs', 'fields differ')}:\n${differenceLines(miss.differences)}`
}

/** Compares wanted fields with the nearest key that is stored. */
export const explain = async (file: string | undefined, flags: ExplainFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    if ((file === undefined) === (flags.key === undefined))
      throw new UsageError([
        'explain wants either a file with the wanted fields or --key HASH, a key that is stored: poolwright cache ls tuning lists those',
      ])
    const keys = await keysIn(store, flags.in)
    const own = flags.key === undefined ? undefined : chosenKey(keys, flags.key, flags.in)
    const wanted = own?.key ?? (await readWanted(file!))
    const others = keys.filter((key) => key !== own)
    const stored = others.map(({ key }) => key)
    const miss = explainMiss(wanted, stored)
    const nearest = miss === undefined ? null : { name: others[miss.nearest]!.name, differences: miss.differences }
    return { report: { in: flags.in, keys: keys.length, wanted, nearest }, text: explainText(flags.in, miss, others, own) }
  })
}
