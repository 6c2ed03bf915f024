/**
 * Lets a child process of a test run our TypeScript as it is, on Node versions that cannot: a loader that strips types.
 * `test/children.ts` puts it before the children's own modules.
 */
import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { transformSync } from 'esbuild'

// Hooks run on a thread of their own, which loads this file too.
if (isMainThread) register(import.meta.url)

export const load = (url, context, next) => {
  if (!url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context)
  const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
    loader: 'ts',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  })
  return { format: 'module', source: code, shortCircuit: true }
}
