/**
 * Reads a spec module: the TypeScript of it and of what it imports, without types, run where Node finds the packages that it
 * asks for; and of what it exports, each kernel with the comment that its author wrote above it.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Project, SourceFile } from 'ts-morph'
import { ArgumentError, FileError, PoolwrightError } from '../../dsl/errors.ts'
import type { GeometryOptions } from '../../dsl/geometry.ts'
import type { Operator } from '../../dsl/operator.ts'
import { type Definition, definitionOf } from '../define.ts'
import { makeFolder } from '../node/make-folder.ts'

/** A kernel that a spec module exports. */
export interface SpecKernel {
  readonly name: string
  /** The author's comment above it; empty where there is none. */
  readonly words: string
  readonly definition: Definition
}

export interface Spec {
  readonly kernels: readonly SpecKernel[]
  /** The files that it was made of: when one changes, so may the spec. */
  readonly files: readonly string[]
}

/** An operator is plain data: that of another copy of Poolwright is one too. */
const isOperator = (value: unknown): value is Operator =>
  typeof value === 'object' &&
  value !== null &&
  'declarations' in value &&
  'formula' in value &&
  'results' in value &&
  'name' in value

const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/.test(path)

/** What is read and run anew each time, and so may change while somebody watches. */
const isRead = (found: string): boolean => !isAddress(found) && (isTypeScript(found) || /\.m?jsx?$/.test(found))

/** A relative import's file: as it is written, or as bundlers and TypeScript allow it to be. */
const fileOf = (from: string, specifier: string): string => {
  const path = resolve(dirname(from), specifier)
  const written = path.replace(/\.([cm]?)js$/, '.$1ts')
  const found = [path, written, `${path}.ts`, join(path, 'index.ts')].find((one) => extname(one) !== '' && existsSync(one))
  if (found) return found
  throw new FileError(`${from}: imports '${specifier}', which is not there. Name a file, as in './operators.ts'.`)
}

/** Whether an import is found as an address, of a package's file or of Node's own module. */
const isAddress = (found: string): boolean => /^(node|file):/.test(found)

const packageOf = (from: string, specifier: string): string => {
  // Our own is this one, wherever the spec lies: two of a kind would not know each other's errors.
  const resolver = createRequire(/^poolwright(\/|$)/.test(specifier) ? import.meta.url : from)
  try {
    const found = resolver.resolve(specifier)
    return isAbsolute(found) ? pathToFileURL(found).href : `node:${found.replace(/^node:/, '')}`
  } catch (error) {
    throw new FileError(`${from}: imports '${specifier}', which is not installed there (${String((error as Error).message)})`)
  }
}

/** The import and export declarations that are left when types are gone, in the order of the text. */
const importsOf = (source: SourceFile) =>
  [...source.getImportDeclarations(), ...source.getExportDeclarations()]
    .filter((one) => !one.isTypeOnly() && one.getModuleSpecifierValue() !== undefined)
    .sort((a, b) => a.getStart() - b.getStart())

/** What an import is of: a file, or the address of a package's. */
const foundBy = (file: string, specifier: string): string =>
  specifier.startsWith('.') ? fileOf(file, specifier) : packageOf(file, specifier)

/**
 * The spec and the files that it imports, itself first.
 * @throws FileError for one that is wrong, or imports what is not there
 */
const readAll = (project: Project, path: string): readonly string[] => {
  const files = new Set<string>()
  const missing: unknown[] = []
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    for (const one of importsOf(project.addSourceFileAtPath(file))) {
      try {
        const found = foundBy(file, one.getModuleSpecifierValue()!)
        if (isRead(found)) visit(found)
      } catch (error) {
        missing.push(error)
      }
    }
  }
  visit(path)
  // One program of all files: a new one for each would take as long again for every file before it.
  const program = project.getProgram()
  for (const file of files) {
    const problems = program.getSyntacticDiagnostics(project.getSourceFileOrThrow(file))
    if (problems.length > 0)
      throw new FileError(`${project.formatDiagnosticsWithColorAndContext(problems).trim()}\nMend the spec module.`)
  }
  if (missing.length > 0) throw missing[0]
  return [...files]
}

/** A new folder where Node finds what the spec's folder finds: in the cache of the nearest packages, or else the system's own. */
const scratchFolder = async (path: string): Promise<string> => {
  const name = `spec-${randomBytes(6).toString('hex')}`
  const homes: string[] = []
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) homes.push(join(folder, 'node_modules'))
  const home = homes.find((one) => existsSync(one))
  const own = join(tmpdir(), `poolwright-${name}`)
  const folder = home === undefined ? own : join(home, '.cache/poolwright', name)
  // Packages may be where nobody writes; a spec that imports none but ours runs anywhere.
  return makeFolder(folder).then(
    () => folder,
    async () => {
      await makeFolder(own)
      return own
    },
  )
}

/** Runs the spec's files from a folder that is gone afterwards. @throws what the spec itself throws, with its path */
const evaluate = async (
  shown: string,
  project: Project,
  files: readonly string[],
): Promise<Readonly<Record<string, unknown>>> => {
  const { ts } = await import('ts-morph')
  const path = files[0]!
  const folder = await scratchFolder(path)
  const places = new Map(files.map((file, k) => [file, join(folder, `${k}.mjs`)]))
  const addressOf = (found: string): string => (isAddress(found) ? found : pathToFileURL(places.get(found) ?? found).href)
  try {
    for (const [file, place] of places) {
      const source = project.getSourceFileOrThrow(file)
      const text = importsOf(source).reduceRight((before, one) => {
        const specifier = one.getModuleSpecifier()!
        const address = addressOf(foundBy(file, specifier.getLiteralValue()))
        return before.slice(0, specifier.getStart()) + JSON.stringify(address) + before.slice(specifier.getEnd())
      }, source.getFullText())
      // Each file by itself, without a look at types, which nobody asks for here and which take most of the time.
      await writeFile(
        place,
        ts.transpileModule(text, { compilerOptions: project.getCompilerOptions(), fileName: file }).outputText,
      )
    }
    return (await import(pathToFileURL(places.get(path)!).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    if (error instanceof FileError) throw error
    const said = error instanceof Error ? error.message : String(error)
    // What the spec's own copy of Poolwright throws need not be of our classes.
    const isOurs =
      error instanceof PoolwrightError || (error instanceof Error && /^(Formula|Argument|Geometry)Error$/.test(error.name))
    throw new ArgumentError(
      `${shown}: ${isOurs ? said : `the spec module throws ${error instanceof Error ? error.name : ''}: ${said}`}`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a module exports when it is run, and its own text. */
interface SpecModule {
  readonly exported: Readonly<Record<string, unknown>>
  readonly source: SourceFile
  readonly files: readonly string[]
}

/** @throws FileError for what cannot be read, is wrong, or imports what is not there; ArgumentError for what throws */
const runModule = async (path: string): Promise<SpecModule> => {
  const full = resolve(path)
  if (!existsSync(full)) throw new FileError(`${path}: is not there. Name a spec module, a file of TypeScript.`)
  if (!isTypeScript(full)) throw new FileError(`${path}: is no TypeScript. A spec module is a file such as gaussian.pool.ts.`)
  const { Project, ts } = await import('ts-morph')
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowJs: true,
      // What is emitted stays in memory; without a folder of its own, JavaScript would be overwritten, and is refused.
      outDir: 'built',
      isolatedModules: true,
      noResolve: true,
      noLib: true,
      removeComments: true,
    },
  })
  const files = readAll(project, full)
  return { exported: await evaluate(path, project, files), source: project.getSourceFileOrThrow(full), files }
}

/**
 * Reads a spec module and runs it.
 *
 * @param path - of a file of TypeScript
 * @throws FileError for one that cannot be read, is wrong, or imports what is not there; ArgumentError for one that exports no
 *   kernel, or throws
 */
export const readSpec = async (path: string): Promise<Spec> => {
  const { exported, source, files } = await runModule(path)
  const { Node } = await import('ts-morph')
  const wordsOf = (name: string): string => {
    const statement = source.getVariableDeclaration(name)?.getVariableStatement()
    const docs = statement && Node.isJSDocable(statement) ? statement.getJsDocs() : []
    return docs
      .map((doc) => doc.getInnerText())
      .join('\n\n')
      .trim()
  }
  const kernels = Object.entries(exported).flatMap(([name, value]): SpecKernel[] => {
    const definition = definitionOf(value)
    if (!definition) return []
    if (name === 'default' || !/^[A-Za-z_$][\w$]*$/.test(name))
      throw new ArgumentError(
        `${path}: exports a kernel as '${name}', which is no name of a constant: give it one, export const ${definition.operator.name} = …`,
      )
    return [{ name, words: wordsOf(name), definition }]
  })
  if (kernels.length === 0)
    throw new ArgumentError(
      `${path}: exports no kernel: export one, as in export const halve = defineKernel(operator, { kernelSize: 2, targets: ['js'] })`,
    )
  return { kernels, files }
}

/** An operator and, where the module defines a kernel of it, the windows that it is for. */
export interface SpecOperator {
  readonly operator: Operator
  readonly geometry: GeometryOptions | undefined
}

/**
 * The operators that a spec module exports, by themselves or in kernels.
 * @throws as {@link readSpec} does; ArgumentError for a module that exports none
 */
export const readOperators = async (path: string): Promise<readonly SpecOperator[]> => {
  const { exported } = await runModule(path)
  const found = Object.values(exported).flatMap((value): SpecOperator[] => {
    const defined = definitionOf(value)
    if (defined) return [{ operator: defined.operator, geometry: defined.options }]
    return isOperator(value) ? [{ operator: value, geometry: undefined }] : []
  })
  if (found.length === 0)
    throw new ArgumentError(
      `${path}: exports no operator: export one, as in export const mine = pool('mine', { x: input() }, 'mean(x)')`,
    )
  return found
}
