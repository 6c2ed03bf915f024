/**
 * Bytes that prove themselves:
 *
 *     what they are, as a line
 *     the SHA-256 of a salt and of all that follows this line, in hexadecimal
 *     the content
 */
import { hashOf } from './hash.ts'

const utf8 = new TextEncoder()

export const concatenated = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const headOf = async (magic: string, body: Uint8Array, salt: string): Promise<Uint8Array> =>
  utf8.encode(`${magic}${await hashOf(concatenated([utf8.encode(salt), body]))}\n`)

/** @param salt - what the hash covers beside the content, such as the place where it is to lie */
export const seal = async (magic: string, body: Uint8Array, salt = ''): Promise<Uint8Array> =>
  concatenated([await headOf(magic, body, salt), body])

/** The content, or `undefined` where the bytes are not exactly what was sealed. */
export const unseal = async (magic: string, bytes: Uint8Array, salt = ''): Promise<Uint8Array | undefined> => {
  const body = bytes.subarray(magic.length + 64 + 1)
  // Byte for byte as it was written: a changed bit may turn a hexadecimal digit into one of the same worth.
  const head = await headOf(magic, body, salt)
  return bytes.length >= head.length && head.every((byte, at) => bytes[at] === byte) ? body : undefined
}

/** A content of a line and what follows it; `undefined` where there is no line. */
export const splitLine = (body: Uint8Array): { readonly line: string; readonly rest: Uint8Array } | undefined => {
  const end = body.indexOf(10)
  return end < 0 ? undefined : { line: new TextDecoder().decode(body.subarray(0, end)), rest: body.subarray(end + 1) }
}
