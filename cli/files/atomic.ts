/**
 * Files that are there whole or not at all. All are written beside their targets first, and reach the disk; only when every
 * one has, they take their names. Whoever reads a target sees the old file or the new one, never a part.
 */
import { randomBytes } from 'node:crypto'
import { lstat, open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { FileError } from '../../dsl/errors.ts'

export interface FileToWrite {
  readonly path: string
  readonly bytes: Uint8Array
}

/** What the system says of a failure, without the path that messages name already. */
export const systemReason = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder'
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied'
    case 'EISDIR':
      return 'it is a folder'
    case 'ENOTDIR':
      return 'a part of its path is no folder'
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full'
    case 'EROFS':
      return 'the disk is read-only'
    case undefined:
      return error instanceof Error ? error.message : String(error)
    default:
      return code
  }
}

const cannotWrite = (path: string, error: unknown): FileError =>
  error instanceof FileError ? error : new FileError(`${path}: cannot be written: ${systemReason(error)}.`)

/** Where a file goes: through links, to a regular file or to a name that is free. */
const settleTarget = async (path: string): Promise<string> => {
  try {
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) return await settleTarget(await realpath(path))
    if (!stats.isFile()) {
      throw new FileError(`${path}: is ${stats.isDirectory() ? 'a folder' : 'no regular file'}. Name a file to write to.`)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  return resolve(path)
}

const writeBeside = async (target: string, bytes: Uint8Array): Promise<string> => {
  const temporary = join(dirname(target), `.${basename(target).slice(0, 100)}.${randomBytes(6).toString('hex')}`)
  const file = await open(temporary, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    await file.close()
    await rm(temporary, { force: true })
    throw error
  }
  await file.close()
  return temporary
}

/**
 * Writes all of the files, or none.
 * @throws FileError that names the file which cannot be written
 */
export const writeFiles = async (files: readonly FileToWrite[]): Promise<void> => {
  const written: { readonly path: string; readonly temporary: string; readonly target: string }[] = []
  const placed: string[] = []
  try {
    for (const { path, bytes } of files) {
      try {
        const target = await settleTarget(path)
        if (written.some((other) => other.target === target))
          throw new FileError(`${path}: two results would be written to it. Name a file for each.`)
        written.push({ path, target, temporary: await writeBeside(target, bytes) })
      } catch (error) {
        throw cannotWrite(path, error)
      }
    }
    for (const { path, temporary, target } of written) {
      try {
        await rename(temporary, target)
        placed.push(target)
      } catch (error) {
        throw cannotWrite(path, error)
      }
    }
  } catch (error) {
    for (const { temporary } of written) await rm(temporary, { force: true })
    for (const target of placed) await rm(target, { force: true })
    throw error
  }
}
