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
import { hashOf } from './hash.ts'
import { checkFolder, checkName, type Entry, type Fields, type Json } from './store.ts'

/** Larger than any binary of ours: what takes more is neither kept nor read. */
export const mostBytes = 256 << 20

const magic = 'poolwright entry 1\n'
const hashEnd = magic.length + 64
const lineBreak = 10

const utf8 = new TextEncoder()

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

const contentHash = (folder: string, name: string, body: Uint8Array): Promise<string> => {
  const place = utf8.encode(`${folder}/${name}\n`)
  const hashed = new Uint8Array(place.length + body.length)
  hashed.set(place)
  hashed.set(body, place.length)
  return hashOf(hashed)
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
  const line = utf8.encode(`${JSON.stringify(fields)}\n`)
  const bodyStart = hashEnd + 1
  const length = bodyStart + line.length + value.length
  if (length > mostBytes)
    throw new ArgumentError(`an entry of ${length} bytes is too large for the store: keep at most ${mostBytes} bytes in one`)
  const bytes = new Uint8Array(length)
  bytes.set(line, bodyStart)
  bytes.set(value, bodyStart + line.length)
  bytes.set(utf8.encode(`${magic}${await contentHash(folder, name, bytes.subarray(bodyStart))}\n`))
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
  const body = bytes.subarray(hashEnd + 1)
  // Byte for byte as it was written: a changed bit may turn a hexadecimal digit into one of the same worth.
  const head = utf8.encode(`${magic}${await contentHash(folder, name, body)}\n`)
  if (bytes.length < head.length || !head.every((byte, at) => bytes[at] === byte)) return undefined
  const lineEnd = body.indexOf(lineBreak)
  if (lineEnd < 0) return undefined
  const fields = parseFields(new TextDecoder().decode(body.subarray(0, lineEnd)))
  return fields && { fields, value: new Uint8Array(body.subarray(lineEnd + 1)) }
}
