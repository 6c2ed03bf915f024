/**
 * Unpacks SwiftShader, a Vulkan driver that needs no GPU, from the package that brings it with a browser: what the tests of
 * WebGPU run on. Prints its folder as POOLWRIGHT_SWIFTSHADER=… for a shell to take.
 */
import { fileURLToPath } from 'node:url'
import { isForThisMachine, unpackArchive, unpackedOnce } from './unpack.mjs'

/** Its folder; unpacked once, and put there whole. `undefined` on a machine that it is not made for. */
export const swiftShader = async () =>
  isForThisMachine ? unpackedOnce('swiftshader', (folder) => unpackArchive('swiftshader.tar.br', folder)) : undefined

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = await swiftShader()
  if (folder) console.log(`POOLWRIGHT_SWIFTSHADER=${folder}`)
  else console.error('SwiftShader comes for Linux on x64 only.')
}
