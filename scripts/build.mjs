/** Builds dist/ from nothing: templates first, since the compiler's types read their names; the parser toolkit last, into one module. */
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleChevrotain } from './bundle-chevrotain.mjs'
import { compileTemplates } from './compile-templates.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/**
 * Builds into a folder, of which nothing else is left.
 * @param flags - for TypeScript's compiler
 * @returns its exit code
 */
export const build = async (dist, flags = []) => {
  compileTemplates()
  rmSync(dist, { recursive: true, force: true })
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', dist, ...flags]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status === 0) {
    await bundleChevrotain(dist)
    chmodSync(join(dist, 'cli/main.js'), 0o755)
  }
  return status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await build(join(root, 'dist'))
