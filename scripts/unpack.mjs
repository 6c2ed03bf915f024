/**
 * Unpacks what the package `@sparticuz/chromium` brings, a browser and a Vulkan driver, once for a clone. A folder is put into
 * its place whole, so that nobody finds a part of one.
 */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import tar from 'tar-fs'

/** Where scripts keep what they make of packages: it goes with those when they are installed anew. */
export const cache = fileURLToPath(new URL('../node_modules/.cache/poolwright', import.meta.url))

/** The package is made for this machine alone. */
export const isForThisMachine = process.platform === 'linux' && process.arch === 'x64'

const home = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../..')

/** Unpacks an archive of the package into a folder. */
export const unpackArchive = (name, folder) =>
  pipeline(createReadStream(join(home, 'bin', name)), createBrotliDecompress(), tar.extract(folder))

/** Unpacks a program of the package into a file. */
export const unpackProgram = (name, path) =>
  pipeline(createReadStream(join(home, 'bin', name)), createBrotliDecompress(), createWriteStream(path, { mode: 0o755 }))

/**
 * The folder of that name for this version of the package.
 * @param fill - unpacks into a folder, where it is not there yet
 */
export const unpackedOnce = async (name, fill) => {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const folder = join(cache, `${name}-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const unpacked = mkdtempSync(`${folder}-`)
  try {
    await fill(unpacked)
    // Another process may have been first.
    if (!existsSync(folder)) renameSync(unpacked, folder)
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
  return folder
}
