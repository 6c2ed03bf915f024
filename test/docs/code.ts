/** The code in the documents: which blocks there are, and what each is meant to print. */

/** A fenced block: its language, its text, and the line that it begins on. */
export interface CodeBlock {
  readonly language: string
  readonly text: string
  readonly line: number
}

/** Blocks in the order of the document. */
export const blocksOf = (markdown: string): readonly CodeBlock[] => {
  const blocks: CodeBlock[] = []
  let open: { language: string; line: number; lines: string[] } | undefined
  for (const [i, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)\s*$/.exec(line)
    if (open && fence) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') })
      open = undefined
    } else if (open) open.lines.push(line)
    else if (fence) open = { language: fence[1] ?? '', line: i + 2, lines: [] }
  }
  return blocks
}

/** A program of TypeScript: blocks in a row. One that begins with an import begins a program; any other goes on with it. */
export interface Program {
  readonly text: string
  readonly line: number
}

export const programsOf = (blocks: readonly CodeBlock[]): readonly Program[] => {
  const programs: Program[] = []
  for (const { language, text, line } of blocks) {
    if (language !== 'ts') continue
    const last = programs.at(-1)
    if (/^import /.test(text) || !last) programs.push({ text, line })
    else programs[programs.length - 1] = { text: `${last.text}\n${text}`, line: last.line }
  }
  return programs
}

/** What a program is meant to print: its `// =>` comments, a line each. */
export const promisedBy = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const promise = /\/\/ =>(?: (.*))?$/.exec(line)
    return promise ? [promise[1] ?? ''] : []
  })

/** A call of the command line in a document. */
export interface Command {
  readonly words: readonly string[]
  readonly exitCode: number
  readonly line: number
  /** What it is meant to print, where a block of text follows. */
  readonly prints?: string
}

/** The words of a shell's line: quotes, and a comment at the end. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"#]|(?<=\S)#)+|#.*$/g)]
    .map(([word]) => word)
    .filter((word) => !word.startsWith('#'))
    .map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''))

/** The lines of `sh` blocks that call `npx poolwright`. A comment `# exits 2` tells of another exit code than 0. */
export const commandsOf = (blocks: readonly CodeBlock[]): readonly Command[] =>
  blocks.flatMap((block, i) => {
    if (block.language !== 'sh') return []
    const lines = block.text.replace(/\\\n\s*/g, '').split('\n')
    const commands = lines.flatMap((line, k): Command[] => {
      if (!line.startsWith('npx poolwright ')) return []
      const exitCode = Number(/# exits (\d+)$/.exec(line)?.[1] ?? 0)
      return [{ words: wordsOf(line).slice(2), exitCode, line: block.line + k }]
    })
    const next = blocks[i + 1]
    const last = commands.at(-1)
    if (last && next?.language === 'text') commands[commands.length - 1] = { ...last, prints: next.text }
    return commands
  })

/** Whether a program or a command runs CUDA kernels, so that it needs NVRTC. To show their source does not. */
export const needsNvrtc = (of: Program | Command): boolean =>
  'text' in of
    ? of.text.includes("from 'poolwright/cuda'")
    : ['emulator', '--resources', 'sanitize'].some((word) => of.words.includes(word))

/** Whether a program or a command runs shaders, so that it needs an adapter of WebGPU. To show their source does not. */
export const needsWebGpu = (of: Program | Command): boolean =>
  'text' in of
    ? of.text.includes("from 'poolwright/webgpu'")
    : of.words.includes('webgpu') && ['run', 'check', 'tune', 'bench'].includes(of.words[0] ?? '')

/** Whether a command reads spec modules, which import the package by its name. */
export const needsPackage = ({ words }: Command): boolean => words[0] === 'build'

/** Links to files of the project: the targets in `[…](…)` that are no addresses. */
export const linksOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target))
