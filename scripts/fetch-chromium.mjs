/**
 * Unpacks a headless Chromium from the package that brings it: what the tests in a browser, and the benchmark there, run on.
 * Prints its program as POOLWRIGHT_CHROMIUM=… for a shell to take.
 *
 * Beside the program lie SwiftShader, where Chromium looks for it, and in lib/ those libraries that it wants of a system and a
 * bare one lacks: NSS, NSPR and expat. The C library and GCC's, which Node needs too, are all that is asked of the machine.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isForThisMachine, unpackArchive, unpackedOnce, unpackProgram } from './unpack.mjs'

/** Its program; unpacked once, and put there whole. `undefined` on a machine that it is not made for. */
export const chromium = async () => {
  if (!isForThisMachine) return undefined
  const folder = await unpackedOnce('chromium', (folder) =>
    Promise.all([
      unpackProgram('chromium.br', join(folder, 'chromium')),
      unpackArchive('swiftshader.tar.br', folder),
      unpackArchive('al2023.tar.br', folder),
    ]),
  )
  return join(folder, 'chromium')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const program = await chromium()
  if (program) console.log(`POOLWRIGHT_CHROMIUM=${program}`)
  else console.error('This Chromium is for Linux on x64 only: name one of your own by POOLWRIGHT_CHROMIUM.')
}
