/**
 * Compiles templates/**.hbs into templates/compiled.ts, so that what ships carries Handlebars' small runtime and neither its
 * compiler nor the template files. Templates hold no logic: a helper other than each, if and unless is refused here, and so
 * is a partial that does not exist; a field that the view lacks throws when the template is filled in.
 *
 * Beside them stands a hash of all that writes kernels, templates and emitters: what is remembered of kernels is told apart by
 * it. The text written depends on those files' text and names alone.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import Handlebars from 'handlebars'

const root = fileURLToPath(new URL('../templates/', import.meta.url))
const target = join(root, 'compiled.ts')

const helpers = new Set(['each', 'if', 'unless'])

/** Every template by its path below the folder without its ending, in the order of names. */
const readTemplates = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.hbs'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      name: relative(folder, path)
        .split(sep)
        .join('/')
        .replace(/\.hbs$/, ''),
      text: readFileSync(path, 'utf8'),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** Refuses what a template may not hold, with its place. */
class Rules extends Handlebars.Visitor {
  constructor(template, names) {
    super()
    this.template = template
    this.names = names
  }

  refuse(node, what) {
    throw new Error(`templates/${this.template}.hbs:${node.loc.start.line}: ${what}`)
  }

  BlockStatement(node) {
    if (!helpers.has(node.path.original))
      this.refuse(node, `{{#${node.path.original}}} is not allowed; a template has each, if and unless only`)
    super.BlockStatement(node)
  }

  MustacheStatement(node) {
    if (node.params.length > 0 || node.hash)
      this.refuse(node, `{{${node.path.original} …}} calls a helper; put the value into the view instead`)
    super.MustacheStatement(node)
  }

  SubExpression(node) {
    this.refuse(node, 'a call inside a call; put the value into the view instead')
  }

  PartialStatement(node) {
    if (!this.names.has(node.name.original)) this.refuse(node, `there is no partial '${node.name.original}'`)
    super.PartialStatement(node)
  }
}

const compile = ({ name, text }, names) => {
  const tree = Handlebars.parse(text)
  new Rules(name, names).accept(tree)
  const code = Handlebars.precompile(tree, { strict: true, noEscape: true, knownHelpersOnly: true })
  return `const ${identifier(name)} = handlebars.template(${code})\nhandlebars.registerPartial(${JSON.stringify(name)}, ${identifier(name)})\n`
}

const identifier = (name) => `_${name.replace(/[^A-Za-z0-9]/g, '_')}`

/** The folder of the emitters, and of the passes before them. */
const codegen = fileURLToPath(new URL('../codegen/', import.meta.url))

/** SHA-256 of every file that has to do with what kernels are written, with its path, in the order of paths. */
const generatorHash = () => {
  const files = [root, codegen].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(hbs|ts)$/.test(entry.name) && entry.name !== 'compiled.ts')
      .map((entry) => ({ folder, path: join(entry.parentPath, entry.name) })),
  )
  const hash = createHash('sha256')
  for (const { folder, path } of files.sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(relative(folder, path).split(sep).join('/')).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

/** The text of templates/compiled.ts. */
export const compiledSource = (folder = root) => {
  const templates = readTemplates(folder)
  const names = new Set(templates.map(({ name }) => name))
  const union = templates.map(({ name }) => JSON.stringify(name).replaceAll('"', "'")).join(' | ') || 'never'
  return `// @ts-nocheck: the code below is Handlebars' own output.
/** Made by scripts/compile-templates.mjs from templates/**.hbs; to change it, change those. */
import runtime from 'handlebars/runtime.js'

/** A template's path below templates/, without its ending. */
export type TemplateName = ${union}

/** A hash of all that writes kernels: templates, passes, emitters. */
export const generator = '${generatorHash()}'

const handlebars = runtime.create()
${templates.map((template) => compile(template, names)).join('')}
/** Every template, filled in with a view; a field that the view lacks throws. */
export const templates: Readonly<Record<TemplateName, (view: unknown) => string>> = {
${templates.map(({ name }) => `  '${name}': (view) => ${identifier(name)}(view),\n`).join('')}}
`
}

/** Writes templates/compiled.ts where it is out of date. */
export const compileTemplates = () => {
  const source = compiledSource()
  // An unchanged file keeps its time, so that watchers and incremental builds rest.
  if (!existsSync(target) || readFileSync(target, 'utf8') !== source) writeFileSync(target, source)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) compileTemplates()
