/**
 * The part of IndexedDB that is called, so that the types of a whole browser are not in sight of code that runs in Node too.
 * A browser's own objects are assignable to these.
 */

export interface IdbRequest<T> {
  readonly result: T
  readonly error: Error | null
  addEventListener(name: 'success' | 'error' | 'upgradeneeded', listener: () => void): void
}

export interface IdbObjectStore {
  get(key: string): IdbRequest<unknown>
  getAll(): IdbRequest<unknown[]>
  getAllKeys(): IdbRequest<unknown[]>
  put(value: unknown, key: string): IdbRequest<unknown>
  delete(key: string): IdbRequest<unknown>
}

export interface IdbTransaction {
  readonly error: Error | null
  addEventListener(name: 'complete' | 'abort', listener: () => void): void
  objectStore(name: string): IdbObjectStore
}

export interface IdbDatabase {
  createObjectStore(name: string): unknown
  transaction(stores: string[], mode: 'readonly' | 'readwrite'): IdbTransaction
}

/** A browser's `indexedDB` is one. */
export interface IdbFactory {
  open(name: string, version: number): IdbRequest<IdbDatabase>
}
