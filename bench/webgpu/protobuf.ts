/**
 * As much of Protocol Buffers' wire format as a model of ONNX needs: a message is its fields one after the other, each a key and
 * a value.
 */

export type Bytes = readonly number[]

/** Seven bits a byte, the lowest first; all but the last have their top bit set. */
const varint = (value: number): Bytes => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))])

/** What follows a key: a number of any length, bytes after their length, or four bytes. */
const wire = { varint: 0, bytes: 2, four: 5 } as const

const key = (field: number, type: keyof typeof wire): Bytes => varint(field * 8 + wire[type])

/** An integer of at least 0, or an enumeration's. */
export const integer = (field: number, value: number): Bytes => [...key(field, 'varint'), ...varint(value)]

export const float = (field: number, value: number): Bytes => [...key(field, 'four'), ...floatBytes(value)]

/** The four bytes of a float32, the lowest first. */
export const floatBytes = (value: number): Bytes => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value, true)
  return [...new Uint8Array(view.buffer)]
}

export const bytes = (field: number, value: Bytes): Bytes => [...key(field, 'bytes'), ...varint(value.length), ...value]

export const text = (field: number, value: string): Bytes => bytes(field, [...new TextEncoder().encode(value)])

/** A message within a message, of its fields. */
export const message = (field: number, ...fields: readonly Bytes[]): Bytes => bytes(field, fields.flat())
