/**
 * Turns at a folder: who makes a folder of a certain name in it works there alone, and the others wait until it is gone. What is
 * left of a process that was killed at work, the next takes away.
 */
import { mkdir, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileError } from '../../dsl/errors.ts'

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

const isMade = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

const isRunning = (owner: number): boolean => {
  try {
    process.kill(owner, 0)
    return true
  } catch (error) {
    // Somebody else's runs, though it takes no signal of ours.
    return codeOf(error) === 'EPERM'
  }
}

/** A file whose name says who made the folder: so what is taken away is what the one that was found dead has left. */
const mark = (path: string, owner: number): string => join(path, `process-${owner}`)

/** The process that made the folder; 0 where it has not said so yet. */
const ownerOf = async (path: string): Promise<number> => {
  const names = await readdir(path).catch((): readonly string[] => [])
  return Number(names.map((name) => /^process-(\d+)$/.exec(name)?.[1]).find((owner) => owner !== undefined) ?? 0)
}

/** Of several that find a folder left, the one that finds its mark too takes it away. */
const takeAway = async (path: string, owner: number): Promise<void> => {
  try {
    // Not rm, which is content where another removes the file meanwhile.
    await unlink(mark(path, owner))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  await rm(path, { recursive: true, force: true })
}

/**
 * Works alone, in a folder of its own.
 * @param path - what has to be free for a turn, in a folder that is there
 * @param patience - milliseconds to wait for that
 * @throws FileError where it was waited for in vain; what the system or the work throws
 */
export const inTurn = async <T>(path: string, work: (own: string) => Promise<T>, patience = 60_000): Promise<T> => {
  const until = Date.now() + patience
  while (!(await isMade(path))) {
    const owner = await ownerOf(path)
    if (owner > 0 && !isRunning(owner)) await takeAway(path, owner)
    else if (Date.now() < until) await sleep(20)
    else throw new FileError(`${path}: another export is at work there. Wait for its end, or remove the folder if there is none.`)
  }
  const own = join(path, 'work')
  try {
    await writeFile(mark(path, process.pid), '')
    await mkdir(own)
    return await work(own)
  } finally {
    // The mark goes last, so that what is left where this is broken off is known for what it is.
    await rm(own, { recursive: true, force: true })
    await rm(path, { recursive: true, force: true })
  }
}
