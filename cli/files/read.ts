/** Reads a file into memory within a limit, and tells its kind by its first bytes, not by its name. */
import { open } from 'node:fs/promises'
import { FileError } from '../../dsl/errors.ts'
import { isNpy } from './npy-header.ts'
import { systemReason } from './system-reason.ts'

/** One file is held in one buffer, and Node's reach to 2 GiB everywhere. */
const largest = 2 ** 31 - 1

/**
 * The bytes of a file.
 * @throws FileError where it cannot be read
 */
export const readBytes = async (path: string): Promise<Uint8Array> => {
  try {
    const file = await open(path, 'r')
    try {
      const stats = await file.stat()
      if (stats.isDirectory()) throw new FileError(`${path}: is a folder. Name a file.`)
      // A device has no end of its own.
      if (stats.isCharacterDevice() || stats.isBlockDevice()) throw new FileError(`${path}: is a device. Name a file.`)
      if (stats.size > largest)
        throw new FileError(`${path}: has ${stats.size} bytes; ${largest} are the most that Poolwright reads. Split it.`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(`${path}: cannot be read: ${systemReason(error)}.`)
  }
}

export type FileKind = 'npy' | 'png' | 'jpeg'

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean => start.every((byte, k) => bytes[k] === byte)

/** The kind of a file that Poolwright reads, undefined for any other. */
export const kindOf = (bytes: Uint8Array): FileKind | undefined => {
  if (isNpy(bytes)) return 'npy'
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png'
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'jpeg'
  return undefined
}
