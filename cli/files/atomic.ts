/**
 * Files that are there whole or not at all. All are written beside their targets first, and reach the disk; only when every
 * one has, they take their names. Whoever reads a target sees the old file or the new one, never a part.
 */
import { randomBytes } from 'node:crypto'
import { access, constants, lstat, open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { FileError } from '../../dsl/errors.ts'
import { systemReason } from './system-reason.ts'

export interface FileToWrite {
  readonly path: string
  readonly bytes: Uint8Array
}

const remedy = 'Name a file in a folder that is there, where you may write, and that has room.'

const cannotWrite = (path: string, error: unknown): FileError =>
  error instanceof FileError ? error : new FileError(`${path}: cannot be written: ${systemReason(error)}. ${remedy}`)

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const throughLink = async (path: string): Promise<string> => {
  try {
    return await realpath(path)
  } catch (error) {
    // To write a file in place of the link is not what was asked for.
    if (isMissing(error)) throw new FileError(`${path}: is a link to what is not there. Name a file to write to.`)
    throw error
  }
}

/** Where a file goes: through links, to a regular file or to a name that is free. */
const settleTarget = async (path: string): Promise<string> => {
  try {
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) return await settleTarget(await throughLink(path))
    if (!stats.isFile()) {
      throw new FileError(`${path}: is ${stats.isDirectory() ? 'a folder' : 'no regular file'}. Name a file to write to.`)
    }
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return resolve(path)
}

/** Where files go, each to a place of its own. */
const settleTargets = async (paths: readonly string[]): Promise<readonly string[]> => {
  const targets: string[] = []
  for (const path of paths) {
    try {
      const target = await settleTarget(path)
      if (targets.includes(target)) throw new FileError(`${path}: two results would be written to it. Name a file for each.`)
      targets.push(target)
    } catch (error) {
      throw cannotWrite(path, error)
    }
  }
  return targets
}

/**
 * Finds out whether files can be written, before work that takes long. That they can be in the end is not certain even so.
 * @throws FileError that names the file which cannot be written
 */
export const checkWritable = async (paths: readonly string[]): Promise<void> => {
  for (const [k, target] of (await settleTargets(paths)).entries()) {
    try {
      await access(dirname(target), constants.W_OK)
    } catch (error) {
      throw cannotWrite(paths[k]!, error)
    }
  }
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
    const targets = await settleTargets(files.map(({ path }) => path))
    for (const [k, { path, bytes }] of files.entries()) {
      const target = targets[k]!
      try {
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
