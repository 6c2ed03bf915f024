/** Random names and fields, as a store takes them. */
import fc from 'fast-check'
import type { Fields } from '../../runtime/store/store.ts'

export const nameLike = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,99}$/)

/** Any JSON under any names; -0 is left out, since JSON writes it as 0. */
export const fieldsLike = fc
  .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5, noNullPrototype: true })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as Fields)
