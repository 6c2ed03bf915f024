/**
 * `poolwright/unplugin`: spec modules built by a bundler, where they are imported. A module `NAME.pool.ts`, or any other that
 * is asked for by `?kernels`, comes as what it is built into: the same names and types, kernels and no compiler.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { createUnplugin } from 'unplugin'
import { builtModule } from '../../codegen/module/module.ts'
import { emitSpec, version } from './build.ts'

const query = '?kernels'

const isSpec = (id: string): boolean => /\.pool\.[cm]?tsx?$/.test(id) || id.endsWith(query)

/**
 * The plugin for every bundler that unplugin knows: `poolwright.vite()`, `poolwright.esbuild()`, `poolwright.rollup()` and so on.
 *
 *     import { poolwright } from 'poolwright/unplugin'
 *     export default { plugins: [poolwright.vite()] }
 */
export const poolwright = createUnplugin(() => ({
  name: 'poolwright',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!id.endsWith(query) || importer === undefined) return null
    const path = resolve(dirname(importer), id.slice(0, -query.length))
    return existsSync(path) ? `${path}${query}` : null
  },
  loadInclude: isSpec,
  async load(id) {
    const path = id.endsWith(query) ? id.slice(0, -query.length) : id
    const { kernels, sources } = await emitSpec(path)
    for (const source of sources) this.addWatchFile(source)
    return builtModule(kernels, { version, from: basename(path) })
  },
}))
