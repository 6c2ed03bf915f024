/**
 * A package on the disk. What Python imports is one folder that is ours alone: it is written beside its place and takes it when
 * it is whole, so that nobody imports half of one, and nothing of an older one is left. What stands around it are files.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FileError } from '../../dsl/errors.ts'
import { makeFolder } from '../../runtime/node/make-folder.ts'
import type { PackageFile } from '../../runtime/torch/package.ts'
import { writeFiles } from '../files/atomic.ts'
import { systemReason } from '../files/system-reason.ts'

export interface Written {
  readonly files: number
  /** Files of an earlier package that this one lacks. */
  readonly removed: number
}

/** A file that every package of ours has: a folder without it is somebody else's. */
const mark = join('operators', '__init__.py')

const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { withFileTypes: true, recursive: true }))
    .filter((one) => one.isFile() && !one.name.endsWith('.pyc'))
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))

const inFolder = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw error instanceof FileError
      ? error
      : new FileError(`${folder}: cannot be written: ${systemReason(error)}. Name another folder by --out.`)
  }
}

/**
 * Writes a package.
 * @param name - of the folder in it that Python imports
 * @throws FileError for what cannot be written, or is not ours to replace; then what was there is as it was
 */
export const writePackage = async (folder: string, name: string, files: readonly PackageFile[]): Promise<Written> =>
  inFolder(folder, async () => {
    const home = join(folder, name)
    if (existsSync(home) && !existsSync(join(home, mark)))
      throw new FileError(
        `${home}: is there, and is no package that this command wrote. Name another folder by --out, or another --name.`,
      )
    await makeFolder(folder)
    const beside = join(folder, `.${name}.${randomBytes(6).toString('hex')}`)
    const own = files.filter(({ path }) => path.startsWith(`${name}/`))
    const around = files.filter((one) => !own.includes(one))
    try {
      for (const one of new Set(own.map(({ path }) => dirname(path)))) await makeFolder(join(beside, one.slice(name.length)))
      for (const { path, text } of own) await writeFile(join(beside, path.slice(name.length)), text)
      for (const one of new Set(around.map(({ path }) => dirname(path)))) await makeFolder(join(folder, one))
      await writeFiles(around.map(({ path, text }) => ({ path: join(folder, path), bytes: new TextEncoder().encode(text) })))
      const before = existsSync(home) ? await filesIn(home) : []
      const old = `${beside}.old`
      if (before.length > 0) await rename(home, old)
      await rename(beside, home)
      await rm(old, { recursive: true, force: true })
      const now = new Set(own.map(({ path }) => path.slice(name.length + 1)))
      return { files: files.length, removed: before.filter((path) => !now.has(path)).length }
    } finally {
      await rm(beside, { recursive: true, force: true })
    }
  })
