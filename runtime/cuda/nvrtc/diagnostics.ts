/**
 * NVRTC's log, read: each complaint with its line of the source. CUDA 11 prints no source lines and 13 does, so the lines shown
 * to a person are taken from the source itself, and look the same.
 */
import { CudaError } from '../errors.ts'

export type Severity = 'error' | 'warning' | 'remark'

export interface NvrtcDiagnostic {
  /** Of the source, from 1; absent where an option, or the assembler, is complained of. */
  readonly line?: number
  /** From 1; CUDA 12 and later say it. */
  readonly column?: number
  readonly severity: Severity
  readonly text: string
}

// A name may hold brackets, so the line number is what stands in the last ones before the severity.
const ofSource = /^.*\((\d+)\): (catastrophic error|internal error|error|warning|remark)(?: #[\w-]+)?: (.*)$/
const ofOption = /^nvrtc: (error|warning): (.*)$/
const ofAssembler = /^ptxas (?:.*; )?(fatal|error|warning) *: (.*)$/
const caret = /^(\s*)\^\s*$/
/** The compiler indents source lines by this much, and further lines of a message by more. */
const sourceIndent = 2
const furtherText = /^ {6,}\S/

const severityOf = (word: string): Severity => (word === 'warning' || word === 'remark' ? word : 'error')

/** Every complaint of a log, in its order. */
export const readDiagnostics = (log: string): readonly NvrtcDiagnostic[] => {
  const found: NvrtcDiagnostic[] = []
  const lines = log.split('\n')
  lines.forEach((line, index) => {
    const inSource = ofSource.exec(line)
    if (inSource) {
      const [, number = '', severity = '', first = ''] = inSource
      const texts = [first]
      let at = index + 1
      for (; furtherText.test(lines[at] ?? '') && !caret.test(lines[at + 1] ?? ''); at++) texts.push(lines[at]!.trim())
      const column = caret.exec(lines[at + 1] ?? '')?.[1]?.length
      found.push({
        line: Number(number),
        ...(column !== undefined && column >= sourceIndent && { column: column - sourceIndent + 1 }),
        severity: severityOf(severity),
        text: texts.join(' '),
      })
      return
    }
    const [, severity, text] = ofOption.exec(line) ?? ofAssembler.exec(line) ?? []
    if (severity !== undefined && text !== undefined) found.push({ severity: severityOf(severity), text })
  })
  return found
}

/** The most complaints that a message shows; `diagnostics` holds all. */
const mostShown = 5
/** Source lines before the marked one. */
const linesBefore = 2
/** The most characters of a source line that a message shows. */
const widest = 160

const picture = (source: readonly string[], line: number, column: number | undefined): string[] => {
  const width = String(line).length
  const shown: string[] = []
  for (let n = Math.max(1, line - linesBefore); n <= line; n++) {
    const text = source[n - 1]
    if (text === undefined) continue
    const cut = text.length > widest ? `${text.slice(0, widest)}…` : text
    shown.push(`${n === line ? '>' : ' '} ${String(n).padStart(width)} | ${cut}`)
  }
  if (shown.length > 0 && column !== undefined && column <= widest) {
    // Tabs stay tabs, so that the caret stands beneath its text however wide a terminal makes them.
    const indent = (source[line - 1] ?? '').slice(0, column - 1).replace(/[^\t]/g, ' ')
    shown.push(`  ${' '.repeat(width)} | ${indent.padEnd(column - 1)}^`)
  }
  return shown
}

/** What was compiled, as a message about it needs it. */
export interface Refused {
  readonly version: readonly [number, number]
  readonly name: string
  readonly source: string
  readonly flags: readonly string[]
  /** NVRTC's result code and its name. */
  readonly code: number
  readonly codeName: string
  readonly log: string
}

const message = ({ version, name, source, flags, codeName, log }: Refused, all: readonly NvrtcDiagnostic[]): string => {
  const lines = source.split(/\r?\n/)
  const errors = all.filter(({ severity }) => severity === 'error')
  const heading = `NVRTC ${version.join('.')} cannot compile ${name} with ${flags.join(' ')}: ${codeName}`
  // A code without a diagnostic says too little: the log, as it is, says more.
  if (errors.length === 0) return [heading, log.trim()].join('\n').trim()
  const blocks = errors.slice(0, mostShown).map(({ line, column, text }) => {
    if (line === undefined) return text
    const place = [name, line, ...(column === undefined ? [] : [column])].join(':')
    return [`${place}: ${text}`, ...picture(lines, line, column)].join('\n')
  })
  if (errors.length > mostShown) blocks.push(`… and ${errors.length - mostShown} more`)
  return [heading, ...blocks].join('\n\n')
}

/** A text, or an option, that NVRTC refuses. Its message shows the first errors on their marked source lines. */
export class NvrtcError extends CudaError {
  override name = 'NvrtcError'
  /** All that NVRTC complains of, warnings too. */
  readonly diagnostics: readonly NvrtcDiagnostic[]
  /** What was compiled, and NVRTC's answer as it is. */
  readonly refused: Refused

  constructor(refused: Refused) {
    const diagnostics = readDiagnostics(refused.log)
    super(message(refused, diagnostics))
    this.diagnostics = diagnostics
    this.refused = refused
  }
}
