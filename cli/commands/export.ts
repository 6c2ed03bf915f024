/** `poolwright export torch`: operators as a Python package for PyTorch, on the disk. */
import { isAbsolute, relative, resolve } from 'node:path'
import { PoolwrightError } from '../../dsl/errors.ts'
import { type GeometryOptions, type Layout, normaliseGeometry, type StorageType } from '../../dsl/geometry.ts'
import { nearest } from '../../dsl/names.ts'
import type { Operator } from '../../dsl/operator.ts'
import { storageTypes } from '../../dsl/storage.ts'
import { readOperators } from '../../runtime/build/spec.ts'
import { withDims } from '../../runtime/pool.ts'
import { geometryKey, readGeometryKey } from '../../runtime/torch/geometry-key.ts'
import { commonFiles, operatorFiles, type TorchPackageOptions } from '../../runtime/torch/package.ts'
import { specs } from '../../specs/index.ts'
import { readAttrs } from '../export/attrs.ts'
import { type Written, writePackage } from '../export/files.ts'
import { sharedFiles } from '../export/modules.ts'
import { whyNoName } from '../export/name.ts'
import { shellWord } from '../export/shell-word.ts'
import { Problems } from '../flags/values.ts'
import type { Io } from '../io.ts'
import { progressBar } from '../progress-bar.ts'

/** As commander gives them. */
export interface ExportFlags {
  readonly out?: string
  readonly name: string
  readonly geometry?: readonly string[]
  readonly dtype?: readonly string[]
  readonly layout?: readonly string[]
  readonly attr?: readonly string[]
  readonly json?: boolean
}

/** The windows that networks of pictures have most: halves, the overlapping halves and quarters of stems, and whole planes. */
const usualGeometries = ['k2', 'k3s2p1', 'k4', 'global2d'] as const
/** What networks are trained in; float64 is for proofs, which a CPU can do. */
const usualTypes: readonly StorageType[] = ['float32', 'float16', 'bfloat16']
const layouts: readonly Layout[] = ['channels-first', 'channels-last']

/** The words of a flag that are among some; all of those where it is not given. */
const readAmong = <T extends string>(
  flag: string,
  words: readonly string[] | undefined,
  among: readonly T[],
  usual: readonly T[],
  problems: Problems,
): readonly T[] => {
  const found = new Set<T>()
  for (const word of words ?? usual) {
    const one = among.find((known) => known === word)
    if (one !== undefined) found.add(one)
    else problems.add(`${flag} ${word}: there are ${among.join(', ')}`)
  }
  return [...found]
}

const readGeometries = (words: readonly string[], problems: Problems): readonly GeometryOptions[] => {
  const found = new Map<string, GeometryOptions>()
  for (const word of words) {
    try {
      const options = readGeometryKey(word)
      found.set(geometryKey(normaliseGeometry(options)), options)
    } catch (error) {
      if (!(error instanceof PoolwrightError)) throw error
      problems.add(`--geometry ${word}: ${error.message}`)
    }
  }
  return [...found.values()]
}

/** A word is a file of TypeScript, or the name of an operator of the house. */
const operatorsOf = async (
  word: string,
  problems: Problems,
): Promise<readonly { readonly operator: Operator; readonly geometry: GeometryOptions | undefined }[]> => {
  if (/\.[cm]?tsx?$/.test(word)) {
    try {
      return await readOperators(word)
    } catch (error) {
      if (!(error instanceof PoolwrightError)) throw error
      problems.add(error.message)
      return []
    }
  }
  const operator = specs.get(word)
  if (operator) return [{ operator, geometry: undefined }]
  const meant = nearest(word, specs.keys())
  problems.add(
    `there is no operator '${word}'. ${meant ? `Did you mean ${meant}?` : `There are ${[...specs.keys()].join(', ')}; or name a spec module, a file of TypeScript.`}`,
  )
  return []
}

/** Operators by name, once each. */
const gathered = (operators: readonly Operator[], problems: Problems): readonly Operator[] => {
  const named = new Map<string, Operator>()
  for (const one of operators) {
    const other = named.get(one.name)
    if (other && (other.formula !== one.formula || JSON.stringify(other.declarations) !== JSON.stringify(one.declarations)))
      problems.add(`two operators are called '${one.name}': give one of them another name`)
    named.set(one.name, one)
  }
  return [...named.values()]
}

/** What somebody types to have the same again. */
const commandOf = (words: readonly string[], out: string, flags: ExportFlags, dtypes: readonly StorageType[]): string => {
  const each = (flag: string, values: readonly string[] | undefined): readonly string[] =>
    (values ?? []).flatMap((value) => [flag, value])
  const given = [
    ...words,
    ...each('--geometry', flags.geometry ?? usualGeometries),
    ...each('--dtype', dtypes),
    ...each('--layout', flags.layout),
    ...each('--attr', flags.attr),
    ...(flags.name === 'poolwright_torch' ? [] : ['--name', flags.name]),
    '--out',
    out,
  ]
  return `npx poolwright export torch ${given.map(shellWord).join(' ')}`
}

const shown = (path: string): string => {
  const from = relative(process.cwd(), path)
  return from === '' ? '.' : from.startsWith('..') || isAbsolute(from) ? path : from
}

/** A folder as pip takes it, to which a bare word is a package of the internet's. */
const forPip = (path: string): string => shellWord(isAbsolute(path) || path.startsWith('.') ? path : `./${path}`)

const textOf = (folder: string, operators: readonly Operator[], written: Written): string =>
  `${shown(folder)}: ${operators.length} ${operators.length === 1 ? 'operator' : 'operators'}, ${written.files} files${
    written.removed > 0 ? `, ${written.removed} old ones removed` : ''
  }\nInstall it: pip install ${forPip(shown(folder))}\n`

/** Runs the command. Everything is made before anything is written. */
export const exportTorch = async (words: readonly string[], flags: ExportFlags, io: Io, version: string): Promise<void> => {
  const problems = new Problems()
  if (words.length === 0) problems.add('SPEC is missing: name operators, such as gaussian, or spec modules, such as mine.pool.ts')
  const { name, out = '' } = flags
  if (out === '') problems.add('--out is missing: name the folder of the package')
  const why = whyNoName(name)
  if (why !== undefined) problems.add(`--name ${name}: ${why}`)
  const dtypes = readAmong('--dtype', flags.dtype, storageTypes, usualTypes, problems)
  const asked = readAmong('--layout', flags.layout, layouts, layouts, problems)
  const found = (await Promise.all(words.map((word) => operatorsOf(word, problems)))).flat()
  const operators = gathered(
    found.map(({ operator }) => operator),
    problems,
  )
  const defined = found.flatMap(({ geometry }) => (geometry ? [geometryKey(normaliseGeometry(withDims(geometry)))] : []))
  const geometries = readGeometries([...(flags.geometry ?? usualGeometries), ...defined], problems)
  const attrs = readAttrs(flags.attr, operators, problems)
  problems.refuse()
  const options: TorchPackageOptions = {
    name,
    geometries,
    dtypes,
    layouts: asked,
    attrs,
    version,
    command: commandOf(words, out, flags, dtypes),
  }
  const folder = resolve(out)
  const bar = progressBar(io)
  const files = [...commonFiles(operators, options, await sharedFiles(name))]
  for (const [k, operator] of operators.entries()) {
    bar.show(k / operators.length, operator.name)
    files.push(...operatorFiles(operator, options))
    // So that Ctrl-C is heard.
    await new Promise(setImmediate)
  }
  bar.clear()
  const written = await writePackage(folder, name, files)
  if (flags.json)
    io.out(
      `${JSON.stringify({ folder: shown(folder), name, operators: operators.map(({ name }) => name), geometries: geometries.map((one) => geometryKey(normaliseGeometry(one))), dtypes, layouts: asked, ...written }, null, 2)}\n`,
    )
  else io.out(textOf(folder, operators, written))
}
