/**
 * Unpacks SwiftShader, a Vulkan driver that needs no GPU, from the package that brings it with a browser: what the tests of
 * WebGPU run on. Prints its folder as POOLWRIGHT_SWIFTSHADER=… for a shell to take.
 */
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import tar from 'tar-fs'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Its folder; unpacked once, and put there whole. `undefined` on a machine that it is not made for. */
export const swiftShader = async () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const folder = join(root, 'node_modules/.cache/poolwright/swiftshader')
  if (existsSync(folder)) return folder
  const build = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'))
  const packed = join(build, '../../bin/swiftshader.tar.br')
  mkdirSync(dirname(folder), { recursive: true })
  const unpacked = mkdtempSync(`${folder}-`)
  await pipeline(createReadStream(packed), createBrotliDecompress(), tar.extract(unpacked))
  try {
    renameSync(unpacked, folder)
  } catch {
    // Another process was first.
    rmSync(unpacked, { recursive: true, force: true })
  }
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = await swiftShader()
  if (folder) console.log(`POOLWRIGHT_SWIFTSHADER=${folder}`)
  else console.error('SwiftShader comes for Linux on x64 only.')
}
