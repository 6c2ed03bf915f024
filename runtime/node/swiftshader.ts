/**
 * SwiftShader, a Vulkan driver that needs no GPU, from the npm package that brings it with a browser, `@sparticuz/chromium`: where
 * that is installed, WebGPU in Node has an adapter on any machine. It is unpacked once, beside the packages.
 */
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import { makeFolder } from './make-folder.ts'

interface Package {
  readonly folder: string
  readonly version: string
}

/** The package as this one, or the program that runs, finds it. Its exports do not name its own package.json. */
const findPackage = (): Package | undefined => {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'program.js')).href]) {
    try {
      const folder = join(dirname(createRequire(from).resolve('@sparticuz/chromium')), '../..')
      const { version } = createRequire(from)(join(folder, 'package.json')) as { readonly version: string }
      return { folder, version }
    } catch {
      // Then it is not installed there.
    }
  }
  return undefined
}

type Extract = (folder: string) => NodeJS.WritableStream

/** Unpacks an archive by what the package itself unpacks it with. */
const unpack = async (home: string, archive: string, folder: string): Promise<void> => {
  const { extract } = createRequire(join(home, 'package.json'))('tar-fs') as { readonly extract: Extract }
  await pipeline(createReadStream(archive), createBrotliDecompress(), extract(folder))
}

/** Its folder, put into its place whole; `undefined` where the package is not, or is not made for the machine. */
export const packagedSwiftShader = async (): Promise<string | undefined> => {
  const found = process.platform === 'linux' && process.arch === 'x64' ? findPackage() : undefined
  if (!found) return undefined
  // node_modules/@sparticuz/chromium
  const cache = join(found.folder, '../../.cache/poolwright')
  const folder = join(cache, `swiftshader-${found.version}`)
  if (existsSync(folder)) return folder
  await makeFolder(cache)
  const unpacked = await mkdtemp(`${folder}-`)
  try {
    await unpack(found.folder, join(found.folder, 'bin/swiftshader.tar.br'), unpacked)
    // Another process may be first.
    await rename(unpacked, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(unpacked, { recursive: true, force: true })
  }
  return folder
}
