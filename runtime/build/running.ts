/**
 * A spec module shares its process with whoever reads it. While one runs, what is printed goes to stderr, since stdout is for
 * results; and where one ends the process, that is told, since nobody else is left to tell it.
 */
import { Console } from 'node:console'

/** Those that run, as messages call them. */
const running = new Set<{ readonly path: string }>()
let usual: Partial<Console> = {}

/** What the command line ends with for bad input. */
const badInput = 2

const tell = (): void => {
  for (const { path } of running)
    process.stderr.write(
      `${path}: the process ends while the spec module runs, so nothing is made of it. It may not call process.exit, nor await what never comes.\n`,
    )
  process.exitCode = badInput
}

/** Runs a spec module. @param path - as messages call it */
export const whileRunning = async <T>(path: string, run: () => Promise<T>): Promise<T> => {
  if (running.size === 0) {
    usual = { ...console }
    Object.assign(console, new Console(process.stderr))
    process.once('exit', tell)
  }
  const one = { path }
  running.add(one)
  try {
    return await run()
  } finally {
    running.delete(one)
    if (running.size === 0) {
      Object.assign(console, usual)
      process.off('exit', tell)
    }
  }
}
