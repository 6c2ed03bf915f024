/** `poolwright cache`: what is remembered between runs, listed, pruned and verified. */
import { readBytesOf } from '../../runtime/store/files/folder.ts'
import { type Bounds, prune } from '../../runtime/store/prune.ts'
import type { Listed } from '../../runtime/store/store.ts'
import { bytesOf, counted, type JsonFlag, summaryOf, withStore } from '../cache/store.ts'
import { type ExitCode, exit } from '../exit.ts'
import { Problems, readNumber } from '../flags/values.ts'
import { type Io, progress } from '../io.ts'
import { grouped, table } from '../table.ts'

/** As commander gives them. */
export interface PruneFlags extends JsonFlag {
  readonly limit?: string
  readonly older?: string
  readonly all?: boolean
}

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
