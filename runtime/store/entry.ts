/**
 * An entry as bytes, which prove themselves:
 *
 *     poolwright entry 1
 *     the SHA-256 of folder, name and all that follows this line, in hexadecimal
 *     the fields, as JSON on one line
 *     the value, up to the end
 *
 * `head -3` shows what an entry was made of. No size stands in it, so none can be wrong. The hash covers the place, so that
 * what lies under another's name is no entry.
 */
import { ArgumentError } from '../../dsl/errors.ts'
import { concatenated, seal, splitLine, unseal } from './seal.ts'
import { checkFolder, checkName, type Entry, type Fields, type Json } from './store.ts'

/** Larger than any binary of ours: what takes more is neither kept nor read. */
export const mostBytes = 256 << 20

const magic = 'poolwright entry 1\n'

/** An entry that lies under another's name is none. */
const placeOf = (folder: string, name: string): string => `${folder}/${name}\n`

/** The way to a part of the fields that JSON does not hold: it would come back as something else. */
const wrongPart = (value: Json | undefined, path: string): string | undefined => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : path
    case 'object': {
      if (value === null) return undefined
      const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value))
      const parts = Object.entries(value).map(([name, part]) => wrongPart(part, `${path}.${name}`))
      return isPlain ? parts.find((part) => part !== undefined) : path
    }
    default:
      return path
  }
}

/**
 * Encodes an entry for its place.
 * @throws ArgumentError for a folder or a name that is none, for fields that JSON does not hold, and for more than 256 MiB
 */
export const encodeEntry = async (folder: string, name: string, { fields, value }: Entry): Promise<Uint8Array> => {
  checkFolder(folder)
  checkName(name)
  const wrong = wrongPart(fields, 'fields')
  if (wrong !== undefined)
    throw new ArgumentError(
      `${wrong} is not what JSON holds: give null, true, false, a finite number, a text, a list or an object`,
    )
  const line = new TextEncoder().encode(`${JSON.stringify(fields)}\n`)
  const bytes = await seal(magic, concatenated([line, value]), placeOf(folder, name))
  if (bytes.length > mostBytes)
    throw new ArgumentError(
      `an entry of ${bytes.length} bytes is too large for the store: keep at most ${mostBytes} bytes in one`,
    )
  return bytes
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads JSON that has to be an object; `undefined` where it is not. */
export const parseFields = (text: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The entry for this place, or `undefined` where the bytes are not exactly one. */
export const decodeEntry = async (folder: string, name: string, bytes: Uint8Array): Promise<Entry | undefined> => {
  const body = await unseal(magic, bytes, placeOf(folder, name))
  const parts = body && splitLine(body)
  const fields = parts && parseFields(parts.line)
  return fields && { fields, value: new Uint8Array(parts.rest) }
}
