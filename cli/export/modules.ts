/** The files that all exported packages share, read from where they ship: `python/` of this package. */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import type { PackageFile } from '../../codegen/torch/package.ts'
import type { SharedFiles } from '../../runtime/torch/package.ts'

const root = dirname(createRequire(import.meta.url).resolve('poolwright/package.json'))

/** What the examples import, where a package has no other name. */
const usualName = 'poolwright_torch'

const filesIn = async (folder: string): Promise<readonly PackageFile[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((one) => one.isFile() && !one.parentPath.includes('__pycache__'))
  return Promise.all(
    files.map(async (one) => {
      const path = join(one.parentPath, one.name)
      return { path: path.slice(folder.length + 1).replaceAll(sep, '/'), text: await readFile(path, 'utf8') }
    }),
  )
}

/** @param name - what Python imports */
export const sharedFiles = async (name: string): Promise<SharedFiles> => {
  const examples = await filesIn(join(root, 'python/examples'))
  return {
    modules: await filesIn(join(root, 'python/package')),
    around: [
      ...examples.map(({ path, text }) => ({ path: `examples/${path}`, text: text.replaceAll(usualName, name) })),
      { path: 'LICENSE', text: await readFile(join(root, 'LICENSE'), 'utf8') },
    ],
  }
}
