/**
 * A package on the disk. All of it is written apart and takes its place when it is whole, so that nobody imports half of one, and
 * nothing of an older one is left. What Python imports is one folder that is ours alone; around it stand files of ours, among
 * what else people keep there.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PackageFile } from '../../codegen/torch/package.ts'
import { FileError } from '../../dsl/errors.ts'
import { makeFolder } from '../../runtime/node/make-folder.ts'
import { systemReason } from '../files/system-reason.ts'
import { isThere, swap } from './swap.ts'
import { inTurn } from './turn.ts'

export interface Written {
  readonly files: number
  /** Files of an earlier package that this one lacks. */
  readonly removed: number
}

/** What says whose a folder is. */
const project = 'pyproject.toml'

/** Where setuptools builds, and finds files of an older package when it packs the next one. */
const builtOf = (name: string): readonly string[] => ['build', `${name}.egg-info`]

/** The package that a `pyproject.toml` of ours is of. */
const packageOf = (text: string): string | undefined => /^# Written by Poolwright .*\n(?:.*\n)*?name = "(.*)"/.exec(text)?.[1]

/** The files below a folder; none where it is not there. */
const filesIn = async (folder: string): Promise<readonly string[]> => {
  if (!(await isThere(folder))) return []
  return (await readdir(folder, { withFileTypes: true, recursive: true }))
    .filter((one) => one.isFile() && !one.name.endsWith('.pyc'))
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
}

const inFolder = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw error instanceof FileError
      ? error
      : new FileError(`${folder}: cannot be written: ${systemReason(error)}. Name another folder by --out.`)
  }
}

/** @throws FileError where something is in the place of a package, and this command wrote none of that name there */
const refuseOthers = async (folder: string, name: string, places: readonly string[], text: string): Promise<void> => {
  const theirs = (place: string): FileError =>
    new FileError(
      `${join(folder, place)}: is there, and is not of a package ${name} that this command wrote. Name another folder by --out.`,
    )
  if (await isThere(join(folder, project))) {
    if (packageOf(await readFile(join(folder, project), 'utf8')) !== packageOf(text)) throw theirs(project)
    return
  }
  for (const place of places) if (await isThere(join(folder, place))) throw theirs(place)
}

/**
 * Writes a package.
 * @param name - of the folder in it that Python imports
 * @throws FileError for what cannot be written, or is not ours to replace; then what was there is as it was
 */
export const writePackage = async (folder: string, name: string, files: readonly PackageFile[]): Promise<Written> =>
  inFolder(folder, async () => {
    await makeFolder(folder)
    return inTurn(join(folder, '.poolwright-export'), async (work) => {
      const around = files.map(({ path }) => path).filter((path) => !path.startsWith(`${name}/`))
      await refuseOthers(folder, name, [name, ...around], files.find(({ path }) => path === project)!.text)
      const [made, old] = [join(work, 'made'), join(work, 'old')]
      for (const one of new Set(files.map(({ path }) => dirname(path)))) await makeFolder(join(made, one))
      for (const { path, text } of files) await writeFile(join(made, path), text)
      const now = new Set(await filesIn(join(made, name)))
      // First what says that the rest is ours, should this be broken off.
      const places = [...new Set([project, name, ...builtOf(name), ...around])]
      await swap(places, made, folder, old)
      const before = await filesIn(join(old, name))
      return { files: files.length, removed: before.filter((path) => !now.has(path)).length }
    })
  })
