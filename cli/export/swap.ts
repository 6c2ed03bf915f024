/** Files and folders that take the places of others together: all of them, or none. */
import type { Stats } from 'node:fs'
import { copyFile, lstat, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../runtime/node/make-folder.ts'

/** What is there, be it a link to nowhere. @throws the system's error where that cannot be told */
const found = async (path: string): Promise<Stats | undefined> => {
  try {
    return await lstat(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether anything is there. @throws the system's error where that cannot be told */
export const isThere = async (path: string): Promise<boolean> => (await found(path)) !== undefined

/**
 * Puts what is in one folder into another, and what was in its place into a third; all on one disk.
 * @param paths - below each of them; what is not in the first is only taken away
 * @throws the system's error; then everything is where it was
 */
export const swap = async (paths: readonly string[], from: string, into: string, aside: string): Promise<void> => {
  const moved: (readonly [string, string])[] = []
  const move = async (how: typeof rename, source: string, target: string): Promise<void> => {
    await makeFolder(dirname(target))
    await how(source, target)
    moved.push([target, source])
  }
  try {
    for (const path of paths) {
      const [made, place] = [join(from, path), join(into, path)]
      const [next, before] = [await isThere(made), await found(place)]
      // Of a file there is always one, the old or the new.
      if (before) await move(before.isFile() && next ? copyFile : rename, place, join(aside, path))
      if (next) await move(rename, made, place)
    }
  } catch (error) {
    for (const [target, source] of moved.reverse()) await rename(target, source)
    throw error
  }
}
