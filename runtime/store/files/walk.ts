/** The files of a store, as the disk has them: other processes add and remove some meanwhile. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isFolder } from '../store.ts'
import { isMissing } from './publish.ts'

export interface Found {
  /** With `/` between its parts, below the root; empty for the root itself. */
  readonly folder: string
  readonly file: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}

/** Nothing where a file or a folder has vanished. */
const ifThere = async <T>(looking: Promise<T>): Promise<T | undefined> => {
  try {
    return await looking
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/**
 * The files in a folder and below it, in no order. Folders that no store makes are left out, and links are not followed.
 * @throws the system's error, where a folder cannot be read
 */
export const walk = async (root: string, folder: string): Promise<readonly Found[]> => {
  const children = (await ifThere(readdir(join(root, folder), { withFileTypes: true }))) ?? []
  const files = children.map(async (child): Promise<Found | undefined> => {
    const stats = child.isFile() ? await ifThere(stat(join(root, folder, child.name))) : undefined
    return stats && { folder, file: child.name, bytes: stats.size, modifiedAt: stats.mtimeMs }
  })
  const found = (await Promise.all(files)).filter((file) => file !== undefined)
  // One after the other: a folder is opened for each, and a process may open only so many.
  for (const child of children) {
    const below = folder === '' ? child.name : `${folder}/${child.name}`
    if (child.isDirectory() && isFolder(below)) found.push(...(await walk(root, below)))
  }
  return found
}
