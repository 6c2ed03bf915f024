/** `poolwright cache`: what is remembered between runs, listed, explained, carried to another machine, pruned and verified. */
import { basename } from 'node:path'
import { FileError } from '../../dsl/errors.ts'
import { decodeBundle, encodeBundle, markImported, type Placed } from '../../runtime/store/bundle.ts'
import { parseFields } from '../../runtime/store/entry.ts'
import { type Difference, explainMiss, keyOf, type Miss } from '../../runtime/store/explain.ts'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { readBytesOf } from '../../runtime/store/files/folder.ts'
import { type Bounds, prune } from '../../runtime/store/prune.ts'
import { type Fields, folders, type Json, type Listed, type Store, type StoreWarning } from '../../runtime/store/store.ts'
import { CannotError, type ExitCode, exit, UsageError } from '../exit.ts'
import { writeFiles } from '../files/atomic.ts'
import { readBytes } from '../files/read.ts'
import { Problems, readNumber } from '../flags/values.ts'
import { type Io, progress } from '../io.ts'
import { grouped, table } from '../table.ts'

/** As commander gives them. */
export interface JsonFlag {
  readonly json?: boolean
}

export interface ExplainFlags extends JsonFlag {
  readonly key?: string
  readonly in: string
}

export interface ExportFlags extends JsonFlag {
  readonly binaries?: boolean
}

export type ImportFlags = ExportFlags

export interface PruneFlags extends JsonFlag {
  readonly limit?: string
  readonly older?: string
  readonly all?: boolean
}

type Corrupt = Extract<StoreWarning, { readonly kind: 'corrupt' }>

/** What a command says, to programs and to people. */
interface Answer {
  readonly report: object
  readonly text: string
}

/**
 * Works on the store, and prints what comes of it. For a kernel the store is only a help; here it is what was asked for, so
 * that one which cannot be read or written is told as what this machine cannot.
 *
 * @returns the entries that were found to be corrupt
 * @throws CannotError for such a store, when all that could be done is done
 */
const withStore = async (flags: JsonFlag, io: Io, work: (store: Store) => Promise<Answer>): Promise<readonly Corrupt[]> => {
  const corrupt: Corrupt[] = []
  const failures: string[] = []
  const onWarning = (warning: StoreWarning): void => {
    if (warning.kind === 'corrupt') corrupt.push(warning)
    else failures.push(warning.message)
  }
  const { report, text } = await work(new FileStore({ onWarning }))
  for (const { message } of corrupt) io.err(`${message}\n`)
  if (failures.length > 0) throw new CannotError(failures.join('\n'))
  io.out(flags.json ? `${JSON.stringify(report, null, 2)}\n` : text)
  return corrupt
}

const counted = (count: number, one = 'entry', many = 'entries'): string => `${grouped(count)} ${count === 1 ? one : many}`

const bytesOf = (entries: readonly Listed[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0)

const summaryOf = (entries: readonly Listed[]): string => `${counted(entries.length)}, ${grouped(bytesOf(entries))} bytes`

/** What one folder has. */
interface Row {
  readonly folder: string
  readonly entries: number
  readonly bytes: number
  /** As ISO 8601 has it. */
  readonly lastUse: string
}

const rowsOf = (entries: readonly Listed[]): readonly Row[] => {
  const rows = new Map<string, Row>()
  for (const { folder, bytes, usedAt } of entries) {
    const row = rows.get(folder)
    const lastUse = new Date(usedAt).toISOString()
    rows.set(folder, {
      folder,
      entries: (row?.entries ?? 0) + 1,
      bytes: (row?.bytes ?? 0) + bytes,
      lastUse: row !== undefined && row.lastUse > lastUse ? row.lastUse : lastUse,
    })
  }
  return [...rows.values()]
}

/** Lists folders with what is in them. */
export const ls = async (folder: string | undefined, flags: JsonFlag, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    const entries = await store.list(folder)
    const rows = rowsOf(entries)
    const { location, limit } = store
    const cells = rows.map((row) => [
      row.folder,
      grouped(row.entries),
      grouped(row.bytes),
      row.lastUse.slice(0, 16).replace('T', ' '),
    ])
    return {
      report: { location, limit, entries: entries.length, bytes: bytesOf(entries), folders: rows },
      text: `${location}: ${summaryOf(entries)} of ${grouped(limit)}\n${rows.length > 0 ? table([['folder', 'entries', 'bytes', 'last use'], ...cells]) : ''}`,
    }
  })
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

const isBinary = ({ folder }: Pick<Listed, 'folder'>): boolean => `${folder}/`.startsWith(`${folders.binaries}/`)

/** Writes a bundle: all but binaries, or with them. */
export const exportBundle = async (file: string, flags: ExportFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    const entries: Placed[] = []
    for (const listed of await store.list()) {
      if (isBinary(listed) && !flags.binaries) continue
      const entry = await store.get(listed.folder, listed.name)
      if (entry !== undefined) entries.push({ folder: listed.folder, name: listed.name, ...entry })
    }
    const bytes = await encodeBundle({ exported: new Date().toISOString(), entries })
    await writeFiles([{ path: file, bytes }])
    return {
      report: { file, entries: entries.length, bytes: bytes.length },
      text: `${file}: ${counted(entries.length)}, ${grouped(bytes.length)} bytes\n`,
    }
  })
}

/** Takes over what a bundle has. What was measured on this machine is worth more, and stays. */
export const importBundle = async (file: string, flags: ImportFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    const { exported, entries } = await decodeBundle(await readBytes(file), file)
    const wanted = entries.filter((entry) => flags.binaries || !isBinary(entry))
    const mark = { from: basename(file), exported, at: new Date().toISOString() }
    let imported = 0
    for (const { folder, name, fields, value } of wanted) {
      if ((await store.get(folder, name)) !== undefined) continue
      await store.put(folder, name, { fields: markImported(fields, mark), value })
      imported++
    }
    const there = wanted.length - imported
    const binaries = entries.length - wanted.length
    const left = binaries > 0 ? `; ${counted(binaries, 'binary', 'binaries')} left out, for want of --binaries` : ''
    return {
      report: { file, exported, imported, there, binaries },
      text: `${file}, exported ${exported}: ${counted(imported)} imported, ${grouped(there)} there already${left}\n`,
    }
  })
}

const readBounds = (flags: PruneFlags, limit: number): Bounds => {
  const problems = new Problems()
  const given = flags.limit === undefined ? limit : readBytesOf(flags.limit)
  if (given === undefined) problems.add(`--limit ${flags.limit}: write a number of bytes, as in --limit 200M`)
  const days = flags.older === undefined ? undefined : readNumber(flags.older)
  if (flags.older !== undefined && (days === undefined || days < 0))
    problems.add(`--older ${flags.older}: write a number of days, as in --older 90`)
  problems.refuse()
  const usedSince = days === undefined ? undefined : Date.now() - days * 24 * 60 * 60 * 1000
  return { bytes: flags.all ? 0 : given!, ...(usedSince !== undefined && { usedSince }) }
}

/** Removes what is too much, or too old, or all. */
export const pruneStore = async (flags: PruneFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    const removed = await prune(store, readBounds(flags, store.limit))
    const left = await store.list()
    const report = (entries: readonly Listed[]) => ({ entries: entries.length, bytes: bytesOf(entries) })
    return {
      report: { removed: report(removed), left: report(left) },
      text: `removed ${summaryOf(removed)}; left ${summaryOf(left)}\n`,
    }
  })
}

/** Reads all; done where all is whole, failed where something was not. That is removed. */
export const verify = async (flags: JsonFlag, io: Io): Promise<ExitCode> => {
  const corrupt = await withStore(flags, io, async (store) => {
    const entries = await store.list()
    const missing: string[] = []
    for (const [k, { folder, name }] of entries.entries()) {
      if (k % 1000 === 0) progress(io, `${grouped(k)} of ${counted(entries.length)}`)
      if ((await store.get(folder, name)) === undefined) missing.push(`${folder}/${name}`)
    }
    const outcome = missing.length === 0 ? 'all whole' : `${grouped(missing.length)} of them corrupt or gone`
    return {
      report: { location: store.location, checked: entries.length, missing },
      text: `${store.location}: ${counted(entries.length)} read, ${outcome}\n`,
    }
  })
  return corrupt.length === 0 ? exit.done : exit.failed
}
