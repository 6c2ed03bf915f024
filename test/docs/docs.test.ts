/**
 * The documents are held to what they say: their TypeScript type-checks, runs and prints what its `// =>` comments promise;
 * their commands run and print the text beneath them; their links lead to files. What needs NVRTC, an adapter or the package is
 * in nvrtc.test.ts, webgpu.test.ts and built.test.ts.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { folder } from '../cli/call.ts'
import { linksOf, needsNvrtc, needsPackage, needsWebGpu, promisedBy } from './code.ts'
import { commandsByDocument, documents, follow, programs, root, run, sources } from './documents.ts'

describe('programs in the documents', () => {
  it.each(programs.filter((one) => !needsNvrtc(one) && !needsWebGpu(one)))('$title prints what it promises', async (program) => {
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

describe('commands in the documents', () => {
  for (const { path, commands } of commandsByDocument) {
    const here = commands.filter((one) => !needsNvrtc(one) && !needsWebGpu(one) && !needsPackage(one))
    if (here.length === 0) continue
    const at = folder()
    it(`${path}: each does what it promises`, () => follow(at, here, path))
  }
})

describe('links in the documents', () => {
  it.each(documents)('$path leads to files', ({ path, text }) => {
    const targets = linksOf(text).map((target) => target.replace(/#.*$/, ''))
    const broken = targets.filter((target) => target !== '' && !existsSync(join(root, dirname(path), target)))
    expect(broken).toEqual([])
  })
})
