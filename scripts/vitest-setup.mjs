/** Before any test: the compiled templates are those of the working tree, and binaries go to a folder that is gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileTemplates } from './compile-templates.mjs'
import { swiftShader } from './fetch-swiftshader.mjs'

export const setup = async () => {
  compileTemplates()
  // Without a GPU of their own the tests of WebGPU run on the CPU.
  const folder = process.env.POOLWRIGHT_SWIFTSHADER ?? (await swiftShader())
  if (folder) process.env.POOLWRIGHT_SWIFTSHADER = folder
  // Whoever names a folder keeps what was compiled for the next run. Each tier of tests comes by here.
  if (process.env.POOLWRIGHT_CACHE) return undefined
  const cache = mkdtempSync(join(tmpdir(), 'poolwright-cache-'))
  process.env.POOLWRIGHT_CACHE = cache
  return () => rmSync(cache, { recursive: true, force: true })
}
