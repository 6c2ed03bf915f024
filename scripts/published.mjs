/**
 * The package as it is published, of the working tree as it is now: for tests of what others load. It is built anew for each run,
 * since an old dist/ proves nothing; types were checked before, and nobody reads declarations here.
 */
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Builds it, and gives its folder; whoever asked for it removes it. */
export const publish = async () => {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'poolwright-published-'))
  try {
    for (const name of ['package.json', 'LICENSE', 'python']) cpSync(join(root, name), join(home, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
    const status = await build(join(home, 'dist'), ['--noCheck', '--declaration', 'false'])
    if (status !== 0) throw new Error(`the package cannot be built: the compiler ends with ${status}`)
    return home
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}
