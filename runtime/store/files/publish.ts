/**
 * Files that appear whole and go only when they are meant. A file is written under a name that nobody reads, reaches the disk,
 * and then takes its own name. One that is to go first loses its name, so that it can be looked at once more when nobody can
 * replace it any longer.
 *
 * The file is flushed to the disk: a name must not get there before its content does. The folder is not. That would cost a
 * fifth more (`bench/results/store.md`), Windows has no way to do it, and what it would save when the power fails are entries
 * of the last seconds, which are made again.
 */
import { randomBytes } from 'node:crypto'
import { link, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeFolder } from '../../node/make-folder.ts'

/** A name beside the file that no entry has, and no other process. */
const nameBeside = (path: string): string => join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)

/** Whether a file's name is one that `publish` and `withdraw` use for a moment. */
export const isTemporary = (file: string): boolean => /^\..+\.[0-9a-f]{12}$/.test(file)

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

const writeNew = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** How often a folder may vanish while a file is put into it: another process removes it when it has become empty. */
const attempts = 5

/**
 * Puts a file in its place, whole, for this user alone; the folders above it are made.
 * @throws the system's error, with nothing changed
 */
export const publish = async (path: string, bytes: Uint8Array): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const temporary = nameBeside(path)
    try {
      await makeFolder(dirname(path), 0o700)
      await writeNew(temporary, bytes)
      return await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      if (!isMissing(error) || attempt === attempts) throw error
    }
  }
}

/**
 * Removes a file that was last written or used at a time, and its folder where that was the last. A newer one stays: it may
 * have taken the name since somebody judged the old one.
 *
 * @param modifiedAt - as `stat` told it, in milliseconds
 * @returns whether it was removed
 * @throws the system's error, where the file cannot be moved
 */
export const withdraw = async (path: string, modifiedAt: number): Promise<boolean> => {
  const aside = nameBeside(path)
  try {
    await rename(path, aside)
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
  // One that cannot be judged stays.
  const isNewer = await stat(aside).then(
    ({ mtimeMs }) => mtimeMs > modifiedAt,
    () => true,
  )
  // A third file may have the name by now; then that one is the newest.
  if (isNewer) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
  // Refused where it is not empty, which is the rule.
  if (!isNewer) await rmdir(dirname(path)).catch(() => {})
  return !isNewer
}
