/**
 * Says when one of some files has changed. Their folders are watched, not they themselves: editors put a new file in the place
 * of the old one.
 */
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Editors write in steps, and tell of each. */
const quietFor = 50

/** Waits until a file changes; ends, too, when the signal is aborted. */
export const changed = (files: readonly string[], signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const names = new Map<string, Set<string>>()
    for (const file of files) names.set(dirname(file), (names.get(dirname(file)) ?? new Set()).add(basename(file)))
    let timer: NodeJS.Timeout | undefined
    let watchers: readonly FSWatcher[] = []
    const done = (): void => {
      clearTimeout(timer)
      for (const one of watchers) one.close()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const note = (): void => {
      clearTimeout(timer)
      timer = setTimeout(done, quietFor)
    }
    watchers = [...names].map(([folder, of]) =>
      watch(folder, (_, name) => {
        if (name === null || of.has(name)) note()
      }),
    )
    if (signal.aborted) done()
    else signal.addEventListener('abort', done)
  })
