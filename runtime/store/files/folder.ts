/** Where the store of a user is, and how large it may grow: what was asked for, what the environment says, or the usual. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ArgumentError } from '../../../dsl/errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The folder of all caches: the one given, `POOLWRIGHT_CACHE`, or the user's own by the rules of XDG. */
export const cacheFolder = (given?: string, environment: Environment = process.env): string => {
  const { POOLWRIGHT_CACHE, XDG_CACHE_HOME } = environment
  return resolve(given ?? (POOLWRIGHT_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'poolwright')))
}

const usualLimit = 2 ** 30
const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** A number of bytes as people write it, `1500000` or `500M`, with units of 1024; `undefined` for any other text. */
export const readBytesOf = (text: string): number | undefined => {
  const [, digits, unit = ''] = /^(\d{1,15})([KMGT]?)$/.exec(text.trim()) ?? []
  return digits === undefined ? undefined : Number(digits) * units[unit]!
}

/**
 * The bytes that entries may take together: those given, `POOLWRIGHT_CACHE_LIMIT`, or 1 GiB.
 * @throws ArgumentError where the variable is no number of bytes
 */
export const cacheLimit = (given?: number, environment: Environment = process.env): number => {
  const { POOLWRIGHT_CACHE_LIMIT: text } = environment
  if (given !== undefined || !text) return given ?? usualLimit
  const bytes = readBytesOf(text)
  if (bytes === undefined)
    throw new ArgumentError(
      `POOLWRIGHT_CACHE_LIMIT is '${text}': write a number of bytes, with K, M, G or T behind it if you like`,
    )
  return bytes
}
