/** Runs a spec module: the TypeScript of it and of what it imports, without types, where Node finds the packages that it asks for. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { Project, SourceFile } from 'ts-morph'
import { ArgumentError, FileError, PoolwrightError } from '../../dsl/errors.ts'
import { type Imported, importedBy, importNames, isTypeScript } from './imports.ts'
import { whileRunning } from './running.ts'
import { type PlaceOf, withScratch } from './scratch.ts'

/** What a module exports when it is run, and its own text. */
export interface SpecModule {
  readonly exported: Readonly<Record<string, unknown>>
  readonly source: SourceFile
  /** The files that it was made of, itself first. */
  readonly files: readonly string[]
}

/** An import: where a file's text names it, and what it is. */
interface Import {
  readonly start: number
  readonly end: number
  readonly imported: Imported
}

/** Files with what they import, the spec first. */
type Files = ReadonlyMap<string, readonly Import[]>

/** @throws FileError for a file that is wrong, or imports what is not there */
const readAll = async (project: Project, path: string, placeOf: PlaceOf): Promise<Files> => {
  const files = new Map<string, readonly Import[]>([[path, []]])
  const missing: unknown[] = []
  // Those that are found on the way are gone through too.
  for (const file of files.keys()) {
    const { find } = await placeOf(file)
    const imports: Import[] = []
    for (const name of await importNames(project.addSourceFileAtPath(file))) {
      try {
        const imported = importedBy(file, name.getLiteralText(), find)
        imports.push({ start: name.getStart(), end: name.getEnd(), imported })
        if ('file' in imported && !files.has(imported.file)) files.set(imported.file, [])
      } catch (error) {
        missing.push(error)
      }
    }
    files.set(file, imports)
  }
  // One program of all files: a new one for each would take as long again for every file before it.
  const program = project.getProgram()
  for (const file of files.keys()) {
    const problems = program.getSyntacticDiagnostics(project.getSourceFileOrThrow(file))
    if (problems.length > 0) {
      const told = stripVTControlCharacters(project.formatDiagnosticsWithColorAndContext(problems))
      throw new FileError(`${told.trim()}\nMend the spec module.`)
    }
  }
  if (missing.length > 0) throw missing[0]
  return files
}

/** A module that believes to be where it was written, so that it finds what lies beside it. */
const withMetaOf = (file: string, text: string): string => {
  const meta = { url: pathToFileURL(file).href, dirname: dirname(file), filename: file }
  return `Object.assign(import.meta, ${JSON.stringify(meta)});\n${text.replace(/^#!.*/, '')}`
}

/** Writes the files' JavaScript to where it is run from. @returns the spec's address */
const compileAll = async (project: Project, files: Files, placeOf: PlaceOf): Promise<string> => {
  const { ts } = await import('ts-morph')
  const addresses = new Map<string, URL>()
  for (const file of files.keys()) addresses.set(file, pathToFileURL(join((await placeOf(file)).folder, `${addresses.size}.mjs`)))
  const addressOf = (imported: Imported): string => ('file' in imported ? addresses.get(imported.file)!.href : imported.address)
  for (const [file, imports] of files) {
    const text = imports.reduceRight(
      (before, { start, end, imported }) => before.slice(0, start) + JSON.stringify(addressOf(imported)) + before.slice(end),
      project.getSourceFileOrThrow(file).getFullText(),
    )
    // Each file by itself, without a look at types, which nobody asks for here and which take most of the time.
    const { outputText } = ts.transpileModule(text, { compilerOptions: project.getCompilerOptions(), fileName: file })
    await writeFile(addresses.get(file)!, withMetaOf(file, outputText))
  }
  const [entry] = addresses.values()
  return entry!.href
}

/** @param shown - the path as messages have it @throws ArgumentError of what the spec itself throws, with its path */
const run = async (shown: string, address: string): Promise<SpecModule['exported']> => {
  try {
    return await whileRunning(shown, async () => (await import(address)) as SpecModule['exported'])
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    // What the spec's own copy of Poolwright throws need not be of our classes.
    const isOurs =
      error instanceof PoolwrightError || (error instanceof Error && /^(Formula|Argument|Geometry)Error$/.test(error.name))
    throw new ArgumentError(
      `${shown}: ${isOurs ? said : `the spec module throws ${error instanceof Error ? error.name : ''}: ${said}`}`,
    )
  }
}

/** @throws FileError for what cannot be read, is wrong, or imports what is not there; ArgumentError for what throws */
export const runModule = async (path: string): Promise<SpecModule> => {
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
  return withScratch(async (placeOf) => {
    const files = await readAll(project, full, placeOf)
    const exported = await run(path, await compileAll(project, files, placeOf))
    return { exported, source: project.getSourceFileOrThrow(full), files: [...files.keys()] }
  })
}
