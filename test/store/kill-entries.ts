/** Entries whose content follows from their name and a number, so that any process can tell whether one is whole. */
import type { Entry } from '../../runtime/store/store.ts'

export const sharedNames: readonly string[] = Array.from({ length: 8 }, (_, k) => `shared-${k}`)

/** Up to 20 kB, as results of the tuner and small binaries are. */
export const made = (name: string, count: number): Entry => ({
  fields: { name, count },
  value: new Uint8Array(Buffer.alloc((count * 997) % 20_000, `${name} ${count} `)),
})

export const isWhole = (name: string, { fields, value }: Entry): boolean => {
  const wanted = made(name, Number(fields.count))
  return fields.name === name && Buffer.from(value).equals(wanted.value)
}
