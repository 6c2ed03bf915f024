/** What a build would write, held against what is on the disk: new, changed, or left over from an earlier one. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FileError } from '../../dsl/errors.ts'
import type { BuiltFile } from '../../runtime/build/build.ts'
import { makeFolder } from '../../runtime/node/make-folder.ts'
import { writeFiles } from '../files/atomic.ts'
import { systemReason } from '../files/system-reason.ts'

export interface Differences {
  /** Not there yet. */
  readonly missing: readonly BuiltFile[]
  /** There, with another text. */
  readonly stale: readonly BuiltFile[]
  readonly unchanged: readonly BuiltFile[]
  /** Built once from the same spec module, and now no more. */
  readonly leftOver: readonly string[]
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** A file's text; `undefined` where it is not there. @throws FileError for one that cannot be read */
const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new FileError(`${path}: cannot be read: ${systemReason(error)}. Build into another folder, by --out.`)
  }
}

/** The mark that every built file bears in its first lines: which spec module it is from. */
const markOf = (text: string): string | undefined => /by poolwright \S+ from (.+?)[.;] do not edit/i.exec(text.slice(0, 400))?.[1]

/** The names in a folder; none where it is not there. */
const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw new FileError(`${folder}: is no folder that can be read: ${systemReason(error)}. Name another by --out.`)
  }
}

/** Files in the folder that bear a mark of these ones, and are none of them. */
const leftOverIn = async (folder: string, files: readonly BuiltFile[]): Promise<string[]> => {
  const marks = new Set(files.map(({ text }) => markOf(text)))
  const built = new Set(files.map(({ path }) => path))
  const others = (await namesIn(folder)).filter((name) => /\.(js|ts|cu|json)$/.test(name)).map((name) => join(folder, name))
  const found = await Promise.all(
    others
      .filter((path) => !built.has(path))
      .map(async (path) => {
        const mark = markOf((await textOf(path)) ?? '')
        return mark !== undefined && marks.has(mark) ? [path] : []
      }),
  )
  return found.flat()
}

/** Compares what is built into a folder with what is there. @throws FileError for what cannot be read */
export const compare = async (folder: string, files: readonly BuiltFile[]): Promise<Differences> => {
  const there = new Map(await Promise.all(files.map(async (file) => [file, await textOf(file.path)] as const)))
  const which = (test: (text: string | undefined, file: BuiltFile) => boolean) =>
    files.filter((file) => test(there.get(file), file))
  return {
    missing: which((text) => text === undefined),
    stale: which((text, file) => text !== undefined && text !== file.text),
    unchanged: which((text, file) => text === file.text),
    leftOver: await leftOverIn(folder, files),
  }
}

/** Writes what differs, all of it or nothing, and takes away what is left over. @throws FileError for what cannot be written */
export const bringUpToDate = async ({ missing, stale, leftOver }: Differences): Promise<void> => {
  const files = [...missing, ...stale]
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    try {
      await makeFolder(folder)
    } catch (error) {
      throw new FileError(`${folder}: cannot be made: ${systemReason(error)}. Name another folder by --out.`)
    }
  }
  await writeFiles(files.map(({ path, text }) => ({ path, bytes: new TextEncoder().encode(text) })))
  for (const path of leftOver) await rm(path, { force: true })
}
