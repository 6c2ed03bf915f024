/**
 * Entries as one file, to be carried to another machine:
 *
 *     poolwright bundle 1
 *     the SHA-256 of all that follows this line, in hexadecimal
 *     when it was exported, and for each entry its folder, name and bytes, as JSON on one line
 *     the entries, each as a store keeps it, one after the other
 *
 * A bundle is whole or refused, and each entry in it proves itself besides. The sizes have to add up to what is there before
 * any is used.
 */
import { FileError } from '../../dsl/errors.ts'
import { decodeEntry, encodeEntry, parseFields } from './entry.ts'
import { concatenated, seal, splitLine, unseal } from './seal.ts'
import { type Entry, type Fields, isFolder, isName, type Json } from './store.ts'

/** An entry with its place. */
export interface Placed extends Entry {
  readonly folder: string
  readonly name: string
}

export interface Bundle {
  /** When, as ISO 8601 has it. */
  readonly exported: string
  readonly entries: readonly Placed[]
}

const magic = 'poolwright bundle 1\n'

/** Encodes a bundle. */
export const encodeBundle = async ({ exported, entries }: Bundle): Promise<Uint8Array> => {
  const encoded = await Promise.all(entries.map((entry) => encodeEntry(entry.folder, entry.name, entry)))
  const index = entries.map(({ folder, name }, k) => [folder, name, encoded[k]!.length])
  const line = new TextEncoder().encode(`${JSON.stringify({ exported, entries: index })}\n`)
  return seal(magic, concatenated([line, ...encoded]))
}

interface Row {
  readonly folder: string
  readonly name: string
  readonly bytes: number
}

const rowOf = (row: Json): Row | undefined => {
  if (!Array.isArray(row) || row.length !== 3) return undefined
  const [folder, name, bytes] = row
  // A place that no store has would be refused when it is put, and others have been put by then.
  const isPlace = typeof folder === 'string' && isFolder(folder) && typeof name === 'string' && isName(name)
  return isPlace && Number.isSafeInteger(bytes) && bytes >= 0 ? { folder, name, bytes } : undefined
}

/** What the first line of a body says, or `undefined` where it does not say it. */
const readIndex = (line: string): { readonly exported: string; readonly rows: readonly Row[] } | undefined => {
  const { exported, entries } = parseFields(line) ?? {}
  if (typeof exported !== 'string' || !Array.isArray(entries)) return undefined
  const rows = entries.map(rowOf).filter((row) => row !== undefined)
  return rows.length === entries.length ? { exported, rows } : undefined
}

const decodeBody = async (body: Uint8Array): Promise<Bundle | undefined> => {
  const parts = splitLine(body)
  const index = parts && readIndex(parts.line)
  if (!parts || !index) return undefined
  const { rest } = parts
  let at = 0
  if (index.rows.reduce((sum, { bytes }) => sum + bytes, at) !== rest.length) return undefined
  const entries: Placed[] = []
  for (const { folder, name, bytes } of index.rows) {
    const entry = await decodeEntry(folder, name, rest.subarray(at, at + bytes))
    if (entry === undefined) return undefined
    entries.push({ folder, name, ...entry })
    at += bytes
  }
  return { exported: index.exported, entries }
}

/**
 * Reads a bundle.
 *
 * @param file - what messages call it
 * @throws FileError where the bytes are not exactly one
 */
export const decodeBundle = async (bytes: Uint8Array, file: string): Promise<Bundle> => {
  if (new TextDecoder().decode(bytes.subarray(0, magic.length)) !== magic)
    throw new FileError(`${file}: is no bundle of this version of Poolwright. Make one with poolwright cache export.`)
  const body = await unseal(magic, bytes)
  const bundle = body && (await decodeBody(body))
  if (bundle === undefined)
    throw new FileError(`${file}: is a broken bundle, and nothing of it was taken. Export it, or copy it, once more.`)
  return bundle
}

/**
 * The fields of an entry that comes from elsewhere, with the mark that says so. What bears it was measured on another machine,
 * and is no proof of anything on this one: who reads it checks again.
 *
 * @param from - the file that it came in
 * @param at - when it was imported, as ISO 8601 has it
 */
export const markImported = (fields: Fields, { from, exported, at }: { from: string; exported: string; at: string }): Fields => ({
  ...fields,
  imported: { from, exported, at },
})
