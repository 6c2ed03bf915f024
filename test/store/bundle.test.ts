/** Bundles: whole, or refused whole, whatever was done to them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../dsl/errors.ts'
import { type Bundle, decodeBundle, encodeBundle, markImported } from '../../runtime/store/bundle.ts'
import { encodeEntry } from '../../runtime/store/entry.ts'
import { hashOf } from '../../runtime/store/hash.ts'
import { fieldsLike, nameLike } from './arbitrary.ts'

const utf8 = new TextEncoder()
const entries = [
  { folder: 'tuning/x', name: 'a', fields: { ms: 1 }, value: Uint8Array.of(1, 2) },
  { folder: 'tuning/x', name: 'b', fields: {}, value: new Uint8Array() },
]
const exported = '2026-11-28T12:00:00.000Z'

/** A bundle with this body, and the checksum that goes with it. */
const sealed = async (body: Uint8Array): Promise<Uint8Array> =>
  Buffer.concat([utf8.encode(`poolwright bundle 1\n${await hashOf(body)}\n`), body])

const expectRefused = async (bytes: Uint8Array): Promise<void> => {
  await expect(decodeBundle(bytes, 'b.pool')).rejects.toThrow(FileError)
  await expect(decodeBundle(bytes, 'b.pool')).rejects.toThrow(/^b\.pool: is (a broken|no) bundle/)
}

describe('a bundle', () => {
  it('gives back what went in', async () => {
    const placed = fc.record({ folder: nameLike, name: nameLike, fields: fieldsLike, value: fc.uint8Array() })
    await fc.assert(
      fc.asyncProperty(fc.array(placed, { maxLength: 5 }), async (all) => {
        const bundle: Bundle = { exported, entries: all }
        expect(await decodeBundle(await encodeBundle(bundle), 'b.pool')).toEqual(bundle)
      }),
    )
  })

  it('is refused with any one bit changed, and at any other length', async () => {
    const whole = await encodeBundle({ exported, entries })
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const changed = Uint8Array.from(whole)
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7))
      await expect(decodeBundle(changed, 'b.pool')).rejects.toThrow(FileError)
    }
    for (let length = 0; length < whole.length; length++) await expectRefused(whole.subarray(0, length))
    await expectRefused(Uint8Array.of(...whole, 0))
  })

  it('says what it is called and what to do', async () => {
    await expect(decodeBundle(utf8.encode('PK'), 'b.zip')).rejects.toThrow('Make one with poolwright cache export')
    const whole = await encodeBundle({ exported, entries })
    await expect(decodeBundle(whole.subarray(1), 'b.pool')).rejects.toThrow('is no bundle')
    await expect(decodeBundle(whole.subarray(0, -1), 'b.pool')).rejects.toThrow('nothing of it was taken')
  })

  it('is not believed in its sizes, though its checksum be right', async () => {
    const [a, b] = await Promise.all(entries.map((entry) => encodeEntry(entry.folder, entry.name, entry)))
    const withRows = (rows: unknown): Promise<Uint8Array> =>
      sealed(Buffer.concat([utf8.encode(`${JSON.stringify({ exported, entries: rows })}\n`), a!, b!]))
    const rowsOf = (first: unknown, second: unknown) => [
      ['tuning/x', 'a', first],
      ['tuning/x', 'b', second],
    ]
    expect((await decodeBundle(await withRows(rowsOf(a!.length, b!.length)), 'b.pool')).entries).toEqual(entries)
    for (const [first, second] of [
      [a!.length - 1, b!.length + 1],
      [a!.length, b!.length + 1],
      [a!.length, 0],
      [2 ** 53, b!.length],
      [1e300, -1e300],
      [-1, a!.length + b!.length + 1],
      [a!.length + 0.5, b!.length - 0.5],
      [String(a!.length), b!.length],
      [null, a!.length + b!.length],
    ])
      await expectRefused(await withRows(rowsOf(first, second)))
    for (const rows of [null, {}, [1, 2], rowsOf(a!.length, b!.length).reverse(), [['tuning/x', 'a']]])
      await expectRefused(await withRows(rows))
  })

  it('is refused whole for one place that no store has, though all its checksums be right', async () => {
    for (const [folder, name] of [
      ['../x', 'b'],
      ['tuning/X', 'b'],
      ['tuning', '../b'],
      ['', 'b'],
    ] as const) {
      const body = utf8.encode('{}\n')
      const hash = await hashOf(Buffer.concat([utf8.encode(`${folder}/${name}\n`), body]))
      const foreign = Buffer.concat([utf8.encode(`poolwright entry 1\n${hash}\n`), body])
      const own = await encodeEntry('tuning/x', 'a', entries[0]!)
      const index = [
        ['tuning/x', 'a', own.length],
        [folder, name, foreign.length],
      ]
      const line = utf8.encode(`${JSON.stringify({ exported, entries: index })}\n`)
      await expectRefused(await sealed(Buffer.concat([line, own, foreign])))
    }
  })

  it('is refused for any body that was not made from entries', async () => {
    const body = (await encodeBundle({ exported, entries })).subarray(85)
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.uint8Array({ maxLength: 20 }), fc.nat(20), async (at, inserted, removed) => {
        const changed = Buffer.concat([body.subarray(0, at), inserted, body.subarray(at + removed)])
        fc.pre(!changed.equals(body))
        const decoded = await decodeBundle(await sealed(changed), 'b.pool').catch((error: unknown) => error)
        // The date alone proves nothing, and may be any text.
        if (decoded instanceof FileError) return
        expect(decoded).toMatchObject({ entries })
      }),
    )
  })
})

describe('markImported', () => {
  it('says where an entry comes from, and takes the place of an earlier mark', () => {
    const mark = { from: 'b.pool', exported, at: '2026-11-29T12:00:00.000Z' }
    expect(markImported({ ms: 1, imported: 'before' }, mark)).toEqual({ ms: 1, imported: mark })
  })
})
