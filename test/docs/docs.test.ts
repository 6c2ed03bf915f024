/**
 * The documents are held to what they say: their TypeScript type-checks, runs and prints what its `// =>` comments promise;
 * their commands run and print the text beneath them; their links lead to files.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as poolwright from '../../index.ts'
import * as specs from '../../specs/index.ts'
import { call, folder } from '../cli/call.ts'
import { blocksOf, type Command, commandsOf, linksOf, type Program, programsOf, promisedBy } from './code.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const documents = ['README.md', 'docs/tutorial.md', 'docs/language.md', 'docs/architecture.md'].map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}))
const programs = documents.flatMap(({ path, text }) =>
  programsOf(blocksOf(text)).map((program) => ({ ...program, title: `${path}:${program.line}` })),
)

/** What stands behind the names of the package. */
const modules: Readonly<Record<string, object>> = { poolwright, 'poolwright/specs': specs }
const sources: Readonly<Record<string, string>> = { poolwright: 'index.ts', 'poolwright/specs': 'specs/index.ts' }

/** Runs a program and gives what it printed, by lines. */
const run = async ({ text }: Program): Promise<readonly string[]> => {
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

describe('programs in the documents', () => {
  it.each(programs)('$title prints what it promises', async (program) => {
    expect(await run(program)).toEqual(promisedBy(program.text))
  })

  it('type-check', () => {
    const read = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent({ ...read.config, include: [], files: ['index.ts'] }, ts.sys, root)
    const texts = new Map(programs.map(({ text }, i) => [join(root, `document-${i}.ts`), text]))
    const host = ts.createCompilerHost({ ...options, noEmit: true })
    const { fileExists, readFile, getSourceFile } = host
    host.fileExists = (name) => texts.has(name) || fileExists(name)
    host.readFile = (name) => texts.get(name) ?? readFile(name)
    host.getSourceFile = (name, version, ...rest) => {
      const text = texts.get(name)
      return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version)
    }
    host.resolveModuleNameLiterals = (literals, containing, redirected, using) =>
      literals.map((literal) => {
        const source = sources[literal.text]
        if (source !== undefined) return { resolvedModule: { resolvedFileName: join(root, source), extension: '.ts' } }
        return ts.resolveModuleName(literal.text, containing, using, host, undefined, redirected, ts.ModuleKind.ESNext)
      })
    const program = ts.createProgram([...texts.keys()], { ...options, noEmit: true }, host)
    const found = [...texts.keys()].flatMap((name, i) => {
      const file = program.getSourceFile(name)
      const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
      return diagnostics.map(({ messageText }) => `${programs[i]?.title}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
    })
    expect(found).toEqual([])
  })
})

/** A text as a pattern: a line that is `…` alone stands for any lines. */
const patternOf = (text: string): RegExp => {
  const lines = text.trimEnd().split('\n')
  const patterns = lines.map((line) => (line === '…' ? '[^]*' : line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${patterns.join('\n')}$`)
}

describe('commands in the documents', () => {
  /** Calls the command line with files in a folder, and those of the project that it names, as if in a clone. */
  const callIn = async (at: (name: string) => string, words: readonly string[]) => {
    const placed = words.map((word) => {
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

  const inDocument = (commands: readonly Command[], title: string) => {
    const at = folder()
    it(`${title}: each does what it promises`, async () => {
      // In order and in one folder, since a command may read what an earlier one wrote.
      for (const { words, exitCode, prints, line } of commands) {
        const { code, said } = await callIn(at, words)
        expect({ at: `${title}:${line}`, code, said: code === exitCode ? '' : said }).toEqual({
          at: `${title}:${line}`,
          code: exitCode,
          said: '',
        })
        if (prints !== undefined) expect(said).toMatch(patternOf(prints))
      }
    })
  }
  for (const { path, text } of documents) {
    const commands = commandsOf(blocksOf(text))
    if (commands.length > 0) inDocument(commands, path)
  }
})

describe('links in the documents', () => {
  it.each(documents)('$path leads to files', ({ path, text }) => {
    const targets = linksOf(text).map((target) => target.replace(/#.*$/, ''))
    const broken = targets.filter((target) => target !== '' && !existsSync(join(root, dirname(path), target)))
    expect(broken).toEqual([])
  })
})
