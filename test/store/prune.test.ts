/** What goes when there is too much, and that nothing else does while others work. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { prune, surplus } from '../../runtime/store/prune.ts'
import type { Entry } from '../../runtime/store/store.ts'
import { freshFolder } from './stores.ts'

const folder = join(freshFolder(), 'store')

describe('surplus', () => {
  const listed = fc.record({
    folder: fc.constant('a'),
    name: fc.uuid(),
    bytes: fc.nat(1000),
    usedAt: fc.nat(100),
  })

  it('is the oldest, and no more than it takes', () => {
    fc.assert(
      fc.property(fc.array(listed), fc.nat(5000), fc.nat(100), (entries, bytes, usedSince) => {
        const gone = surplus(entries, { bytes, usedSince })
        const left = entries.filter((entry) => !gone.includes(entry))
        const sum = (all: typeof entries) => all.reduce((total, entry) => total + entry.bytes, 0)
        expect(sum(left)).toBeLessThanOrEqual(bytes)
        for (const entry of left) {
          expect(entry.usedAt).toBeGreaterThanOrEqual(usedSince)
          for (const other of gone) expect(other.usedAt).toBeLessThanOrEqual(entry.usedAt)
        }
        const last = gone.at(-1)
        if (last !== undefined && last.usedAt >= usedSince) expect(sum(left) + last.bytes).toBeGreaterThan(bytes)
        expect(surplus(entries, {})).toEqual([])
      }),
    )
  })
})

describe('prune', () => {
  it('disturbs nobody who reads and writes meanwhile', async () => {
    const open = () =>
      new FileStore({
        folder,
        onWarning: ({ message }) => {
          throw new Error(message)
        },
      })
    const made = (name: string, count: number): Entry => ({ fields: { name, count }, value: new Uint8Array(500).fill(count) })
    let isOver = false
    const workers = Array.from({ length: 8 }, async (_, worker) => {
      const store = open()
      for (let count = 0; count < 60; count++) {
        const name = `n${(worker + count) % 12}`
        await store.put(`tuning/${count % 3}`, name, made(name, count))
        const entry = await store.get(`tuning/${count % 3}`, name)
        if (entry !== undefined) expect(entry).toEqual(made(name, Number(entry.fields.count)))
      }
    })
    const pruners = [3000, 0].map(async (bytes) => {
      const store = open()
      let removed = 0
      while (!isOver) {
        removed += (await prune(store, { bytes })).length
        // What is listed has been put; what is gone was older than the list.
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      return removed
    })
    await Promise.all(workers)
    isOver = true
    for (const removed of await Promise.all(pruners)) expect(removed).toBeGreaterThan(0)
    await prune(open(), { bytes: 0 })
    expect(await open().list()).toEqual([])
  })
})
