/** Tuning when a kernel is compiled, in a page: in this process, and remembered in IndexedDB. */
import { IndexedDbStore } from '../store/indexed-db.ts'
import type { IdbFactory } from '../store/indexed-db-types.ts'
import { tunerOn } from './on-compile.ts'
import { TrialsHere } from './trial/here.ts'

/** A page may be without: then the store says so, and each search is new. */
const absent: IdbFactory = {
  open: () => {
    throw new Error('there is no indexedDB here')
  },
}

const storeHere = (): IndexedDbStore => {
  const { indexedDB } = globalThis as { readonly indexedDB?: IdbFactory }
  return new IndexedDbStore(indexedDB ?? absent)
}

export const tuneBoth = tunerOn({ store: storeHere, trials: (tuning, options) => new TrialsHere(tuning, options) })
