/**
 * Hashes of contents, by the Web's own cryptography, which Node and browsers share. A browser has it on secure pages only, as
 * it has WebGPU.
 */
import type { Fields, Json } from './store.ts'

/** SHA-256 in 64 hexadecimal digits; a text is hashed as UTF-8. */
export const hashOf = async (content: string | Uint8Array): Promise<string> => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  // Browsers' types leave out memory that threads share, which nothing of ours lies in.
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** JSON in one spelling: names sorted, no spaces. */
const canonical = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name]!)}`).join(',')}}`
}

const isList = (value: readonly Json[] | Fields): value is readonly Json[] => Array.isArray(value)

/** The name of an entry, or of a folder, by what it is made of. The order of the fields does not matter. */
export const nameOf = (fields: Fields): Promise<string> => hashOf(canonical(fields))
