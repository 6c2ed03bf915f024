/** What every store promises, whatever it keeps its entries in. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ArgumentError } from '../../dsl/errors.ts'
import { prune } from '../../runtime/store/prune.ts'
import type { Entry, Store, StoreWarning } from '../../runtime/store/store.ts'
import { fieldsLike, nameLike } from './arbitrary.ts'
import { places, removeFolders } from './stores.ts'

afterAll(removeFolders)

const entry: Entry = { fields: { key: { target: 'js' }, schedule: { unroll: 'all' } }, value: Uint8Array.of(0, 10, 255, 13) }
const day = 24 * 60 * 60 * 1000

const unexpected = (warning: StoreWarning): never => {
  throw new Error(warning.message)
}

const placesOf = async (store: Store, folder?: string): Promise<readonly string[]> =>
  (await store.list(folder)).map(({ folder: at, name }) => `${at}/${name}`)

describe.each(places)('a store of $kind', ({ make }) => {
  it('gives what it keeps, to others and after it was opened anew', async () => {
    const place = make()
    const store = place.open({ onWarning: unexpected })
    expect(await store.get('cuda', 'a')).toBeUndefined()
    expect(await store.list()).toEqual([])
    await store.put('cuda', 'a', entry)
    expect(await store.get('cuda', 'a')).toEqual(entry)
    expect(await place.open({ onWarning: unexpected }).get('cuda', 'a')).toEqual(entry)
    expect(await store.get('cuda', 'b')).toBeUndefined()
    expect(await store.get('tuning', 'a')).toBeUndefined()
    const other: Entry = { fields: { other: true }, value: new Uint8Array() }
    await store.put('cuda', 'a', other)
    expect(await store.get('cuda', 'a')).toEqual(other)
  })

  it('keeps any fields and values under any names', async () => {
    const store = make().open({ onWarning: unexpected })
    const cases = fc.uniqueArray(
      fc.tuple(fc.constantFrom('cuda', 'tuning/0', 'tuning/0/0'), nameLike, fieldsLike, fc.uint8Array()),
      {
        selector: ([folder, name]) => `${folder}/${name}`,
        maxLength: 8,
      },
    )
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        for (const [folder, name, fields, value] of all) await store.put(folder, name, { fields, value })
        for (const [folder, name, fields, value] of all) expect(await store.get(folder, name)).toEqual({ fields, value })
        expect(await placesOf(store)).toEqual(expect.arrayContaining(all.map(([folder, name]) => `${folder}/${name}`)))
      }),
      { numRuns: 30 },
    )
  })

  it('lists a folder with those below it, in order', async () => {
    const store = make().open({ onWarning: unexpected })
    for (const [folder, name] of [
      ['tuning/b', 'y'],
      ['tuning/b', 'x'],
      ['tuning-old', 'x'],
      ['tuning', 'b'],
      ['tuning/a', 'x'],
      ['cuda', 'z'],
    ] as const)
      await store.put(folder, name, entry)
    expect(await placesOf(store, 'tuning')).toEqual(['tuning/b', 'tuning/a/x', 'tuning/b/x', 'tuning/b/y'])
    expect(await placesOf(store, 'tuning/b')).toEqual(['tuning/b/x', 'tuning/b/y'])
    expect(await placesOf(store)).toHaveLength(6)
    expect(await placesOf(store, 'nothing')).toEqual([])
  })

  it('says how large an entry is, and when it was used', async () => {
    const place = make()
    const store = place.open({ onWarning: unexpected })
    const before = Date.now() - 20
    await store.put('cuda', 'a', entry)
    const [listed] = await store.list()
    expect(listed!.bytes).toBe((await place.bytesOf('cuda', 'a')).length)
    expect(listed!.usedAt).toBeGreaterThanOrEqual(before)
    expect(listed!.usedAt).toBeLessThanOrEqual(Date.now() + 20)
  })

  it('notes a use once a day', async () => {
    const place = make()
    const store = place.open({ onWarning: unexpected })
    await store.put('cuda', 'a', entry)
    for (const [age, isNoted] of [
      [0.9 * day, false],
      [1.1 * day, true],
    ] as const) {
      const usedAt = Math.round(Date.now() - age)
      await place.setUse('cuda', 'a', usedAt)
      expect(await store.get('cuda', 'a')).toEqual(entry)
      const [listed] = await store.list()
      expect(Math.abs(listed!.usedAt - usedAt) < 1).toBe(!isNoted)
      expect(Date.now() - listed!.usedAt < day / 2).toBe(isNoted)
    }
  })

  it('removes what was listed, and nothing that was used or put since', async () => {
    const place = make()
    const store = place.open({ onWarning: unexpected })
    const other: Entry = { fields: {}, value: Uint8Array.of(1) }
    for (const name of ['a', 'b', 'c']) {
      await store.put('cuda', name, entry)
      await place.setUse('cuda', name, Date.now() - 2 * day)
    }
    const [a, b, c] = await store.list()
    expect(await store.remove(a!)).toBe(true)
    expect(await store.remove(a!)).toBe(false)
    expect(await store.get('cuda', 'a')).toBeUndefined()
    expect(await store.get('cuda', 'b')).toEqual(entry)
    expect(await store.remove(b!)).toBe(false)
    await store.put('cuda', 'c', other)
    expect(await store.remove(c!)).toBe(false)
    expect(await store.get('cuda', 'b')).toEqual(entry)
    expect(await store.get('cuda', 'c')).toEqual(other)
    for (const listed of await store.list()) expect(await store.remove(listed)).toBe(true)
    expect(await store.list()).toEqual([])
    await store.put('cuda', 'a', entry)
    expect(await store.get('cuda', 'a')).toEqual(entry)
  })

  it('misses what is not what was put, warns of it, removes it and heals', async () => {
    const place = make()
    const warnings: StoreWarning[] = []
    const store = place.open({ onWarning: (warning) => warnings.push(warning) })
    await store.put('cuda', 'a', entry)
    await store.put('cuda', 'b', entry)
    const whole = await place.bytesOf('cuda', 'a')
    const broken = [whole.slice(0, -1), Uint8Array.of(...whole, 0), new Uint8Array(), await place.bytesOf('cuda', 'b')]
    for (const bytes of broken) {
      await store.put('cuda', 'a', entry)
      await place.overwrite('cuda', 'a', bytes)
      expect(await store.get('cuda', 'a')).toBeUndefined()
      expect(await placesOf(store)).toEqual(['cuda/b'])
    }
    expect(warnings).toEqual(broken.map(() => expect.objectContaining({ kind: 'corrupt', folder: 'cuda', name: 'a' })))
    expect(warnings[0]!.message).toContain('cuda/a is not what was kept')
    await store.put('cuda', 'a', entry)
    expect(await store.get('cuda', 'a')).toEqual(entry)
    expect(warnings).toHaveLength(broken.length)
  })

  it('holds its limit: what was used least recently goes first', async () => {
    const place = make()
    const value = new Uint8Array(1000)
    const large = place.open({ onWarning: unexpected })
    for (let k = 0; k < 10; k++) {
      await large.put('tuning/x', `n${k}`, { fields: {}, value })
      await place.setUse('tuning/x', `n${k}`, Date.now() - (20 - k) * day)
    }
    // The use is noted, so that the oldest is now the newest.
    await large.get('tuning/x', 'n0')
    const small = place.open({ limit: 6000, onWarning: unexpected })
    await small.put('cuda', 'new', { fields: {}, value })
    const left = await small.list()
    expect(left.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(6000)
    expect(left.map(({ name }) => name).sort()).toEqual(['n0', 'n7', 'n8', 'n9', 'new'])
    await prune(small, { usedSince: Date.now() - 12.5 * day })
    expect(await placesOf(small)).toEqual(['cuda/new', 'tuning/x/n0', 'tuning/x/n8', 'tuning/x/n9'])
    expect(await prune(small, { bytes: 0 })).toHaveLength(4)
    expect(await small.list()).toEqual([])
  })

  it('refuses what is no name, and reaches nothing outside', async () => {
    const store = make().open({ onWarning: unexpected })
    for (const [folder, name] of [
      ['cuda', '../a'],
      ['../cuda', 'a'],
      ['', 'a'],
      ['cuda', 'A'],
      ['/', 'a'],
    ] as const) {
      await expect(store.get(folder, name)).rejects.toThrow(ArgumentError)
      await expect(store.put(folder, name, entry)).rejects.toThrow(ArgumentError)
    }
    await expect(store.list('..')).rejects.toThrow(ArgumentError)
  })

  it('is shared by many at once', async () => {
    const place = make()
    const work = Array.from({ length: 40 }, async (_, k) => {
      const store = place.open({ onWarning: unexpected })
      const own: Entry = { fields: { k }, value: new Uint8Array(100 * k).fill(k) }
      await store.put('tuning/x', `own-${k}`, own)
      await store.put('tuning/x', 'shared', own)
      expect(await store.get('tuning/x', `own-${k}`)).toEqual(own)
      const shared = await store.get('tuning/x', 'shared')
      expect(shared!.value).toEqual(new Uint8Array(100 * Number(shared!.fields.k)).fill(Number(shared!.fields.k)))
    })
    await Promise.all(work)
    expect(await place.open({ onWarning: unexpected }).list()).toHaveLength(41)
  })
})
