/**
 * A process that uses an engine on behalf of `bench/store.ts`, since starts, kills and crashes are of whole processes:
 *
 *     store-worker.js TASK ENGINE FOLDER INSTALLED FIRST COUNT
 *
 * Says on its standard output what it did, a line each.
 */
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { contentOf, type EngineName, isRight, openEngine } from './store/engines.ts'

const [task = '', engine = '', folder = '', installed = '', first = '', count = ''] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, `${line}\n`)
const bytes = 1000
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!

const start = performance.now()
try {
  const opened = await openEngine(engine as EngineName, folder, installed)
  switch (task) {
    /** How long a program waits for what it looks up first. */
    case 'first': {
      await opened.get(first)
      say(`first ${performance.now() - start}`)
      break
    }
    case 'put': {
      for (let k = 0; k < Number(count); k++) {
        await opened.put(`${first}-${k}`, contentOf(`${first}-${k}`, bytes))
        say(`put ${first}-${k}`)
      }
      await opened.close()
      break
    }
    /** Until it is killed. */
    case 'die': {
      for (let k = 0; ; k++) {
        const name = `${first}-${k}`
        await opened.put(name, contentOf(name, bytes))
        say(`put ${name}`)
        const value = await opened.get(name)
        if (value === undefined || !isRight(name, value, bytes)) say(`wrong ${name}`)
        await setTimeout(25)
      }
    }
    case 'read': {
      for (let k = 0; k < Number(count); k++) {
        const name = `${first}-${k}`
        try {
          const value = await opened.get(name)
          say(value === undefined ? `lost ${name}` : isRight(name, value, bytes) ? `right ${name}` : `wrong ${name}`)
        } catch (error) {
          say(`failed ${name} ${reasonOf(error)}`)
        }
      }
      break
    }
    default:
      throw new RangeError(`there is no task ${task}`)
  }
} catch (error) {
  say(`failed - ${reasonOf(error)}`)
}
process.exit(0)
