/** What a database of a browser does that files do not: it may refuse to open, close at any time, and run out of its quota. */
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it, vi } from 'vitest'
import { IndexedDbStore } from '../../runtime/store/indexed-db.ts'
import type { IdbDatabase, IdbFactory, IdbRequest } from '../../runtime/store/indexed-db-types.ts'
import type { Entry, StoreWarning } from '../../runtime/store/store.ts'

const entry: Entry = { fields: { a: 1 }, value: Uint8Array.of(1, 2, 3) }

const opened = (factory: IdbFactory) => {
  const warnings: StoreWarning[] = []
  return { warnings, store: new IndexedDbStore(factory, { onWarning: (warning) => warnings.push(warning) }) }
}

/** A factory whose databases do not do what `refuse` says for as long as it says so. */
const unwilling = (refuse: { open?: boolean; transaction?: boolean }): IdbFactory => {
  const factory: IdbFactory = new IDBFactory()
  return {
    open(name, version) {
      if (refuse.open) throw new Error('SecurityError: injected')
      const request: IdbRequest<IdbDatabase> = factory.open(name, version)
      request.addEventListener('success', () => {
        const { result } = request
        const transaction = result.transaction.bind(result)
        result.transaction = (stores, mode) => {
          if (refuse.transaction) throw new Error('QuotaExceededError: injected')
          return transaction(stores, mode)
        }
      })
      return request
    },
  }
}

describe('a store of IndexedDB', () => {
  it.each(['open', 'transaction'] as const)('goes without a database that refuses to %s, and comes back', async (what) => {
    const refuse = { [what]: true }
    const { store, warnings } = opened(unwilling(refuse))
    for (const _ of [1, 2]) {
      await store.put('cuda', 'a', entry)
      expect(await store.get('cuda', 'a')).toBeUndefined()
      expect(await store.list()).toEqual([])
      expect(await store.remove({ folder: 'cuda', name: 'a', bytes: 0, usedAt: 0 })).toBe(false)
    }
    expect(warnings.map(({ kind }) => kind)).toEqual(['unwritable', 'unreadable'])
    expect(warnings[0]!.message).toContain('injected')
    refuse[what] = false
    await store.put('cuda', 'a', entry)
    expect(await store.get('cuda', 'a')).toEqual(entry)
  })

  it('warns on the console where nobody else hears it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await new IndexedDbStore(unwilling({ open: true })).get('cuda', 'a')
    expect(warn.mock.calls).toEqual([[expect.stringContaining('the store cannot be read')]])
    warn.mockRestore()
  })
})
