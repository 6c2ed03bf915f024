/** Names, hashes and the bytes of an entry: what goes in comes out, and nothing else is taken for it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArgumentError } from '../../dsl/errors.ts'
import { decodeEntry, encodeEntry } from '../../runtime/store/entry.ts'
import { hashOf, nameOf } from '../../runtime/store/hash.ts'
import { checkFolder, checkName, type Fields } from '../../runtime/store/store.ts'
import { fieldsLike, nameLike } from './arbitrary.ts'

describe('an entry as bytes', () => {
  it('gives back what it was made of, in its place alone', async () => {
    const place = fc.tuple(fc.array(nameLike, { minLength: 1, maxLength: 3 }), nameLike)
    await fc.assert(
      fc.asyncProperty(place, fieldsLike, fc.uint8Array(), async ([parts, name], fields, value) => {
        const folder = parts.join('/')
        const bytes = await encodeEntry(folder, name, { fields, value })
        expect(await decodeEntry(folder, name, bytes)).toEqual({ fields, value })
        expect(await decodeEntry(folder, `${name}0`.slice(-100), bytes)).toBeUndefined()
        expect(await decodeEntry(`${folder}/${name}`, name, bytes)).toBeUndefined()
      }),
    )
  })

  it('shows its fields on its third line', async () => {
    const bytes = await encodeEntry('tuning', 'a', { fields: { target: 'js', ms: 1.5 }, value: Uint8Array.of(10, 0) })
    const [magic, hash, fields] = new TextDecoder().decode(bytes).split('\n')
    expect(magic).toBe('poolwright entry 1')
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(fields).toBe('{"target":"js","ms":1.5}')
  })

  it('is taken from no other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await decodeEntry('a', 'b', bytes)).toBeUndefined()
      }),
    )
  })

  it.each([
    ['fields.a', { a: Number.NaN }],
    ['fields.a.1', { a: [1, Number.POSITIVE_INFINITY] }],
    ['fields.a.b', { a: { b: undefined } }],
    ['fields.a', { a: new Date(0) }],
    ['fields.a', { a: 1n }],
    ['fields.a', { a: () => 1 }],
  ])('refuses %s that JSON does not hold', async (path, fields) => {
    const encoding = encodeEntry('a', 'b', { fields: fields as unknown as Fields, value: new Uint8Array() })
    await expect(encoding).rejects.toThrow(ArgumentError)
    await expect(encoding).rejects.toThrow(`${path} is not what JSON holds`)
  })

  it('refuses what is too large to be read again', async () => {
    const value = new Uint8Array(256 << 20)
    await expect(encodeEntry('a', 'b', { fields: {}, value })).rejects.toThrow('keep at most 268435456 bytes')
  })
})

describe('names', () => {
  const wrong = ['', '.', '..', 'a.b', 'A', '-a', 'ä', 'a b', 'a\n', 'a\0', 'x'.repeat(101), '../a', '/a', 'a/', 'a//b', 'a\\b']

  it.each(wrong)('refuses %j', (name) => {
    expect(() => checkName(name)).toThrow(ArgumentError)
    expect(() => checkFolder(name)).toThrow(ArgumentError)
  })

  it('have no slash, and folders have', () => {
    checkName('x'.repeat(100))
    checkFolder('tuning/0a-b')
    expect(() => checkName('tuning/0a-b')).toThrow('the store has no entry named "tuning/0a-b": write 1 to 100 letters')
  })
})

describe('hashes', () => {
  it('are those of the standard', async () => {
    expect(await hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(await hashOf(Uint8Array.of(0x61, 0x62, 0x63))).toBe(await hashOf('abc'))
  })

  const reversed = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).reverse())

  it('go by what fields say, whatever their order', async () => {
    await fc.assert(
      fc.asyncProperty(fieldsLike, fieldsLike, async (a, b) => {
        expect(await nameOf(reversed(a))).toBe(await nameOf(a))
        const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
        expect((await nameOf(a)) === (await nameOf(b))).toBe(isSame)
      }),
    )
    expect(await nameOf({ a: [1, 2] })).not.toBe(await nameOf({ a: [2, 1] }))
    expect(await nameOf({ a: { b: 1 } })).not.toBe(await nameOf({ a: { b: '1' } }))
  })
})

/** As lists of pairs, which keep names such as `__proto__` and have an order. */
const sorted = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return ['list', ...value.map(sorted)]
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => [name, sorted(part)])
}
