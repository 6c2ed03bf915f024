/**
 * Makes one module of what was built of dsl/chevrotain.ts and the packages that it imports, and writes their licences beside it:
 * who installs Poolwright then gets neither 700 files nor the time that it takes to open them.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../', import.meta.url))

const licenceOf = (name) => {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} says nothing of its licence`)
  return readFileSync(join(folder, file), 'utf8').trim()
}

/** Each text once, below the names and versions of the packages that it holds for. */
const licencesOf = (names) => {
  const holders = new Map()
  for (const name of names) {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
    const text = licenceOf(name)
    holders.set(text, [...(holders.get(text) ?? []), `${name} ${version}`])
  }
  return [...holders].map(([text, who]) => `${who.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`)
}

export const bundleChevrotain = async (dist) => {
  const path = join(dist, 'dsl/chevrotain.js')
  if (!existsSync(path)) throw new Error(`${path} is not there: build first`)
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile: path,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    metafile: true,
    banner: { js: '// Made of Chevrotain and of what it imports; see chevrotain.licences.txt.' },
  })
  const packages = Object.keys(metafile.inputs).flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [])
  writeFileSync(join(dist, 'dsl/chevrotain.licences.txt'), licencesOf([...new Set(packages)].sort()))
}
