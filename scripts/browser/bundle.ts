/** Modules as a page loads them: bundled, from TypeScript or JavaScript. What the house publishes can be taken from the package. */
import { readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** What an entry of the package's exports stands for. */
type Export = string | { readonly default: string }

/** By the file that they are made of, the names by which the package's entries are imported: `specs/index.ts`, `poolwright/specs`. */
const entriesOf = (home: string): ReadonlyMap<string, string> => {
  const { name, exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, Export>>
  }
  const sourceOf = (of: Export): string =>
    (typeof of === 'string' ? of : of.default).replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts')
  return new Map(Object.entries(exports).map(([path, of]) => [sourceOf(of), name + path.slice(1)]))
}

/**
 * Takes what a page imports of the house's sources from the package as it is published: its entries by their names, as anybody
 * imports them, and other modules from beside those. So sources are what the page is typed by, and the package is what runs.
 *
 * @param sources - the root of the sources
 * @param home - the folder of the package
 */
export const fromPackage = (sources: string, home: string): Plugin => ({
  name: 'from-package',
  setup({ onResolve, resolve: resolveBy }) {
    const entries = entriesOf(home)
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir, kind }) => {
      const source = relative(sources, resolve(resolveDir, path)).split(sep).join('/')
      const entry = entries.get(source)
      if (entry !== undefined) return resolveBy(entry, { resolveDir: home, kind })
      if (/^(\.\.|test|bench|examples)\//.test(source)) return undefined
      return { path: join(home, 'dist', source.replace(/\.ts$/, '.js')) }
    })
  },
})

/**
 * Bundles modules for a browser, each a file of its name in `/`; what they share is loaded once.
 * @param entries - the paths of modules by the names that they are served as, without an ending
 */
export const bundle = async (
  entries: Readonly<Record<string, string>>,
  plugins: readonly Plugin[] = [],
): Promise<ReadonlyMap<string, Uint8Array>> => {
  const { outputFiles } = await build({
    entryPoints: { ...entries },
    outdir: '/',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    plugins: [...plugins],
  })
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]))
}
