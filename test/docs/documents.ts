/** The documents that are held to what they say: their programs and commands, and how each is carried out. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import ts from 'typescript'
import { expect } from 'vitest'
import * as poolwright from '../../index.ts'
import * as layers from '../../layers/index.ts'
import * as cuda from '../../runtime/cuda/index.ts'
import * as webgpu from '../../runtime/webgpu/index.ts'
import * as specs from '../../specs/index.ts'
import '../children.ts'
import { call, folder } from '../cli/call.ts'
import { blocksOf, type Command, commandsOf, type Program, programsOf } from './code.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const paths = [
  'README.md',
  ...['tutorial', 'language', 'build', 'webgpu', 'cuda', 'layers', 'torch', 'tuning', 'store', 'architecture'].map(
    (name) => `docs/${name}.md`,
  ),
]
export const documents = paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
export const programs = documents.flatMap(({ path, text }) =>
  programsOf(blocksOf(text)).map((program) => ({ ...program, title: `${path}:${program.line}` })),
)

// What commands of documents remember is not the developer's own.
process.env.POOLWRIGHT_CACHE = folder()('store')

/** What stands behind the names of the package. */
const modules: Readonly<Record<string, object>> = {
  poolwright,
  'poolwright/specs': specs,
  'poolwright/layers': layers,
  'poolwright/cuda': cuda,
  'poolwright/webgpu': webgpu,
}
export const sources: Readonly<Record<string, string>> = {
  poolwright: 'index.ts',
  'poolwright/specs': 'specs/index.ts',
  'poolwright/layers': 'layers/index.ts',
  'poolwright/cuda': 'runtime/cuda/index.ts',
  'poolwright/webgpu': 'runtime/webgpu/index.ts',
}

/** Runs a program and gives what it printed, by lines. */
export const run = async ({ text }: Program): Promise<readonly string[]> => {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const script = ts.transpileModule(text, { compilerOptions: options }).outputText
  const body = script
    .replace(/^import \{([^}]*)\} from '([^']+)';?$/gm, (_, names: string, from: string) => {
      expect(Object.keys(modules)).toContain(from)
      return `const {${names.replaceAll(' as ', ': ')}} = modules['${from}']`
    })
    .replace(/^export /gm, '')
  const printed: string[] = []
  const log = (...values: readonly unknown[]) => printed.push(...format(...values).split('\n'))
  const AsyncFunction = (async () => undefined).constructor as new (
    ...args: readonly string[]
  ) => (mods: typeof modules, console: { readonly log: typeof log }) => Promise<void>
  await new AsyncFunction('modules', 'console', body)(modules, { log })
  return printed.map((line) => line.trimEnd())
}

/** A text as a pattern: a line that is `…` alone stands for any lines. */
const patternOf = (text: string): RegExp => {
  const lines = text.trimEnd().split('\n')
  const patterns = lines.map((line) => (line === '…' ? '[^]*' : line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${patterns.join('\n')}$`)
}

/** The commands of each document that has some. */
export const commandsByDocument: readonly { readonly path: string; readonly commands: readonly Command[] }[] = documents.map(
  ({ path, text }) => ({ path, commands: commandsOf(blocksOf(text)) }),
)

/** Calls the command line with files in a folder, those of the project that it names, as if in a clone, and folders to write. */
const callIn = async (at: (name: string) => string, words: readonly string[]) => {
  const placed = words.map((word, k) => {
    if (words[k - 1] === '--out') return at(word)
    const [, name = '', path = word] = /^(\w+=)(.+)$/.exec(word) ?? []
    if (!/^[\w./-]+\.(png|jpg|npy|json)$/.test(path)) return word
    const there = at(path)
    if (existsSync(join(root, path)) && !existsSync(there)) {
      mkdirSync(dirname(there), { recursive: true })
      copyFileSync(join(root, path), there)
    }
    return name + there
  })
  const { code, out, err } = await call(...placed)
  return { code, said: `${out}${err}`.replaceAll(at('/'), '').trimEnd() }
}

/** Calls commands in order and in one folder, since one may read what an earlier one wrote, and holds each to its promise. */
export const follow = async (at: (name: string) => string, commands: readonly Command[], title: string): Promise<void> => {
  for (const { words, exitCode, prints, line } of commands) {
    const { code, said } = await callIn(at, words)
    expect({ at: `${title}:${line}`, code, said: code === exitCode ? '' : said }).toEqual({
      at: `${title}:${line}`,
      code: exitCode,
      said: '',
    })
    if (prints !== undefined) expect(said).toMatch(patternOf(prints))
  }
}
