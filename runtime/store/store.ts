/**
 * What is remembered between runs: results of the tuner, and binaries. A store holds entries by folder and name; in Node it is
 * a folder of files, in a browser a database of IndexedDB. It is a help and never a source of failures: what is torn, or
 * cannot be read or kept, is a miss with a warning, and the work is done once more.
 */
import { ArgumentError } from '../../dsl/errors.ts'

/** What JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | Fields

/** What an entry was made of, in clear: plain JSON with finite numbers. */
export interface Fields {
  readonly [name: string]: Json
}

export interface Entry {
  /**
   * Where several entries share a key, as the candidates of one tuning do, it stands in a field `key`, and what tells them
   * apart stands beside it.
   */
  readonly fields: Fields
  readonly value: Uint8Array
}

/** An entry as a list has it, without its content. */
export interface Listed {
  readonly folder: string
  readonly name: string
  /** What it takes in the store, fields and checksum included. */
  readonly bytes: number
  /** When it was last put or got, in milliseconds since 1970; uses are noted once a day. */
  readonly usedAt: number
}

export type StoreWarning =
  /** An entry whose content is not what was put. It is removed, and the next `put` heals it. */
  | { readonly kind: 'corrupt'; readonly message: string; readonly folder: string; readonly name: string }
  /** Entries cannot be read, or none can be kept: a disk is full, a folder is read-only or foreign. Told once. */
  | { readonly kind: 'unreadable' | 'unwritable'; readonly message: string }

export interface Store {
  /** Where entries are, for people. */
  readonly location: string
  /** The bytes that entries may take together; those used least recently go first. */
  readonly limit: number
  /**
   * The entry as it was put, or `undefined` where there is none that proves itself.
   * @throws ArgumentError for a folder or a name that is none
   */
  get(folder: string, name: string): Promise<Entry | undefined>
  /**
   * Keeps an entry, in place of one that may be there. Readers see the old or the new one, never a part. When the promise is
   * fulfilled, the entry outlives this process, or a warning was given.
   * @throws ArgumentError for a folder or a name that is none, for fields that JSON does not hold, and for more than 256 MiB
   */
  put(folder: string, name: string, entry: Entry): Promise<void>
  /** The entries of a folder and of those below it, or all, by folder and name. */
  list(folder?: string): Promise<readonly Listed[]>
  /** Removes an entry as it was listed, and says whether it did: one that was put or got since then stays. */
  remove(entry: Listed): Promise<boolean>
}

/** The folders that Poolwright uses. */
export const folders = {
  /** CUDA binaries, each by what it was compiled from. */
  binaries: 'cuda',
  /** Results of the tuner: a folder a key, in it an entry a candidate. */
  tuning: 'tuning',
} as const

/**
 * File systems differ in what a name may be and in whether they tell cases apart. These are names everywhere, and no path.
 */
const namePattern = /^[a-z0-9][a-z0-9-]{0,99}$/

const rule = 'write 1 to 100 letters a to z, digits and dashes, no dash first'

export const isName = (name: string): boolean => namePattern.test(name)

/** Names with `/` between them. */
export const isFolder = (folder: string): boolean => folder.split('/').every(isName)

/** @throws ArgumentError where the name is none */
export const checkName = (name: string): void => {
  if (!isName(name)) throw new ArgumentError(`the store has no entry named ${JSON.stringify(name)}: ${rule}`)
}

/** @throws ArgumentError where the folder is none */
export const checkFolder = (folder: string): void => {
  if (!isFolder(folder))
    throw new ArgumentError(`the store has no folder ${JSON.stringify(folder)}: for each part between '/', ${rule}`)
}

/** Lists are sorted by folder, then by name. */
export const byPlace = (a: Listed, b: Listed): number => compare(a.folder, b.folder) || compare(a.name, b.name)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
