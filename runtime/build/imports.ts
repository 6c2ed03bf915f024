/**
 * What a file of a spec imports when it is run: where its text names that, and what it is. A package is found as Node finds it for
 * an import from the file's own folder.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { NoSubstitutionTemplateLiteral, SourceFile, StringLiteral } from 'ts-morph'
import { FileError } from '../../dsl/errors.ts'
import type { Place } from './scratch.ts'

/** A file that is read and run with the spec, anew each time; or the address of another, of a package or of Node's own. */
export type Imported = { readonly file: string } | { readonly address: string }

export const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/.test(path)

/** The names of what is imported that are left when types are gone, in the order of the text. */
export const importNames = async (source: SourceFile): Promise<readonly (StringLiteral | NoSubstitutionTemplateLiteral)[]> => {
  const { Node, SyntaxKind } = await import('ts-morph')
  const declared = [...source.getImportDeclarations(), ...source.getExportDeclarations()].flatMap((one) =>
    one.isTypeOnly() ? [] : [one.getModuleSpecifier()],
  )
  const called = source
    .getDescendantsOfKind(SyntaxKind.CallExpression)
    .flatMap((call) => (call.getExpression().getKind() === SyntaxKind.ImportKeyword ? [call.getArguments()[0]] : []))
  return [...declared, ...called]
    .filter((one) => Node.isStringLiteral(one) || Node.isNoSubstitutionTemplateLiteral(one))
    .sort((a, b) => a.getStart() - b.getStart())
}

/** A relative import's file: as it is written, or as bundlers and TypeScript allow it to be. */
const fileOf = (from: string, specifier: string): string => {
  const path = resolve(dirname(from), specifier)
  const written = path.replace(/\.([cm]?)js$/, '.$1ts')
  const found = [path, written, `${path}.ts`, join(path, 'index.ts')].find((one) => extname(one) !== '' && existsSync(one))
  if (found) return found
  throw new FileError(`${from}: imports '${specifier}', which is not there. Name a file, as in './operators.ts'.`)
}

/** A package's own name and its #imports are known only where it lies, and there Node tells them to `require` alone. */
const asRequired = (from: string, specifier: string): string => {
  try {
    return pathToFileURL(createRequire(from).resolve(specifier)).href
  } catch (error) {
    const [reason] = String((error as Error).message).split('\n')
    throw new FileError(
      `${from}: imports '${specifier}', which is not found there (${reason}). Install the package, or name what it exports.`,
    )
  }
}

const packageOf = (from: string, specifier: string, find: Place['find']): string => {
  // Our own is this one, wherever the spec lies: two of a kind would not know each other's errors.
  const findHere = /^poolwright(\/|$)/.test(specifier) ? import.meta.resolve : find
  try {
    return findHere(specifier)
  } catch {
    return asRequired(from, specifier)
  }
}

/** @throws FileError for what is not there */
export const importedBy = (from: string, specifier: string, find: Place['find']): Imported => {
  if (!specifier.startsWith('.')) return { address: packageOf(from, specifier, find) }
  const file = fileOf(from, specifier)
  return isTypeScript(file) || /\.m?jsx?$/.test(file) ? { file } : { address: pathToFileURL(file).href }
}
