/** Why a look-up missed: what is wanted beside what comes nearest to it, field by field. */
import type { Fields, Json } from './store.ts'

/** A field that is not the same; absent on a side that has none. */
export interface Difference {
  /** Where it is, with dots between names: `device.driver`. */
  readonly path: string
  readonly wanted?: Json
  readonly stored?: Json
}

export interface Miss {
  /** Which of those stored comes nearest; of several, the first. */
  readonly nearest: number
  /** Empty where the wanted fields are stored. */
  readonly differences: readonly Difference[]
}

const isObject = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names of both, those of the first in its order, then what the second has beside. */
const namesOf = (a: Fields, b: Fields): readonly string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])]

const own = (fields: Fields, name: string): Json | undefined => (Object.hasOwn(fields, name) ? fields[name] : undefined)

/** A name that would read as several, or as none, is quoted. */
const joined = (path: string, name: string): string => {
  if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** Lists are compared whole: `[3, 3]` beside `[2, 2]` says more than two numbers. */
const differ = (wanted: Json | undefined, stored: Json | undefined, path: string): readonly Difference[] => {
  if (isObject(wanted) && isObject(stored))
    return namesOf(wanted, stored).flatMap((name) => differ(own(wanted, name), own(stored, name), joined(path, name)))
  if (isSame(wanted, stored)) return []
  return [{ path, ...(wanted !== undefined && { wanted }), ...(stored !== undefined && { stored }) }]
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

const isSame = (a: Json | undefined, b: Json | undefined): boolean => {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((part, k) => isSame(part, b[k]))
  return a === b || (isObject(a) && isObject(b) && differ(a, b, '').length === 0)
}

/** What an entry is looked up by: its key where it has one, else all its fields but the mark of an import. */
export const keyOf = ({ imported: _, ...fields }: Fields): Fields => (isObject(fields.key) ? fields.key : fields)

/**
 * Compares what is wanted with what is stored.
 *
 * @returns the nearest, which is the one with the fewest fields that differ; `undefined` where nothing is stored
 */
export const explainMiss = (wanted: Fields, stored: readonly Fields[]): Miss | undefined => {
  let nearest: Miss | undefined
  for (const [index, fields] of stored.entries()) {
    const differences = differ(wanted, fields, '')
    if (nearest === undefined || differences.length < nearest.differences.length) nearest = { nearest: index, differences }
  }
  return nearest
}
