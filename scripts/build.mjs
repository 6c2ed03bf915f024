/** Builds dist/ from nothing: templates first, since the compiler's types read their names; the parser toolkit last, into one module. */
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { bundleChevrotain } from './bundle-chevrotain.mjs'
import { compileTemplates } from './compile-templates.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

compileTemplates()
rmSync(`${root}dist`, { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.build.json`], { stdio: 'inherit' })
if (status === 0) {
  await bundleChevrotain()
  chmodSync(`${root}dist/cli/main.js`, 0o755)
}
process.exitCode = status ?? 1
