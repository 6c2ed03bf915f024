/**
 * One of the processes that share a store until they are killed: puts entries that nobody else puts, puts some that all do,
 * and reads both. Says on its standard output what it has finished, a line each, and what should not have been.
 *
 * Called with the store's folder and a number that no other process has.
 */
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { FileStore } from '../../runtime/store/files/file-store.ts'
import { isWhole, made, sharedNames } from './kill-entries.ts'

const [folder = '', process = ''] = globalThis.process.argv.slice(2)

/** At once, not when the event loop comes to it: what is said has been finished. */
const say = (line: string): void => void writeSync(1, `${line}\n`)

const store = new FileStore({ folder, onWarning: ({ message }) => say(`WARNING ${message}`) })
say('ready')
for (let count = 0; ; count++) {
  const own = `p${process}-${count}`
  await store.put('tuning/own', own, made(own, count))
  say(`put ${own} ${count}`)
  const shared = sharedNames[count % sharedNames.length]!
  await store.put('tuning/shared', shared, made(shared, count))
  for (const [at, name] of [
    ['tuning/own', `p${process}-${count >> 1}`],
    ['tuning/shared', sharedNames[(count * 7 + 3) % sharedNames.length]!],
  ] as const) {
    const entry = await store.get(at, name)
    if (entry === undefined ? at === 'tuning/own' : !isWhole(name, entry)) say(`WRONG ${at}/${name}`)
  }
  // As a tuner does, which measures in between: else those at work keep those that start from ever starting.
  await setTimeout(25)
}
