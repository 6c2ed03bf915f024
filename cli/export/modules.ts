/** The modules that all exported packages share, read from where they ship: `python/` of this package. */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Operator } from '../../dsl/operator.ts'
import { hasLayer, type PackageFile } from '../../runtime/torch/package.ts'

const root = dirname(createRequire(import.meta.url).resolve('poolwright/package.json'))

const filesIn = async (folder: string, to: string): Promise<readonly PackageFile[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((one) => one.isFile() && !one.parentPath.includes('__pycache__'))
  return Promise.all(
    files.map(async (one) => {
      const path = join(one.parentPath, one.name)
      return { path: join(to, path.slice(folder.length + 1)), text: await readFile(path, 'utf8') }
    }),
  )
}

/** The layer's module goes with its operators. */
export const commonModules = async (name: string, operators: readonly Operator[]): Promise<readonly PackageFile[]> => {
  const shared = await filesIn(join(root, 'python/package'), name)
  const examples = await filesIn(join(root, 'python/examples'), 'examples')
  const license: PackageFile = { path: 'LICENSE', text: await readFile(join(root, 'LICENSE'), 'utf8') }
  return [...shared.filter(({ path }) => hasLayer(operators) || !path.endsWith('gaussian_pooling.py')), ...examples, license]
}
