/** Before any test: the compiled templates are those of the working tree, and binaries go to a folder that is gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileTemplates } from './compile-templates.mjs'

export const setup = () => {
  compileTemplates()
  // Whoever names a folder keeps what was compiled for the next run. Each tier of tests comes by here.
  if (process.env.POOLWRIGHT_CACHE) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'poolwright-cache-'))
  process.env.POOLWRIGHT_CACHE = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
