/**
 * Unpacks a headless Chromium from the package that brings it, once for a clone: what the tests in a browser, and the benchmark
 * there, run on. Prints its program as POOLWRIGHT_CHROMIUM=… for a shell to take.
 *
 * Beside the program lie SwiftShader, where Chromium looks for it, and in lib/ those libraries that it wants of a system and a
 * bare one lacks: NSS, NSPR and expat. The C library and GCC's, which Node needs too, are all that is asked of the machine.
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

/** Where it goes with the packages when they are installed anew. */
const cache = fileURLToPath(new URL('../node_modules/.cache/poolwright', import.meta.url))

const home = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../..')

const unpacked = (name, into) => pipeline(createReadStream(join(home, 'bin', name)), createBrotliDecompress(), into)

const fill = (folder) =>
  Promise.all([
    unpacked('chromium.br', createWriteStream(join(folder, 'chromium'), { mode: 0o755 })),
    unpacked('swiftshader.tar.br', tar.extract(folder)),
    unpacked('al2023.tar.br', tar.extract(folder)),
  ])

/** Its program, in a folder that is put into its place whole. `undefined` on a machine that it is not made for. */
export const chromium = async () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const folder = join(cache, `chromium-${version}`)
  const program = join(folder, 'chromium')
  if (existsSync(folder)) return program
  mkdirSync(cache, { recursive: true })
  const part = mkdtempSync(`${folder}-`)
  try {
    await fill(part)
    // Another process may have been first.
    if (!existsSync(folder)) renameSync(part, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  return program
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const program = await chromium()
  if (program) console.log(`POOLWRIGHT_CHROMIUM=${program}`)
  else console.error('This Chromium is for Linux on x64 only: name one of your own by POOLWRIGHT_CHROMIUM.')
}
