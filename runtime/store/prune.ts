/** What goes when a store is too large: what was used least recently. */
import type { Listed, Store } from './store.ts'

/** What may stay; what is not said is no bound. */
export interface Bounds {
  /** Bytes of all entries together. */
  readonly bytes?: number
  /** When an entry must have been used last, in milliseconds since 1970. */
  readonly usedSince?: number
}

/** The entries that go, oldest first: those not used since then, and as many more as it takes to come down to the bytes. */
export const surplus = (entries: readonly Listed[], bounds: Bounds): readonly Listed[] => {
  const { bytes = Number.POSITIVE_INFINITY, usedSince = Number.NEGATIVE_INFINITY } = bounds
  let left = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  const goes = (entry: Listed): boolean => {
    if (left <= bytes && entry.usedAt >= usedSince) return false
    left -= entry.bytes
    return true
  }
  return [...entries].sort((a, b) => a.usedAt - b.usedAt).filter(goes)
}

/**
 * Removes what is too much. Others may read and write meanwhile: what they use stays.
 *
 * @returns the entries that were removed
 */
export const prune = async (store: Pick<Store, 'list' | 'remove'>, bounds: Bounds): Promise<readonly Listed[]> => {
  const removed: Listed[] = []
  for (const entry of surplus(await store.list(), bounds)) if (await store.remove(entry)) removed.push(entry)
  return removed
}
